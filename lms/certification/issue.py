"""Issue a credential once. What a page shows as earned is what is issued: the same functions decide."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms import audit
from lms.certification.credential import (
    Achieved,
    Issuer,
    company_subject,
    compose,
    evidence_of,
    person_subject,
)
from lms.certification.evidence import Dossier, company_of
from lms.certification.keys import Signer, publish_key
from lms.certification.passing import track_passed
from lms.certification.policy import LevelDecision, Passed, decide, months_after, read_policy
from lms.certification.standing import State, state_of
from lms.certification.tables import Credential
from lms.content.model import Course, Track
from lms.content.shelf import Shelf
from lms.errors import Conflict, NotFound
from lms.people.tables import Organisation
from lms.people.viewer import Viewer
from lms.words import gettext as _


@dataclass(frozen=True)
class Press:
    """What it takes to issue: who signs, in whose name."""

    issuer: Issuer
    signer: Signer


def issue_for_course(
    session: Session,
    shelf: Shelf,
    press: Press,
    viewer: Viewer,
    course: Course,
    dossier: Dossier,
    *,
    now: datetime,
) -> Credential:
    """A person's certificate for a course they passed; the one they have, if they have one. Raises Conflict when it is not passed."""
    standing = dossier.courses.get(course.id)
    if standing is None or standing.passed is None:
        raise Conflict(_("This course is not passed yet: the course page says what is missing."))
    shown = [Passed("course", course.id, standing.passed.at.date(), standing.release_id)]
    shown += [each for each in dossier.passed if each.kind == "lab" and each.id in course.labs]
    achieved = Achieved(
        kind="course",
        id=course.id,
        title=standing.course.title,
        description=standing.course.summary,
        criteria=_("Every lesson completed, its questions answered, and every lab of the course passed."),
        skills=standing.course.skills,
    )
    return _to_person(session, shelf, press, viewer, achieved, shown, standing.release_id, now=now)


def issue_for_track(
    session: Session,
    shelf: Shelf,
    press: Press,
    viewer: Viewer,
    track: Track,
    dossier: Dossier,
    *,
    now: datetime,
) -> Credential:
    """The same for a track, every course of which was passed."""
    if track_passed(track, dossier.courses_passed) is None:
        raise Conflict(_("This track is not passed yet: a course of it is missing."))
    shown = [each for each in dossier.passed if each.kind == "course" and each.id in track.courses]
    skills = dict.fromkeys(skill for each in track.courses for skill in dossier.courses[each].course.skills)
    achieved = Achieved(
        kind="track",
        id=track.id,
        title=track.title,
        description=track.summary,
        criteria=_("Every course of the track passed."),
        skills=tuple(skills),
    )
    return _to_person(session, shelf, press, viewer, achieved, shown, shelf.live(session).id, now=now)


