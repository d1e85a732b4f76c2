"""What a check says: passed, failed, or could not be told. What is not known to hold does not count as holding."""

import enum
import logging
from collections.abc import Callable
from dataclasses import dataclass

from lms.errors import SlipwayError
from lms.words import gettext as _

log = logging.getLogger(__name__)


class Outcome(enum.Enum):
    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """One point that was looked at. `reason` is a sentence for people, `detail` what a library says about it, for engineers."""

    name: str
    outcome: Outcome
    reason: str
    detail: str = ""


class Finding(Exception):
    """Ends a check early. `reason` is for people, `detail` for engineers."""

    outcome: Outcome

    def __init__(self, reason: str, detail: object = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, str(detail)[:500]


class Fails(Finding):
    """It does not hold."""

    outcome = Outcome.FAILED


class CannotTell(Finding):
    """Whether it holds cannot be known: something could not be fetched, or is of a kind that is not read here."""

    outcome = Outcome.UNKNOWN


def judged(name: str, look: Callable[[], str]) -> Check:
    """The check `name`: passed for the reason that `look` returns, or as it ended. Raises nothing: one check never hides another."""
    try:
        return Check(name, Outcome.PASSED, look())
    except Finding as found:
        return Check(name, found.outcome, found.reason, found.detail)
    except SlipwayError as refusal:  # what was to be fetched was not
        return Check(name, Outcome.UNKNOWN, refusal.message)
    except Exception:  # the bytes are a stranger's, and meet four libraries
        log.warning("check %s of a stranger's badge broke", name, exc_info=True)
        return Check(name, Outcome.UNKNOWN, _("This check could not be carried out on what is in the badge."))
