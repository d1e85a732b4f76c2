"""Which versions make room. A page saves every few seconds: a history of a thousand lines would be none, and a disk ends. Pure.

What stays for ever: the head, what was handed in, and what was marked as kept (MOST_MARKED of them; what is more is not marked).
An autosave is written over by the next while it is young, so that of a sitting one version for every few minutes remains, and the last.
For FRESH all of these stay, until they are OLD the last of each hour, then the last of each day. What was done on purpose (restored, begun
anew, uploaded, moved) and what lost a conflict stay, with the version right before each, while they are among the newest MOST_ACTS and
MOST_CONFLICTS; what is older is thinned like autosaves. Beyond MOST versions, or MOST_BYTES, the oldest autosaves go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

YOUNG = timedelta(minutes=5)
"""How long one version is written over before the next is begun."""
SITTING = timedelta(minutes=20)
"""A longer silence ends a sitting: how it ended is what one looks for the next day."""
FRESH = timedelta(days=2)
OLD = timedelta(days=14)
MOST = 500
MOST_BYTES = 256 << 20
"""Of notebooks, before they are compressed; of all versions that may make room together."""
MOST_ACTS = 100
MOST_CONFLICTS = 20
MOST_MARKED = 100
MOST_MARKED_BYTES = 64 << 20
"""Of notebooks, before they are compressed, and files."""


@dataclass(frozen=True)
class Kept:
    """What matters of a revision here. `began_at` is when its first save came, `saved_at` its last; `size` is of the notebook, in bytes;
    `marked` is whether the learner said to keep it.
    """

    id: int
    number: int
    kind: str
    began_at: datetime
    saved_at: datetime
    size: int
    is_head: bool
    handed_in: bool
    marked: bool

    @property
    def stays(self) -> bool:
        return self.is_head or self.handed_in or self.marked


def makes_room(head: Kept, now: datetime, *, keep: bool, is_newest: bool) -> bool:
    """Whether an autosave at `now` is written over `head`. With `keep`, `head` stays as it is. It is not the newest when something lost a
    conflict with it since.
    """
    return (
        not keep
        and is_newest
        and head.kind == "saved"
        and not head.handed_in
        and not head.marked
        and now - head.began_at < YOUNG
        and now - head.saved_at < SITTING
    )


def may_mark(sizes: Sequence[int], size: int) -> bool:
    """Whether a version of `size` bytes may be marked beside those that are, of `sizes`."""
    return len(sizes) < MOST_MARKED and sum(sizes) + size <= MOST_MARKED_BYTES


def to_drop(revisions: Sequence[Kept], now: datetime) -> list[int]:
    """The ids of the revisions to drop, by the rules above; hours and days are in UTC."""
    spared = _spared(revisions)
    loose = [each for each in revisions if not each.stays]
    loose.sort(key=lambda each: each.saved_at, reverse=True)
    wanted = [each for each in loose if each.id in spared]
    thinned = _last_of_each([each for each in loose if each.id not in spared], now)
    wanted += thinned[: max(MOST - len(wanted), 0)]
    fits = [size <= MOST_BYTES for size in accumulate(each.size for each in wanted)]
    remaining = {each.id for each, is_within in zip(wanted, fits, strict=True) if is_within}
    return [each.id for each in loose if each.id not in remaining]


def _spared(revisions: Sequence[Kept]) -> set[int]:
    """The newest of what was done on purpose and of what lost a conflict, and what was there right before each."""
    in_order = sorted(revisions, key=lambda each: each.number)
    before = {later.id: earlier.id for earlier, later in pairwise(in_order)}
    acts = [each.id for each in in_order if each.kind not in ("saved", "conflict")][-MOST_ACTS:]
    conflicts = [each.id for each in in_order if each.kind == "conflict"][-MOST_CONFLICTS:]
    return {*acts, *conflicts, *(before[each] for each in acts + conflicts if each in before)}


def _last_of_each(newest_first: Sequence[Kept], now: datetime) -> list[Kept]:
    """Of each hour or day, by age; what is fresh is by itself."""
    last: dict[object, Kept] = {}
    for each in newest_first:
        age, moment = now - each.saved_at, each.saved_at
        last.setdefault(
            each.id if age <= FRESH else (moment.date(), moment.hour) if age <= OLD else moment.date(), each
        )
    return list(last.values())
