"""A history that can be read: a sitting leaves a version for every few minutes, an old day one, and nothing done on purpose ever goes."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.labs.work.thinning import MOST, OLD, SITTING, YOUNG, Kept, makes_room, to_drop

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def kept(id_=1, *, began=NOON, saved=None, kind="saved", is_head=False, handed_in=False):
    return Kept(id_, kind, began, saved or began, is_head, handed_in)


class Work:
    """Saves as labs.work.save makes them, of versions that are only times."""

    def __init__(self):
        self.versions = []

    def save(self, now, *, kind="saved", keep=False):
        head = self.versions[-1] if self.versions else None
        if head and kind == "saved" and makes_room(head, now, keep=keep):
            self.versions[-1] = kept(head.id, began=head.began_at, saved=now, is_head=True)
            return
        if head:
            self.versions[-1] = Kept(
                *(getattr(head, name) for name in ("id", "kind", "began_at", "saved_at")),
                False,
                head.handed_in,
            )
        self.versions.append(
            kept(len(self.versions) and self.versions[-1].id + 1, began=now, kind=kind, is_head=True)
        )
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
        (kept(kind="restored"), NOON + SECOND, False),
        (kept(kind="started-over"), NOON + SECOND, False),
        (kept(kind="uploaded"), NOON + SECOND, False),
        (kept(kind="moved"), NOON + SECOND, False),
        (kept(kind="conflict"), NOON + SECOND, False),
    ],
)
def test_only_a_young_autosave_makes_room_for_the_next(head, now, room):
    assert makes_room(head, now, keep=False) is room
    assert makes_room(head, now, keep=True) is False


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
            work.save(NOON + timedelta(days=day, minutes=minutes))
    # Every day is there with how it ended; the last two weeks, and at least the newest MOST, in full.
    days = {each.saved_at.date() for each in work.versions}
    assert len(days) == 365
    assert len(work.versions) <= 365 + MOST + 20 * OLD.days
    now = work.versions[-1].saved_at
    assert all(
        each.saved_at.hour == 13 and each.saved_at.minute == 54
        for each in work.versions
        if now - each.saved_at > OLD + timedelta(days=1)
    )


@pytest.mark.parametrize(
    "on_purpose",
    [
        {"handed_in": True},
        {"is_head": True},
        {"kind": "conflict"},
        {"kind": "restored"},
        {"kind": "started-over"},
        {"kind": "uploaded"},
        {"kind": "moved"},
    ],
)
def test_nothing_done_on_purpose_is_ever_dropped(on_purpose):
    years_ago = NOON - timedelta(days=1000)
    autosaves = [kept(number, began=years_ago + number * SECOND) for number in range(3 * MOST)]
    same_day = [
        kept(1000 + number, began=years_ago + number * SECOND, **on_purpose) for number in range(3 * MOST)
    ]
    dropped = to_drop(autosaves + same_day, NOON)
    assert dropped
    assert all(number < 1000 for number in dropped)


def test_what_is_not_old_stays_however_much_there_is():
    week_ago = NOON - OLD + timedelta(hours=1)
    assert to_drop([kept(number, began=week_ago + number * SECOND) for number in range(5 * MOST)], NOON) == []
