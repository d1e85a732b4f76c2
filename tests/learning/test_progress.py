"""What completed lessons and answers come to. Pure."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms.content.model import Course, Lesson, Outcome, Question
from lms.learning.progress import NOTHING, Record, progress

START = datetime(2026, 1, 1, tzinfo=UTC)


def question(name, points):
    return Question(id=name, kind="text", points=points, prompt="", explanation="", accept=("x",))


def lesson(name, *questions, outcomes=("can",)):
    return Lesson(
        id=name, title=name, minutes=10, outcomes=outcomes, labs=(), path="", source="", html="",
        questions=questions,
    )  # fmt: skip


def course(*lessons, pass_mark=60, outcomes=()):
    return Course(
        id="C", title="C", summary="", outcomes=outcomes, minutes=10, level="introductory", prerequisites=(), skills=(),
        authors=(), path="", html="", lessons=lessons, pass_mark=pass_mark, version="v",
    )  # fmt: skip


def at(hour):
    return START + timedelta(hours=hour)


LESSONS = ("L1", "L2", "L3")
SIZES = {("L1", "a"): 2, ("L1", "b"): 1, ("L3", "c"): 3}
COURSE = course(
    lesson("L1", question("a", 2), question("b", 1)), lesson("L2"), lesson("L3", question("c", 3))
)
hours = st.integers(0, 1000).map(at)
completions = st.dictionaries(st.sampled_from([*LESSONS, "gone"]), hours)
earnings = st.dictionaries(st.sampled_from([*SIZES, ("gone", "q")]), st.tuples(st.integers(0, 5), hours))


def test_nothing_done_is_no_progress_and_everything_done_is_studied():
    fresh = progress(COURSE, NOTHING)
    assert (fresh.lessons_done, fresh.lessons_total, fresh.points, fresh.points_total) == (0, 3, 0, 6)
    assert (fresh.minutes_left, fresh.studied_at) == (30, None)
    assert fresh.next_lesson.id == "L1"
    everything = Record(
        {each: at(number) for number, each in enumerate(LESSONS)},
        {key: (size, at(9)) for key, size in SIZES.items()},
    )
    done = progress(COURSE, everything)
    assert (done.lessons_done, done.points, done.minutes_left, done.next_lesson) == (3, 6, 0, None)
    assert done.studied_at == at(9)


def test_the_pass_mark_is_rounded_up():
    assert progress(course(lesson("L1", question("a", 7)), pass_mark=60), NOTHING).points_needed == 5
    assert progress(course(lesson("L1", question("a", 7)), pass_mark=0), NOTHING).points_needed == 0
    assert progress(course(lesson("L1")), NOTHING).points_needed == 0


def test_one_is_through_only_with_every_lesson_and_enough_points():
    completed = dict.fromkeys(LESSONS, at(1))
    assert progress(COURSE, Record(completed, {("L3", "c"): (3, at(5))})).studied_at is None
    enough = {("L3", "c"): (3, at(5)), ("L1", "b"): (1, at(2))}
    assert progress(COURSE, Record(completed, enough)).studied_at == at(5)
    assert progress(COURSE, Record({"L1": at(1), "L2": at(1)}, enough)).studied_at is None


def test_it_was_reached_when_the_last_needed_point_was_earned_not_when_the_last_was():
    completed = dict.fromkeys(LESSONS, at(1))
    earned = {("L3", "c"): (3, at(2)), ("L1", "b"): (1, at(4)), ("L1", "a"): (2, at(900))}
    assert progress(COURSE, Record(completed, earned)).studied_at == at(4)


def test_points_a_question_no_longer_gives_neither_count_nor_date_anything():
    smaller = course(lesson("L1", question("a", 1), question("b", 1)), pass_mark=100)
    record = Record({"L1": at(0)}, {("L1", "a"): (4, at(1)), ("L1", "b"): (1, at(7))})
    told = progress(smaller, record)
    assert (told.points, told.studied_at) == (2, at(7))


def test_outcomes_count_the_lessons_that_serve_them():
    two = course(
        lesson("L1", outcomes=("a", "b")),
        lesson("L2", outcomes=("b",)),
        outcomes=(Outcome("a", "A"), Outcome("b", "B")),
    )
    told = progress(two, Record({"L1": at(0)}, {}))
    assert [(each.id, each.done, each.total) for each in told.outcomes] == [("a", 1, 1), ("b", 1, 2)]


@given(completions, earnings, st.sampled_from([*LESSONS, "gone"]), hours)
def test_completing_a_lesson_never_lowers_progress(completed, earned, more, when):
    before = progress(COURSE, Record(completed, earned))
    after = progress(COURSE, Record({**completed, more: completed.get(more, when)}, earned))
    assert after.lessons_done >= before.lessons_done
    assert after.minutes_left <= before.minutes_left
    assert all(new.done >= old.done for old, new in zip(before.outcomes, after.outcomes, strict=True))
    assert before.studied_at is None or after.studied_at == before.studied_at


@given(completions, earnings, st.sampled_from(sorted(SIZES)), st.integers(1, 5), hours)
def test_a_better_answer_never_lowers_progress(completed, earned, key, points, when):
    before = progress(COURSE, Record(completed, earned))
    best = earned.get(key, (0, when))
    after = progress(COURSE, Record(completed, {**earned, key: (points, when) if points > best[0] else best}))
    assert after.points >= before.points
    assert before.studied_at is None or after.studied_at is not None


@given(completions, earnings)
def test_one_is_through_exactly_when_the_conditions_hold_and_never_before_the_last_lesson(completed, earned):
    told = progress(COURSE, Record(completed, earned))
    through = told.lessons_done == told.lessons_total and told.points >= told.points_needed
    assert (told.studied_at is not None) == through
    assert 0 <= told.points <= told.points_total
    assert 0 <= told.lessons_done <= told.lessons_total
    if told.studied_at is not None:
        moments = {completed[each] for each in LESSONS} | {earned[key][1] for key in SIZES if key in earned}
        assert told.studied_at in moments
        assert told.studied_at >= max(completed[each] for each in LESSONS)
