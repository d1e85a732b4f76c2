"""Is this company ready, for what, until when, and who says so: as a desk that allocates machines asks it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lms.certification.credential import Issuer
from lms.certification.policy import Policy
from lms.certification.standing import State, state_of
from lms.certification.tables import Credential
from lms.errors import NotFound
from lms.handover import events
from lms.people.tables import Organisation
from lms.readiness.looking import stand_of
from lms.readiness.states import LevelState, Stand
from lms.readiness.tables import LevelStanding
from lms.words import gettext as _

Found = tuple[Organisation, str, Stand]


def of_company(session: Session, issuer: Issuer, slug: str, *, now: datetime) -> dict[str, Any]:
    """Every level the company stands somewhere with. Raises NotFound."""
    organisation = session.scalar(select(Organisation).where(Organisation.slug == slug))
    if organisation is None:
        raise NotFound(
            _("There is no company “%(slug)s” here. /api/v1/readiness lists those that are known.", slug=slug)
        )
    found = _found(session, LevelStanding.organisation_id == organisation.id)
    levels = _levels(session, issuer, found, now=now)[organisation.id] if found else []
    return {**_head(issuer, now), **_company(organisation, levels)}


def of_all(
    session: Session, issuer: Issuer, policy: Policy, *, level: str = "", machine: str = "", now: datetime
) -> dict[str, Any]:
    """Every company that holds, held or is about to hold a level: of these, what is about this level or this machine, where said. Raises
    NotFound when the policy has no such level or machine, and no company stands anywhere with it.
    """
    found = _found(session, LevelStanding.state != LevelState.OPEN.value)
    known = [
        events.level_of(each) for each in [*(one.id for one in policy.levels), *(row[1] for row in found)]
    ]
    _require(level, {each["level"] for each in known}, _("level"))
    _require(machine, {each["machine"] for each in known if each["machine"]}, _("machine"))
    wanted = [row for row in found if _fits(events.level_of(row[1]), level, machine)]
    levels = _levels(session, issuer, wanted, now=now)
    companies = {organisation.id: organisation for organisation, *_rest in wanted}
    listed = [_company(each, levels[each.id]) for each in companies.values()]
    return {**_head(issuer, now), "organisations": listed}


def is_ready(stand: Stand, credential: Credential | None, now: datetime) -> bool:
    """Whether others may rely on it at this moment, whenever it was last looked at: the centre's word stands, its certificate is valid, and
    no grace is over.
    """
    if not stand.state.holds or credential is None or state_of(credential, now) is not State.VALID:
        return False
    return stand.grace_until is None or now.date() < stand.grace_until


def _head(issuer: Issuer, now: datetime) -> dict[str, Any]:
    return {"at": events.moment(now), "issuer": events.issuer_of(issuer)}


def _company(organisation: Organisation, levels: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "organisation": events.organisation_of(organisation.slug, organisation.name),
        "ready": any(each["ready"] for each in levels),
        "levels": levels,
    }


def _found(session: Session, wanted: ColumnElement[bool]) -> list[Found]:
    rows = session.execute(
        select(Organisation, LevelStanding)
        .join(LevelStanding, LevelStanding.organisation_id == Organisation.id)
        .where(wanted)
        .order_by(Organisation.name, Organisation.id, LevelStanding.level_id)
    )
    return [(organisation, row.level_id, stand_of(row)) for organisation, row in rows]


def _levels(
    session: Session, issuer: Issuer, found: list[Found], *, now: datetime
) -> dict[int, list[dict[str, Any]]]:
    ids = {stand.credential_id for *_rest, stand in found if stand.credential_id is not None}
    rows = session.scalars(select(Credential).where(Credential.id.in_(ids)))
    credentials = {row.id: row for row in rows}
    levels: dict[int, list[dict[str, Any]]] = {}
    for organisation, level_id, stand in found:
        credential = credentials.get(stand.credential_id or "")
        levels.setdefault(organisation.id, []).append(_level(issuer, level_id, stand, credential, now))
    return levels


def _level(
    issuer: Issuer, level_id: str, stand: Stand, credential: Credential | None, now: datetime
) -> dict[str, Any]:
    return {
        **events.level_of(level_id),
        "ready": is_ready(stand, credential, now),
        "state": stand.state.value,
        "since": events.moment(stand.since),
        **events.stand_of(stand),
        "credential": None
        if credential is None
        else {
            **events.credential_of(issuer, credential.id),
            "state": state_of(credential, now).value,
            "valid_until": None if credential.valid_until is None else events.moment(credential.valid_until),
        },
    }


def _fits(level: dict[str, Any], wanted: str, machine: str) -> bool:
    return (not wanted or level["level"] == wanted) and (not machine or level["machine"] == machine)


def _require(wanted: str, known: Iterable[str], what: str) -> None:
    if wanted and wanted not in set(known):
        raise NotFound(
            _(
                "The policy knows no %(what)s “%(wanted)s”. It knows: %(known)s.",
                what=what,
                wanted=wanted[:60],
                known=", ".join(sorted(known)) or "–",
            )
        )
