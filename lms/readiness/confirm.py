"""The centre's decisions. The policy has proposed; a person of the centre, who does not work for the company, confirms with a reason."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.certification.press import Press
from lms.certification.tables import Credential
from lms.content.shelf import Shelf
from lms.errors import Conflict, Forbidden, Invalid, NotFound
from lms.people.tables import Organisation
from lms.people.viewer import Viewer
from lms.readiness import credentials
from lms.readiness.evaluate import evaluate, note, write
from lms.readiness.looking import Look
from lms.readiness.states import LevelState, Stand
from lms.readiness.tables import Evaluation
from lms.words import gettext as _


@dataclass(frozen=True)
class _Seen:
    """What is decided upon: the company at this moment, where the level stands, and the evaluation that says so."""

    look: Look
    stand: Stand
    evaluation_id: int


def grant(
    session: Session,
    shelf: Shelf,
    press: Press,
    organisation: Organisation,
    level_id: str,
    *,
    by: Viewer,
    reason: str,
    now: datetime,
) -> Credential:
    """Confirm a level and issue its certificate; the valid one, when it was confirmed already, and a new one that supersedes it when
    it is to be renewed. Raises NotFound, or Conflict that says what is missing.
    """
    seen = _seen(session, shelf, organisation, level_id, by=by, now=now)
    stand = seen.stand
    if stand.state is LevelState.SUSPENDED:
        raise Conflict(_("This level is suspended. Take it back in, or withdraw it."))
    is_renewal = stand.state is LevelState.GRANTED and stand.waits_since is not None
    given = credentials.issue(session, shelf, press, organisation, level_id, by=by, reason=reason, now=now)
    if stand.state.holds and not is_renewal:
        return given
    _move(
        session, seen, level_id, replace(stand, credential_id=given.id), LevelState.GRANTED,
        "renewed" if is_renewal else "granted", by=by, reason=reason,
    )  # fmt: skip
    evaluate(session, shelf, organisation.id, cause="decided", by=by.id, now=now)
    return given


def suspend(
    session: Session,
    shelf: Shelf,
    organisation: Organisation,
    level_id: str,
    *,
    by: Viewer,
    reason: str,
    now: datetime,
) -> None:
    """The level does not hold for now, whatever the policy says. Raises Invalid without a reason, Conflict where it does not hold."""
    seen = _seen(session, shelf, organisation, level_id, by=by, now=now)
    stand = seen.stand
    reason = _required(reason)
    if not stand.state.holds or stand.credential_id is None:
        raise Conflict(_("Only a level that holds can be suspended."))
    credentials.suspend(session, stand.credential_id, by=by, reason=reason, now=now)
    held = replace(stand, is_held=True)
    _move(session, seen, level_id, held, LevelState.SUSPENDED, "suspended", by=by, reason=reason)


def resume(
    session: Session,
    shelf: Shelf,
    organisation: Organisation,
    level_id: str,
    *,
    by: Viewer,
    reason: str,
    now: datetime,
) -> None:
    """Take a suspended level back in. Raises Invalid without a reason, Conflict where it is not suspended, or not earned today."""
    seen = _seen(session, shelf, organisation, level_id, by=by, now=now)
    stand = seen.stand
    reason = _required(reason)
    if stand.state is not LevelState.SUSPENDED or stand.credential_id is None:
        raise Conflict(_("Only a suspended level can be taken back in."))
    if not stand.earned:
        decided = seen.look.decision.level(level_id)
        missing = " ".join(finding.sentence for finding in decided.missing) if decided else ""
        raise Conflict(_("The level is not earned today. %(missing)s", missing=missing).strip())
    credentials.resume(session, stand.credential_id, by=by, now=now)
    free = replace(stand, is_held=False)
    _move(session, seen, level_id, free, LevelState.GRANTED, "resumed", by=by, reason=reason)
    evaluate(session, shelf, organisation.id, cause="decided", by=by.id, now=now)


def withdraw(
    session: Session,
    shelf: Shelf,
    organisation: Organisation,
    level_id: str,
    *,
    by: Viewer,
    reason: str,
    now: datetime,
) -> None:
    """End a level for good; its certificate is revoked. Raises Invalid without a reason, Conflict where there is nothing to end."""
    seen = _seen(session, shelf, organisation, level_id, by=by, now=now)
    stand = seen.stand
    reason = _required(reason)
    if not (stand.state.holds or stand.state is LevelState.SUSPENDED) or stand.credential_id is None:
        raise Conflict(_("Only a level that was granted can be withdrawn."))
    credentials.end(session, stand.credential_id, by=by, reason=reason, now=now)
    _move(session, seen, level_id, stand, LevelState.WITHDRAWN, "withdrawn", by=by, reason=reason)


def may_decide(viewer: Viewer, organisation_id: int) -> bool:
    """Whether somebody decides for the centre about this company: its staff, but never about whom they work for."""
    return viewer.is_staff and all(each.id != organisation_id for each in viewer.companies)


def _seen(
    session: Session, shelf: Shelf, organisation: Organisation, level_id: str, *, by: Viewer, now: datetime
) -> _Seen:
    """The company as it is at the moment of deciding, and where the level stands then."""
    if not may_decide(by, organisation.id):
        raise Forbidden(_("The centre's staff decide, and never about the company they work for."))
    look = evaluate(session, shelf, organisation.id, cause="decided", by=by.id, now=now)
    if level_id not in look.stands:
        raise NotFound(_("There is no such level."))
    newest = select(func.max(Evaluation.id)).where(Evaluation.organisation_id == organisation.id)
    return _Seen(look, look.stands[level_id][1], session.scalars(newest).one())


def _move(
    session: Session,
    seen: _Seen,
    level_id: str,
    stand: Stand,
    state: LevelState,
    cause: str,
    *,
    by: Viewer,
    reason: str,
) -> None:
    """Write down that the level stands elsewhere now; `stand` is as it was, but for what the decision itself changed."""
    look = seen.look
    after = replace(
        stand,
        state=state,
        since=look.at,
        grace_until=None,
        waits_since=None,
        lapses_on=stand.lapses_on if state.holds else None,
    )
    write(session, look.organisation_id, level_id, after, seen.evaluation_id)
    note(
        session,
        look.organisation_id,
        level_id,
        stand.state,
        state,
        cause=cause,
        reason=reason.strip()[:500],
        actor_id=by.id,
        evaluation_id=seen.evaluation_id,
        now=look.at,
    )


def _required(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("Nothing was decided."), {"reason": _("Say why: the company sees it.")})
    return reason.strip()[:500]
