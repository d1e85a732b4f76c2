"""The value in which a reader of batch scripts reports a mistake: where it is, what it is called, what
follows from it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Severity = Literal[
    "error",  # the job is refused, never starts, fails, or is not the job one meant
    "warning",  # the job runs, but costs more than it must
]


class Code(StrEnum):
    """One name for each mistake these modules can tell apart."""

    EMPTY = "empty"
    NO_SHEBANG = "no-shebang"
    DOS_LINES = "dos-lines"
    AFTER_COMMAND = "after-command"
    LOOKALIKE = "lookalike"
    VARIABLE = "variable"
    BACKSLASH = "backslash"
    CONTINUED = "continued"
    UNMATCHED_QUOTE = "unmatched-quote"
    UNKNOWN_OPTION = "unknown-option"
    AMBIGUOUS_OPTION = "ambiguous-option"
    MISSING_VALUE = "missing-value"
    NEEDLESS_VALUE = "needless-value"
    NOT_AN_OPTION = "not-an-option"
    BAD_TIME = "bad-time"
    BAD_MEMORY = "bad-memory"
    BAD_NUMBER = "bad-number"
    MEMORY_TWICE = "memory-twice"
    NO_ACCOUNT = "no-account"
    ACCOUNT_FORM = "account-form"
    NO_PARTITION = "no-partition"
    PARTITION = "partition"
    NO_TIME = "no-time"
    TIME_LIMIT = "time-limit"
    NODES = "nodes"
    NO_GPU = "no-gpu"
    GPUS = "gpus"
    WHOLE_NODE = "whole-node"
    CORES = "cores"
    CORE_SHARE = "core-share"
    MEMORY = "memory"
    MEMORY_SHARE = "memory-share"
    NO_FOLDER = "no-folder"
    SAME_LOG = "same-log"


# The rows of the course's list of common mistakes; "" where the list has no row of its own.
MISTAKES: dict[Code, str] = {
    Code.EMPTY: "",
    Code.NO_SHEBANG: "M31",
    Code.DOS_LINES: "M31",
    Code.AFTER_COMMAND: "M31",
    Code.LOOKALIKE: "M31",
    Code.VARIABLE: "M31",
    Code.BACKSLASH: "M31",
    Code.CONTINUED: "M31",
    Code.UNMATCHED_QUOTE: "M31",
    Code.UNKNOWN_OPTION: "M18",
    Code.AMBIGUOUS_OPTION: "M18",
    Code.MISSING_VALUE: "M31",
    Code.NEEDLESS_VALUE: "M31",
    Code.NOT_AN_OPTION: "M31",
    Code.BAD_TIME: "",
    Code.BAD_MEMORY: "",
    Code.BAD_NUMBER: "",
    Code.MEMORY_TWICE: "M17",
    Code.NO_ACCOUNT: "M1",
    Code.ACCOUNT_FORM: "M1",
    Code.NO_PARTITION: "M1",
    Code.PARTITION: "M1",
    Code.NO_TIME: "M7",
    Code.TIME_LIMIT: "M7",
    Code.NODES: "M18",
    Code.NO_GPU: "M9",
    Code.GPUS: "M18",
    Code.WHOLE_NODE: "M8",
    Code.CORES: "M18",
    Code.CORE_SHARE: "M8",
    Code.MEMORY: "M17",
    Code.MEMORY_SHARE: "M8",
    Code.NO_FOLDER: "M15",
    Code.SAME_LOG: "M15",
}


@dataclass(frozen=True, order=True)
class Finding:
    """One mistake. `line` counts from 1; 0 means that something is missing from the file as a whole."""

    line: int
    code: Code
    message: str
    severity: Severity = "error"

    @property
    def mistake(self) -> str:
        """The row of the list of common mistakes (M1 … M40) this belongs to, or nothing."""
        return MISTAKES[self.code]

    @property
    def hint(self) -> str:
        """What a test may tell a learner: which mistake it is, without its place."""
        return f"{self.mistake}: {self.message}" if self.mistake else self.message

    def __str__(self) -> str:
        label = f"{self.mistake} " if self.mistake else ""
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{label}{self.code}: {self.message}"
