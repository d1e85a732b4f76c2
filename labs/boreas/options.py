"""The options of sbatch that may stand in a script: long name, short letter, and whether a value follows.

From the manual of sbatch (F§4, SLURM-DOC). An option missing here would be reported as unknown, so the list
is the whole of what the manual names, not what the labs need.
"""

from dataclasses import dataclass
from typing import Literal

Takes = Literal["value", "nothing", "maybe"]  # "maybe": only as --option=value


@dataclass(frozen=True)
class Option:
    name: str
    takes: Takes
    letter: str = ""


_VALUE = """
account:A acctg-freq array:a batch bb bbf begin chdir:D cluster-constraint clusters:M comment constraint:C
container container-id core-spec:S cores-per-socket cpu-freq cpus-per-gpu cpus-per-task:c deadline delay-boot
dependency:d distribution:m error:e exclude:x export export-file extra extra-node-info:B gid gpu-bind gpu-freq
gpus:G gpus-per-node gpus-per-socket gpus-per-task gres gres-flags hint input:i job-name:J kill-on-invalid-dep
licenses:L mail-type mail-user mcs-label mem mem-bind mem-per-cpu mem-per-gpu mincpus network nodefile:F
nodelist:w nodes:N ntasks:n ntasks-per-core ntasks-per-gpu ntasks-per-node ntasks-per-socket open-mode
output:o partition:p prefer priority profile qos:q reservation signal sockets-per-node switches thread-spec
threads-per-core time:t time-min tmp tres-bind tres-per-task uid wait-all-nodes wckey wrap
"""
_NOTHING = """
contiguous help:h hold:H ignore-pbs no-requeue overcommit:O oversubscribe:s quiet:Q reboot requeue spread-job
test-only usage use-min-nodes verbose:v version:V wait:W
"""
_MAYBE = "exclusive get-user-env nice no-kill:k parsable propagate"


def _table() -> dict[str, Option]:
    groups: tuple[tuple[str, Takes], ...] = ((_VALUE, "value"), (_NOTHING, "nothing"), (_MAYBE, "maybe"))
    options: dict[str, Option] = {}
    for words, takes in groups:
        for word in words.split():
            name, _, letter = word.partition(":")
            options[name] = Option(name, takes, letter)
    return options


OPTIONS: dict[str, Option] = _table()
LETTERS: dict[str, Option] = {each.letter: each for each in OPTIONS.values() if each.letter}
# Other spellings that sbatch takes for the same option.
SYNONYMS: dict[str, str] = {"tasks": "ntasks", "tasks-per-node": "ntasks-per-node", "cluster": "clusters"}


def candidates(name: str) -> tuple[Option, ...]:
    """The options a long name may mean: sbatch takes any beginning that fits only one of them."""
    if name in SYNONYMS:
        return (OPTIONS[SYNONYMS[name]],)
    if name in OPTIONS:
        return (OPTIONS[name],)
    return tuple(option for full, option in OPTIONS.items() if full.startswith(name))
