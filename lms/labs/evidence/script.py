"""The directives of a batch script, read as sbatch reads them, as far as a claim needs: what was asked.

The practice machine in the labs' folder reads scripts more closely, and finds faults; but it is course content, which a release may change
and only the sandbox imports. Here a directive that is not understood is passed over: a script that ran had none.
"""

import re
import shlex
from dataclasses import dataclass

from lms.labs.evidence.pieces import Piece, Place, Unreadable
from lms.labs.evidence.quantities import Unlimited
from lms.words import gettext as _

MOST_DIRECTIVES = 300

_LETTERS = {
    "A": "account", "a": "array", "c": "cpus-per-task", "G": "gpus", "J": "job-name", "N": "nodes", "n": "ntasks", "o": "output",
    "p": "partition", "q": "qos", "t": "time", "C": "constraint", "d": "dependency", "e": "error", "i": "input", "L": "licenses",
    "M": "clusters", "m": "distribution", "S": "core-spec", "w": "nodelist", "x": "exclude", "b": "begin", "D": "chdir",
    "B": "extra-node-info", "F": "nodefile",
}  # fmt: skip
_FLAGS = frozenset(
    {
        "contiguous", "exclusive", "get-user-env", "hold", "ignore-pbs", "nice", "no-kill", "no-requeue", "overcommit", "oversubscribe",
        "parsable", "propagate", "quiet", "reboot", "requeue", "spread-job", "test-only", "use-min-nodes", "verbose", "wait",
    }
)  # fmt: skip
_NAMES = {"tasks": "ntasks", "tasks-per-node": "ntasks-per-node"}
_TIME = re.compile(
    r"(?:(?P<d>\d{1,4})-(?P<dh>\d{1,4})(?::(?P<dm>\d{1,4}))?(?::(?P<ds>\d{1,4}))?)|(?:(?P<a>\d{1,6})(?::(?P<b>\d{1,4}))?(?::(?P<c>\d{1,4}))?)",
    re.ASCII,
)
_GRES = re.compile(r"(?:gres[:/])?gpu(?::[A-Za-z][\w.-]*)?(?::(?P<count>\d{1,4}))?(?:\(.*\))?", re.ASCII)


@dataclass(frozen=True)
class Script:
    """`asked` maps long names of options to (value, line); of several with one name, the last counts. `lines` is how many it has."""

    piece: str
    asked: dict[str, tuple[str, int]]
    lines: int

    def value(self, option: str) -> str:
        return self.asked.get(option, ("", 0))[0]

    def place(self, *options: str) -> Place | None:
        """Where the first of these stands."""
        return next((Place(self.piece, self.asked[each][1]) for each in options if each in self.asked), None)

    @property
    def nodes(self) -> int | None:
        """What `--nodes` asks for at least; None where the script leaves it to Slurm."""
        return _count(self.value("nodes").partition("-")[0])

    @property
    def tasks(self) -> int | None:
        if (whole := _count(self.value("ntasks"))) is not None:
            return whole
        each, nodes = _count(self.value("ntasks-per-node")), self.nodes or 1
        return None if each is None else each * nodes

    @property
    def gpus(self) -> int | None:
        """The GPUs asked for in all; 0 where none is asked for, None where it depends on what the script does not say."""
        nodes = self.nodes or 1
        if self.value("gpus"):
            return _gpus(self.value("gpus"))
        for option, times in (("gpus-per-node", nodes), ("gres", nodes), ("gpus-per-task", self.tasks)):
            text = self.value(option)
            each = _gres(text) if option == "gres" else _gpus(text)
            if each is not None:
                return None if times is None else each * times
        return 0

    @property
    def limit(self) -> int | Unlimited | None:
        """`--time` in seconds, rounded up to whole minutes as Slurm does."""
        text = self.value("time")
        if text.casefold() in ("infinite", "unlimited", "0"):
            return Unlimited()
        match = _TIME.fullmatch(text)
        if match is None:
            return None
        if match["d"]:
            hours = int(match["d"]) * 24 + int(match["dh"])
            seconds = hours * 3600 + int(match["dm"] or 0) * 60 + int(match["ds"] or 0)
        elif match["c"]:
            seconds = int(match["a"]) * 3600 + int(match["b"]) * 60 + int(match["c"])
        else:
            seconds = int(match["a"]) * 60 + int(match["b"] or 0)
        return -(-seconds // 60) * 60


def is_script(piece: Piece) -> bool:
    return piece.lines[0].startswith("#!") or any(line.startswith("#SBATCH") for line in piece.lines[:200])


def read_script(piece: Piece) -> Script:
    """Raises Unreadable."""
    asked: dict[str, tuple[str, int]] = {}
    directives = 0
    for number, line in enumerate(piece.lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            break  # sbatch reads no directive below the first command
        if not line.startswith("#SBATCH"):
            continue
        directives += 1
        if directives > MOST_DIRECTIVES:
            message = _("It has more than %(limit)s directives.", limit=MOST_DIRECTIVES)
            raise Unreadable(piece.name, number, message)
        for option, value in _options(_words(line.removeprefix("#SBATCH"))):
            asked[option] = (value, number)
    return Script(piece.name, asked, len(piece.lines))


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()  # a quote that is never closed: take the words as they stand


def _options(words: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(words):
        word, at = words[at], at + 1
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            option = _NAMES.get(name, name)
        elif word.startswith("-") and word[1:2] in _LETTERS:
            option, value, equals = _LETTERS[word[1]], word[2:], word[2:]
        else:
            continue
        if not equals and option not in _FLAGS and at < len(words):
            value, at = words[at], at + 1
        found.append((option, value))
    return found


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else None


def _gpus(text: str) -> int | None:
    """`4`, `mi250:4`, `a100:2,h100:2`: the count, which is 1 unless said; None for what cannot be one."""
    if text.isascii() and text.isdecimal():
        return _count(text)
    return _gres(",".join(f"gpu:{part}" for part in text.split(",")))


def _gres(text: str) -> int | None:
    """`gpu:4`, `gpu:a100:4,nvme:1`: the GPUs among them; None where there are none."""
    found = [match for part in text.split(",") if (match := _GRES.fullmatch(part))]
    return sum(int(match["count"] or 1) for match in found) if found else None
