"""What a company's page says of its levels: where each stands, what runs out when, and the shortest way on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from lms.certification.decision import LevelDecision
from lms.certification.evidence import Dossier
from lms.content.model import Catalogue
from lms.readiness.desk import warnings
from lms.readiness.lapses import lapses
from lms.readiness.looking import Look, look_at
from lms.readiness.states import LevelState, Stand
from lms.readiness.tables import LapseWarning
from lms.readiness.way import Efforts, Way, way_to
from lms.web.request import services
from lms.words import gettext as _

SHOWN_DAYS = 365


@dataclass(frozen=True)
class Bar:
    """Something that runs out: on `day`, after `share` (0 to 1) of the time that is drawn. `tone` is ok, warn or bad."""

    title: str
    levels: tuple[str, ...]
    day: date
    share: float
    tone: str


@dataclass(frozen=True)
class Rung:
    """A level as the company stands with it. `way` leads to it, where it is the next to be earned."""

    decided: LevelDecision
    stand: Stand
    way: Way | None

    @property
    def picture(self) -> str:
        """For the row of levels: held, next or later."""
        return "held" if self.stand.state.holds else "next" if self.way else "later"

    @property
    def is_far(self) -> bool:
        """Whether another level comes before it, so that its requirements need not fill the page."""
        return self.stand.state is LevelState.OPEN and self.decided.blocked_by is not None

    @property
    def state(self) -> str:
        """The chip that says where it stands."""
        if self.stand.state is LevelState.OPEN:
            return "waiting" if any(each.requirement.awaits for each in self.decided.missing) else "gap"
        where: str = self.stand.state.value
        return where


@dataclass(frozen=True)
class Outlook:
    """Everything at one moment. `ladder` are the levels, `machines` those on a machine."""

    look: Look
    ladder: tuple[Rung, ...]
    machines: tuple[Rung, ...]
    bars: tuple[Bar, ...]
    warnings: tuple[LapseWarning, ...]

    @property
    def rungs(self) -> tuple[Rung, ...]:
        return (*self.ladder, *self.machines)

    @property
    def held(self) -> Rung | None:
        """The highest that holds."""
        return next((each for each in reversed(self.ladder) if each.stand.state.holds), None)

    @property
    def next(self) -> Rung | None:
        return next((each for each in self.ladder if each.way is not None), None)


def outlook(
    session: Session,
    organisation_id: int,
    catalogue: Catalogue,
    dossiers: Mapping[int, Dossier],
    now: datetime,
) -> Outlook:
    """How a company stands at this moment. Nothing is written down."""
    look = look_at(session, services().shelf, [organisation_id], now=now)[organisation_id]
    efforts = efforts_of(catalogue, dossiers)
    rungs = [_rung(each, look, efforts) for each in look.decision.levels]
    return Outlook(
        look,
        tuple(each for each in rungs if not each.decided.level.machine),
        tuple(each for each in rungs if each.decided.level.machine),
        _bars(look),
        tuple(warnings(session, organisation_id, today=look.today)),
    )


def efforts_of(catalogue: Catalogue, dossiers: Mapping[int, Dossier]) -> Efforts:
    """What courses and labs take by their authors' word, and what each person has left of the courses they are in."""
    minutes: dict[str, int] = {course.id: course.minutes for course in catalogue.courses}
    minutes |= {lab.id: lab.minutes for lab in catalogue.labs}
    left = {
        (person, course): standing.progress.minutes_left
        for person, dossier in dossiers.items()
        for course, standing in dossier.courses.items()
    }
    return Efforts(minutes, labs_of(catalogue), left)


def labs_of(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    return {course.id: course.labs for course in catalogue.courses}


def ends_of(stand: Stand) -> str:
    """A sentence on where a level stands, without its dates."""
    return {
        LevelState.OPEN: _("Not earned yet"),
        LevelState.PROPOSED: _("Earned; the centre has yet to confirm it"),
        LevelState.GRANTED: _("Granted by the centre"),
        LevelState.LAPSING: _("Still holds, but is earned no more"),
        LevelState.SUSPENDED: _("Suspended: it does not hold for now"),
        LevelState.WITHDRAWN: _("Withdrawn by the centre"),
    }[stand.state]


def _rung(each: LevelDecision, look: Look, efforts: Efforts) -> Rung:
    is_next = each is look.decision.next or (
        bool(each.level.machine) and not each.earned and each.blocked_by is None
    )
    way = way_to(each.level.id, look.decision, efforts) if is_next else None
    return Rung(each, look.stands[each.level.id][1], way)


def _bars(look: Look) -> tuple[Bar, ...]:
    """Certificates that end, and requirements of what is earned or holds that will be met no more; each thing once."""
    found: dict[tuple[str, date], list[str]] = {}
    for level_id, certificate in look.certificates.items():
        if look.stands[level_id][1].state.holds and certificate.valid_until is not None:
            found.setdefault((_("The certificate ends"), certificate.valid_until.date()), []).append(level_id)
    for lapse in lapses(look.policy, look.company, look.today):
        decided = look.decision.level(lapse.level_id)
        if decided is not None and (decided.earned or look.stands[lapse.level_id][1].state.holds):
            found.setdefault((lapse.requirement.title, lapse.day), []).append(lapse.level_id)
    for level_id, (_before, stand, _cause) in look.stands.items():
        if stand.grace_until is not None:
            found.setdefault((_("The days of grace end"), stand.grace_until), []).append(level_id)
    bars = [
        Bar(title, tuple(dict.fromkeys(levels)), day, _share(look.today, day), _tone(look.today, day))
        for (title, day), levels in found.items()
    ]
    return tuple(sorted(bars, key=lambda bar: bar.day))


def _share(today: date, day: date) -> float:
    return min(1.0, max(0.0, (day - today).days / SHOWN_DAYS))


def _tone(today: date, day: date) -> str:
    left = day - today
    return "bad" if left <= timedelta(days=7) else "cut" if left <= timedelta(days=60) else "good"
