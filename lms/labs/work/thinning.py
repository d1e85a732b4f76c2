"""Which autosaves make room. A page saves every few seconds; a history of a thousand lines would be none. Pure.

An autosave is written over by the next while it is young, so that of a sitting one version for every few minutes remains, and the last.
Of what is old, one a day remains. What somebody did on purpose (handed in, restored, began anew) and what lost a conflict stays for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

YOUNG = timedelta(minutes=5)
"""How long one version is written over before the next is begun."""
SITTING = timedelta(minutes=20)
"""A longer silence ends a sitting: how it ended is what one looks for the next day."""
OLD = timedelta(days=14)
MOST = 200
"""So many autosaves stay in any case, newest first, before old days are thinned."""


@dataclass(frozen=True)
class Kept:
    """What matters of a revision here. `began_at` is when its first save came, `saved_at` its last."""

    id: int
    kind: str
    began_at: datetime
    saved_at: datetime
    is_head: bool
    handed_in: bool


def makes_room(head: Kept, now: datetime, *, keep: bool) -> bool:
    """Whether an autosave at `now` is written over `head`. With `keep`, `head` stays as it is."""
    return (
        not keep
        and head.kind == "saved"
        and not head.handed_in
        and now - head.began_at < YOUNG
        and now - head.saved_at < SITTING
    )


def to_drop(revisions: Sequence[Kept], now: datetime) -> list[int]:
    """The ids of autosaves to drop: of those older than OLD and beyond the newest MOST, all but the last of each day (in UTC)."""
    saved = [each for each in revisions if each.kind == "saved" and not each.is_head and not each.handed_in]
    saved.sort(key=lambda each: each.saved_at, reverse=True)
    days = set()
    dropped = []
    for each in saved[MOST:]:
        day = each.saved_at.date()
        if day in days and now - each.saved_at > OLD:
            dropped.append(each.id)
        days.add(day)
    return dropped
