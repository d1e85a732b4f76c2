"""A history that can be read and does not grow for ever: a sitting leaves a version for every few minutes, an old day one, and what
somebody kept or handed in never goes.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lms.labs.work.thinning import (
    FRESH,
    MOST,
    MOST_ACTS,
    MOST_BYTES,
    MOST_CONFLICTS,
    MOST_MARKED,
    MOST_MARKED_BYTES,
    OLD,
    SITTING,
    YOUNG,
    Kept,
    makes_room,
    may_mark,
    to_drop,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def kept(id_=1, *, began=NOON, saved=None, **given):
    values = {"kind": "saved", "size": 1000, "is_head": False, "handed_in": False, "marked": False}
    return Kept(id=id_, number=id_, began_at=began, saved_at=saved or began, **{**values, **given})


class Work:
    """Saves as labs.work.save makes them, of versions that are only times."""

    def __init__(self):
        self.versions = []

    def save(self, now, **given):
        head = self.versions[-1] if self.versions else None
        if head and makes_room(head, now, keep=False, is_newest=True):
            self.versions[-1] = replace(head, saved_at=now)
            return
        if head:
            self.versions[-1] = replace(head, is_head=False)
        self.versions.append(kept(head.id + 1 if head else 0, began=now, is_head=True, **given))
        dropped = set(to_drop(self.versions, now))
        self.versions = [each for each in self.versions if each.id not in dropped]

    def sit(self, start, hours):
        """Autosaves, one every three seconds."""
        for number in range(int(hours * 1200)):
            self.save(start + 3 * number * SECOND)
        return start + 3 * (int(hours * 1200) - 1) * SECOND


def test_hours_of_autosaves_leave_a_version_for_every_few_minutes_and_the_last():
    work = Work()
    end = work.sit(NOON, hours=3)
    assert 30 <= len(work.versions) <= 36
    assert work.versions[-1].saved_at == end
    spans = [each.saved_at - each.began_at for each in work.versions]
    assert max(spans) < YOUNG
    gaps = [
        later.saved_at - earlier.saved_at
        for earlier, later in zip(work.versions, work.versions[1:], strict=False)
    ]
    assert max(gaps) <= YOUNG + 3 * SECOND


@pytest.mark.parametrize(
    ("head", "now", "room"),
    [
        (kept(), NOON + 3 * SECOND, True),
        (kept(), NOON + YOUNG - SECOND, True),
        (kept(), NOON + YOUNG, False),
        (kept(saved=NOON + YOUNG - SECOND), NOON + YOUNG, False),
        (kept(handed_in=True), NOON + SECOND, False),
        (kept(marked=True), NOON + SECOND, False),
        (kept(kind="restored"), NOON + SECOND, False),
        (kept(kind="started-over"), NOON + SECOND, False),
        (kept(kind="uploaded"), NOON + SECOND, False),
        (kept(kind="moved"), NOON + SECOND, False),
        (kept(kind="conflict"), NOON + SECOND, False),
    ],
)
def test_only_a_young_autosave_makes_room_for_the_next(head, now, room):
    assert makes_room(head, now, keep=False, is_newest=True) is room
    assert makes_room(head, now, keep=True, is_newest=True) is False
    # Something lost a conflict with it.
    assert makes_room(head, now, keep=False, is_newest=False) is False


def test_how_a_sitting_ended_is_there_the_next_day():
    work = Work()
    evening = work.sit(NOON, hours=1)
    work.sit(evening + SITTING, hours=1)
    work.sit(NOON + timedelta(days=1), hours=1)
    assert evening in {each.saved_at for each in work.versions}


def test_a_year_of_work_is_a_history_that_can_be_read_and_goes_back_to_its_first_day():
    work = Work()
    for day in range(365):
        for minutes in range(0, 120, 6):
            work.save(NOON + day * DAY + minutes * MINUTE)
    ages = {each: work.versions[-1].saved_at - each.saved_at for each in work.versions}
    assert len({each.saved_at.date() for each in work.versions}) == 365
    # Everything of two days, of two weeks how each hour ended, and of the rest how each day did.
    assert len([each for each, age in ages.items() if age <= FRESH]) == 41
    older = {
        (each.saved_at.hour, each.saved_at.minute) for each, age in ages.items() if FRESH + HOUR < age <= OLD
    }
    assert older == {(12, 54), (13, 54)}
    assert {(each.saved_at.hour, each.saved_at.minute) for each, age in ages.items() if age > OLD + DAY} == {
        (13, 54)
    }


def test_however_long_and_however_often_is_saved_a_work_has_its_most_versions_and_bytes():
    work = Work()
    for step in range(3 * MOST):
        work.save(NOON + step * YOUNG)
        assert len(work.versions) <= MOST + 1
    days = [kept(number, began=NOON - number * DAY) for number in range(3 * MOST)]
    assert to_drop(days, NOON) == list(range(MOST, 3 * MOST))
    large = [kept(number, began=NOON - number * MINUTE, size=MOST_BYTES // 10) for number in range(20)]
    assert to_drop(large, NOON) == list(range(10, 20))


@pytest.mark.parametrize("reason", ["handed_in", "is_head", "marked"])
def test_what_was_kept_or_handed_in_or_is_seen_is_never_dropped(reason):
    years_ago = NOON - 1000 * DAY
    autosaves = [kept(number, began=years_ago + number * SECOND) for number in range(MOST)]
    those = [
        kept(MOST + number, began=years_ago, size=MOST_BYTES, **{reason: True}) for number in range(3 * MOST)
    ]
    assert to_drop(autosaves + those, NOON) == [each.id for each in reversed(autosaves[:-1])]


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("conflict", MOST_CONFLICTS),
        ("restored", MOST_ACTS),
        ("started-over", MOST_ACTS),
        ("uploaded", MOST_ACTS),
        ("moved", MOST_ACTS),
    ],
)
def test_of_acts_and_conflicts_the_newest_stay_with_the_version_before_each(kind, most):
    years_ago = NOON - 1000 * DAY
    versions = [
        kept(2 * number + part, began=years_ago + (2 * number + part) * SECOND, kind=("saved", kind)[part])
        for number in range(most + 5)
        for part in (0, 1)
    ]
    # Of the others the last of the day remains, as of autosaves.
    assert sorted(to_drop(versions, NOON)) == list(range(9))


def test_where_bytes_are_short_autosaves_go_before_what_was_done_on_purpose():
    act = kept(1, began=NOON - DAY, kind="restored", size=MOST_BYTES - 500)
    autosaves = [kept(number, began=NOON - number * MINUTE, size=400) for number in (2, 3)]
    assert to_drop([act, *autosaves], NOON) == [3]


def test_so_much_may_be_marked_and_no_more():
    assert may_mark([1] * (MOST_MARKED - 1), 1)
    assert not may_mark([1] * MOST_MARKED, 1)
    assert may_mark([MOST_MARKED_BYTES - 1], 1)
    assert not may_mark([MOST_MARKED_BYTES], 1)
