"""How long one waits for a grade: what is before it, what recent gradings took, how many graders were at work lately."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.labs.tables import Grading

RECENT = timedelta(days=1)
SAMPLE = 50
"""So many of the newest gradings tell what one takes; older ones may have been of other labs, on other machines."""
MOST_WAITS = 20_000


def ahead_of(session: Session, grading: Grading) -> int:
    """How many gradings are taken before this one."""
    sooner = (Grading.priority < grading.priority) | (
        (Grading.priority == grading.priority) & (Grading.id < grading.id)
    )
    query = select(func.count()).select_from(Grading).where(Grading.state == "queued", sooner)
    return session.scalar(query) or 0


@dataclass(frozen=True)
class History:
    """What the newest gradings took, in seconds, and how many graders did them."""

    durations: tuple[float, ...]
    graders: int


def history(session: Session, *, now: datetime) -> History:
    """Of the last SAMPLE gradings, none older than RECENT."""
    rows = session.execute(
        select(Grading.started_at, Grading.graded_at, Grading.worker)
        .where(Grading.graded_at > now - RECENT, Grading.started_at.is_not(None))
        .order_by(Grading.graded_at.desc())
        .limit(SAMPLE)
    ).all()
    return History(
        tuple((done - began).total_seconds() for began, done, _ in rows if began and done),
        len({worker for _, _, worker in rows}),
    )


def expected(past: History, ahead: int) -> float | None:
    """Seconds until a grading with `ahead` others before it is done, or None when nothing is known. Pure.

    The mean rather than the median: the few long ones are waited for as well.
    """
    if not past.durations:
        return None
    return fmean(past.durations) * (1 + ahead / past.graders)


@dataclass(frozen=True)
class Hour:
    """How long learners waited, in seconds, whose notebooks a machine took up in the hour from `began` on."""

    began: datetime
    count: int
    half: float
    longest: float


def waits(session: Session, *, hours: int, now: datetime) -> list[Hour]:
    """The last `hours` hours, the present one last. Regrades do not count: nobody waits for those."""
    first = _full_hour(now) - timedelta(hours=hours - 1)
    rows = session.execute(
        select(Grading.queued_at, Grading.started_at)
        .where(Grading.graded_at >= first, Grading.started_at.is_not(None), Grading.kind != "regrade")
        .order_by(Grading.graded_at.desc())
        .limit(MOST_WAITS)
    )
    return by_hour(((queued, started) for queued, started in rows if started), first, hours)


def by_hour(rows: Iterable[tuple[datetime, datetime]], first: datetime, hours: int) -> list[Hour]:
    """(queued, started) sorted into `hours` hours from `first` on. Pure."""
    waited: dict[datetime, list[float]] = {first + timedelta(hours=each): [] for each in range(hours)}
    for queued, started in rows:
        if (hour := _full_hour(started)) in waited:
            waited[hour].append((started - queued).total_seconds())
    return [_summary(began, seconds) for began, seconds in waited.items()]


def _summary(began: datetime, seconds: Sequence[float]) -> Hour:
    if not seconds:
        return Hour(began, 0, 0.0, 0.0)
    return Hour(began, len(seconds), median(seconds), max(seconds))


def _full_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