def issue_level(
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
    """A company's certificate for a level it has earned today; the one it holds, if that is valid. An expired one is superseded.
    Raises NotFound, or Conflict that says what is missing.
    """
    live = shelf.live(session)
    policy = read_policy(live.catalogue.policy)
    decision = decide(policy, company_of(session, shelf, organisation.id), now.date()).level(level_id)
    if decision is None:
        raise NotFound(_("There is no such level."))
    if not decision.earned:
        missing = " ".join(finding.sentence for finding in decision.missing)
        if decision.blocked_by:
            missing = _("Level %(id)s comes first.", id=decision.blocked_by) + " " + missing
        raise Conflict(
            _(
                "%(company)s has not earned this level. %(missing)s",
                company=organisation.name,
                missing=missing,
            )
        )
    slot = f"level:{level_id}:organisation:{organisation.id}"
    held = _holder(session, slot)
    if held is not None and state_of(held, now) is State.VALID:
        return held
    if held is not None:
        held.slot = None
        session.flush()
    credential_id = str(uuid.uuid4())
    # To the minute of issuing, so that the day is the same in whatever zone it is read.
    until = datetime.combine(months_after(now.date(), decision.level.valid_months), now.timetz())
    credential = _sign(
        session,
        press,
        Achieved(
            kind="level",
            id=level_id,
            title=_("%(level)s: ready for access", level=decision.level.title),
            description=decision.level.summary,
            criteria=" ".join(f"{finding.requirement.title}." for finding in decision.findings)
            + f" (Policy {policy.version})",
        ),
        company_subject(credential_id, organisation.name, organisation.url),
        _evidence(session, shelf, press, _pieces(decision)),
        slot=slot,
        credential_id=credential_id,
        organisation_id=organisation.id,
        release_id=live.id,
        valid_until=until,
        issued_by=by.id,
        reason=reason.strip()[:500],
        now=now,
    )
    if held is not None and credential.id != held.id:
        held.superseded_by = credential.id
    return credential


def _to_person(
    session: Session,
    shelf: Shelf,
    press: Press,
    viewer: Viewer,
    achieved: Achieved,
    shown: list[Passed],
    release_id: int,
    *,
    now: datetime,
) -> Credential:
    slot = f"{achieved.kind}:{achieved.id}:person:{viewer.id}"
    if (held := _holder(session, slot)) is not None:
        return held
    credential_id = str(uuid.uuid4())
    return _sign(
        session,
        press,
        achieved,
        person_subject(credential_id, viewer.email, secrets.token_hex(8)),
        _evidence(session, shelf, press, shown),
        slot=slot,
        credential_id=credential_id,
        person_id=viewer.id,
        release_id=release_id,
        valid_until=None,
        issued_by=None,
        reason="",
        now=now,
    )


def _sign(
    session: Session,
    press: Press,
    achieved: Achieved,
    subject: dict[str, Any],
    evidence: list[dict[str, Any]],
    *,
    slot: str,
    credential_id: str,
    release_id: int,
    valid_until: datetime | None,
    issued_by: int | None,
    reason: str,
    now: datetime,
    person_id: int | None = None,
    organisation_id: int | None = None,
) -> Credential:
    publish_key(session, press.signer, now=now)
    claims = compose(
        press.issuer,
        achieved,
        subject,
        evidence,
        credential_id=credential_id,
        issued_at=now,
        valid_until=valid_until,
    )
    credential = Credential(
        id=credential_id,
        slot=slot,
        kind=achieved.kind,
        achievement_id=achieved.id,
        title=achieved.title,
        person_id=person_id,
        organisation_id=organisation_id,
        release_id=release_id,
        issued_at=now,
        valid_until=valid_until,
        issued_by=issued_by,
        reason=reason,
        kid=press.signer.kid,
        jwt=press.signer.sign(claims, key_url=press.issuer.key_url(press.signer.kid)),
    )
    try:
        with session.begin_nested():
            session.add(credential)
    except IntegrityError:
        raced = _holder(session, slot)
        if raced is None:
            raise
        return raced
    audit.record(
        session,
        "credential.issued",
        f"credential:{credential_id}",
        actor_id=issued_by if issued_by is not None else person_id,
        now=now,
        detail={"slot": slot, "release": release_id, "reason": reason},
    )
    return credential


def _holder(session: Session, slot: str) -> Credential | None:
    return session.scalar(select(Credential).where(Credential.slot == slot))


def _pieces(decision: LevelDecision) -> list[Passed]:
    """What the level rests on: each different piece once, without saying whose it is."""
    pieces: dict[tuple[str, str, date, int], Passed] = {}
    for finding in decision.findings:
        wanted = {("course", each) for each in finding.requirement.courses} | {
            ("lab", each) for each in finding.requirement.labs
        }
        for member in finding.met_by:
            for each in member.passed:
                if (each.kind, each.id) in wanted:
                    pieces[each.kind, each.id, each.on, each.release_id] = each
    return [pieces[key] for key in sorted(pieces)]


def _evidence(session: Session, shelf: Shelf, press: Press, pieces: list[Passed]) -> list[dict[str, Any]]:
    found = []
    for each in pieces:
        edition = shelf.edition(session, each.release_id)
        genre = "course"
        if each.kind == "lab":
            marked = edition.catalogue.lab_by_id[each.id].manual_points
            genre = "lab, graded by machine and by a mentor" if marked else "lab, graded by machine"
        found.append(evidence_of(press.issuer.base_url, each, genre, edition.digest))
    return found
