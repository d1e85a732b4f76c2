"""Everything that is known of companies at a moment, and what of it is new: as many queries for many companies as for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.certification.company import Company
from lms.certification.decision import Decision, decide
from lms.certification.evidence import companies_of
from lms.certification.policy import Policy, read_policy
from lms.certification.standing import is_renewable, state_of
from lms.certification.tables import Credential
from lms.content.shelf import Shelf
from lms.readiness.credentials import has_status
from lms.readiness.plain import Plain, digest_of, evidence_of, outcome_of
from lms.readiness.states import Facts, LevelState, Stand, follow
from lms.readiness.tables import Evaluation, LapseWarning, LevelStanding

WARNED_BEFORE = (7, 30, 60)
"""Days before a level lapses on which its company is told, the last first."""


@dataclass(frozen=True)
class Move:
    """A level's new standing, with why it moved ("" when only what is known of it changed)."""

    level_id: str
    before: Stand | None
    after: Stand
    cause: str


@dataclass(frozen=True)
class Warned:
    """That a level lapses on this day, in so many days or less."""

    level_id: str
    lapses_on: date
    days: int


@dataclass(frozen=True)
class Look:
    """One company at one moment. `latest` is the evaluation kept last; `warned` what was told already."""

    organisation_id: int
    at: datetime
    release_id: int
    policy: Policy
    policy_digest: str
    company: Company
    decision: Decision
    evidence: Plain
    outcome: Plain
    latest: Evaluation | None
    standings: dict[str, LevelStanding]
    certificates: dict[str, Credential]
    warned: frozenset[Warned]

    @property
    def today(self) -> date:
        return self.at.date()

    @property
    def is_new(self) -> bool:
        """Whether this is not what the latest evaluation says already."""
        return self.latest is None or (
            (self.policy_digest, self.evidence, self.outcome)
            != (self.latest.policy_digest, self.latest.evidence, self.latest.outcome)
        )

    @property
    def is_due(self) -> bool:
        """Whether there is anything to write down."""
        return self.is_new or bool(self.moves) or bool(self.warnings)

    @property
    def stands(self) -> dict[str, tuple[Stand | None, Stand, str]]:
        """Each level's standing as kept and as it has to be, with why it moves. Levels that the policy has dropped are in it while a
        company still stands somewhere with them.
        """
        levels = dict.fromkeys([*(level.id for level in self.policy.levels), *self.standings])
        found = {}
        for level_id in levels:
            before = stand_of(self.standings[level_id]) if level_id in self.standings else None
            found[level_id] = (before, *follow(before, self._facts(level_id), self.at))
        return found

    @property
    def moves(self) -> list[Move]:
        """What has to be written down of the levels. One that is open and always was is no news."""
        return [
            Move(level_id, before, after, cause)
            for level_id, (before, after, cause) in self.stands.items()
            if after != before and not (before is None and after.state is LevelState.OPEN)
        ]

    @property
    def warnings(self) -> list[Warned]:
        """What the company is to be told now."""
        due = []
        for level_id, (_before, after, _cause) in self.stands.items():
            if not after.state.holds or after.lapses_on is None or after.lapses_on < self.today:
                continue
            left = (after.lapses_on - self.today).days
            days = next((each for each in WARNED_BEFORE if left <= each), None)
            if days is not None:
                due.append(Warned(level_id, after.lapses_on, days))
        return [each for each in due if each not in self.warned]

    def _facts(self, level_id: str) -> Facts:
        decided = self.decision.level(level_id)
        lapses_on = self.outcome[level_id]["lapses_on"] if decided else None
        certificate = self.certificates.get(level_id)
        until = certificate.valid_until if certificate else None
        return Facts(
            today=self.today,
            earned=decided is not None and decided.earned,
            lapses_on=date.fromisoformat(lapses_on) if lapses_on else None,
            certificate=state_of(certificate, self.at).value if certificate else "",
            credential_id=certificate.id if certificate else None,
            ends_on=until.date() if until else None,
            grace_days=self.policy.grace_days,
            has_status=certificate is not None and has_status(certificate),
            is_renewable=certificate is not None and is_renewable(certificate, self.at),
        )


def look_at(
    session: Session, shelf: Shelf, organisation_ids: Iterable[int], *, now: datetime
) -> dict[int, Look]:
    """A Look at each of these companies."""
    ids = list(organisation_ids)
    live = shelf.live(session)
    policy, digest = read_policy(live.catalogue.policy), digest_of(live.catalogue.policy)
    companies = companies_of(session, shelf, ids)
    latest = _latest(session, ids)
    standings = standings_of(session, ids)
    certificates = _certificates(session, ids)
    warned = _warned(session, ids)
    looks = {}
    for each in ids:
        decision = decide(policy, companies[each], now.date())
        looks[each] = Look(
            organisation_id=each,
            at=now,
            release_id=live.id,
            policy=policy,
            policy_digest=digest,
            company=companies[each],
            decision=decision,
            evidence=evidence_of(companies[each]),
            outcome=outcome_of(policy, companies[each], decision, now.date()),
            latest=latest.get(each),
            standings=standings.get(each, {}),
            certificates=certificates.get(each, {}),
            warned=frozenset(warned.get(each, ())),
        )
    return looks


def stand_of(row: LevelStanding) -> Stand:
    return Stand(
        LevelState(row.state),
        row.since,
        row.earned,
        row.lapses_on,
        row.grace_until,
        row.credential_id,
        row.is_held,
        row.waits_since,
    )


def standings_of(session: Session, organisation_ids: list[int]) -> dict[int, dict[str, LevelStanding]]:
    """Where each company stands, by level id."""
    found: dict[int, dict[str, LevelStanding]] = {}
    for row in session.scalars(
        select(LevelStanding)
        .where(LevelStanding.organisation_id.in_(organisation_ids))
        .order_by(LevelStanding.id)
    ):
        found.setdefault(row.organisation_id, {})[row.level_id] = row
    return found


def _latest(session: Session, organisation_ids: list[int]) -> dict[int, Evaluation]:
    newest = (
        select(func.max(Evaluation.id))
        .where(Evaluation.organisation_id.in_(organisation_ids))
        .group_by(Evaluation.organisation_id)
    )
    rows = session.scalars(select(Evaluation).where(Evaluation.id.in_(newest)))
    return {row.organisation_id: row for row in rows}


def _certificates(session: Session, organisation_ids: list[int]) -> dict[int, dict[str, Credential]]:
    """The certificate of each level that counts now, or the newest of those that did: only one that counts has a slot."""
    found: dict[int, dict[str, Credential]] = {}
    for row in session.scalars(
        select(Credential)
        .where(Credential.kind == "level", Credential.organisation_id.in_(organisation_ids))
        .order_by(Credential.slot.is_not(None), Credential.issued_at, Credential.id)
    ):
        assert row.organisation_id is not None
        found.setdefault(row.organisation_id, {})[row.achievement_id] = row
    return found


def _warned(session: Session, organisation_ids: list[int]) -> dict[int, list[Warned]]:
    found: dict[int, list[Warned]] = {}
    for row in session.scalars(
        select(LapseWarning).where(LapseWarning.organisation_id.in_(organisation_ids))
    ):
        found.setdefault(row.organisation_id, []).append(Warned(row.level_id, row.lapses_on, row.days))
    return found
