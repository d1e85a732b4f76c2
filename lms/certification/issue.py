"""Issue a credential once. What a page shows as earned is what is issued: the same functions decide."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms import audit
from lms.certification.alignment import alignments_of
from lms.certification.company import Passed
from lms.certification.credential import (
    Achieved,
    Scored,
    Term,
    company_subject,
    compose,
    document_evidence,
    evidence_of,
    person_subject,
)
from lms.certification.decision import LevelDecision, decide
from lms.certification.evidence import CourseStanding, Dossier, company_of
from lms.certification.keys import claims_in, publish_keys
from lms.certification.passing import track_passed
from lms.certification.policy import months_after, read_policy
from lms.certification.press import Press, seal
from lms.certification.standing import State, is_renewable, state_of
from lms.certification.status import free_place
from lms.certification.tables import Credential
from lms.content.model import Course, Track
from lms.content.shelf import Shelf
from lms.errors import Conflict, NotFound
from lms.people.tables import Organisation
from lms.people.viewer import Viewer
from lms.words import gettext as _

_TRIES = 3
"""For a place in a status list that another process takes in the same moment: one in 131072 that it happens at all."""


@dataclass(frozen=True)
class _Holder:
    """Whose it is to be, and in which place of ours: see `Credential.slot`."""

    slot: str
    person_id: int | None = None
    organisation_id: int | None = None
    issued_by: int | None = None


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
        version=standing.course.version,
        alignments=alignments_of(standing.course),
        results=_results(session, shelf, standing, dossier),
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
    courses = [dossier.courses[each].course for each in track.courses]
    achieved = Achieved(
        kind="track",
        id=track.id,
        title=track.title,
        description=track.summary,
        criteria=_("Every course of the track passed."),
        alignments=tuple(dict.fromkeys(each for course in courses for each in alignments_of(course))),
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
    """A company's certificate for a level it has earned today; the one it holds, if that is valid and its end is not near. One that is over
    or about to be is superseded: issuing again is renewing. Raises NotFound, or Conflict that says what is missing.
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
    held = _held(session, slot)
    if held is not None:
        if state_of(held, now) is State.SUSPENDED:
            raise Conflict(_("The certificate of this level is suspended. Resume it, or revoke it first."))
        if not is_renewable(held, now):
            return held
        held.slot = None
        session.flush()
    # To the minute of issuing, so that the day is the same in whatever zone it is read.
    until = datetime.combine(months_after(now.date(), decision.level.valid_months), now.timetz())
    credential_id = str(uuid.uuid4())
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
            version=policy.version,
        ),
        company_subject(credential_id, organisation.name, organisation.url),
        _evidence(session, shelf, press, _shown(decision)) + _documents(decision),
        _Holder(slot, organisation_id=organisation.id, issued_by=by.id),
        credential_id=credential_id,
        release_id=live.id,
        term=Term(now, _awarded_at(held, now), until),
        reason=reason.strip()[:500],
        replaces=held,
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
    if (held := _held(session, slot)) is not None:
        return held
    credential_id = str(uuid.uuid4())
    return _sign(
        session,
        press,
        achieved,
        person_subject(credential_id, viewer.email, secrets.token_hex(8)),
        _evidence(session, shelf, press, shown),
        _Holder(slot, person_id=viewer.id),
        credential_id=credential_id,
        release_id=release_id,
        term=Term(now, now, None),
    )


def _sign(
    session: Session,
    press: Press,
    achieved: Achieved,
    subject: dict[str, Any],
    evidence: list[dict[str, Any]],
    holder: _Holder,
    *,
    credential_id: str,
    release_id: int,
    term: Term,
    reason: str = "",
    replaces: Credential | None = None,
) -> Credential:
    signer = press.signer
    publish_keys(session, signer, now=term.issued_at)
    for tries_left in reversed(range(_TRIES)):
        place = free_place(session, achieved.kind)
        document = compose(
            press.issuer, achieved, subject, evidence, credential_id=credential_id, term=term, status=place
        )
        sealed = seal(press.issuer, signer, document, term)
        credential = Credential(
            id=credential_id,
            slot=holder.slot,
            kind=achieved.kind,
            achievement_id=achieved.id,
            title=achieved.title,
            person_id=holder.person_id,
            organisation_id=holder.organisation_id,
            release_id=release_id,
            issued_at=term.issued_at,
            valid_until=term.valid_until,
            issued_by=holder.issued_by,
            reason=reason,
            kid=sealed.kid,
            jwt=sealed.jwt,
            proof_kid=sealed.proof_kid,
            document=sealed.document,
            status_purpose=place.purpose,
            status_list=place.number,
            status_index=place.index,
        )
        try:
            with session.begin_nested():
                session.add(credential)
            break
        except IntegrityError:
            raced = _held(session, holder.slot)
            if raced is not None:
                return raced
            if not tries_left:
                raise
    detail = {"slot": holder.slot, "release": release_id, "reason": reason}
    audit.record(
        session,
        "credential.issued" if replaces is None else "credential.renewed",
        f"credential:{credential_id}",
        actor_id=holder.issued_by if holder.issued_by is not None else holder.person_id,
        now=term.issued_at,
        detail=detail if replaces is None else {**detail, "replaces": replaces.id},
    )
    return credential


def _held(session: Session, slot: str) -> Credential | None:
    return session.scalar(select(Credential).where(Credential.slot == slot))


def _awarded_at(held: Credential | None, now: datetime) -> datetime:
    """When the first of this kind was awarded, as the one before says."""
    return now if held is None else datetime.fromisoformat(claims_in(held.jwt)["awardedDate"])


def _results(
    session: Session, shelf: Shelf, standing: CourseStanding, dossier: Dossier
) -> tuple[Scored, ...]:
    """The percentage of the course's questions, and the points of each of its labs."""
    studied, results = standing.progress, []
    if studied.points_total:
        percent = studied.points * 100 // studied.points_total
        results.append(
            Scored("questions", _("Questions"), percent, 100, standing.course.pass_mark, is_percent=True)
        )
    for lab_id in standing.course.labs:
        found = dossier.labs[lab_id]
        lab = shelf.edition(session, found.release_id).catalogue.lab_by_id[lab_id]
        needed = found.mark.max_points * lab.pass_mark / 100
        results.append(
            Scored(lab_id, f"{lab_id}: {lab.title}", found.mark.points, found.mark.max_points, needed)
        )
    return tuple(results)


def _shown(decision: LevelDecision) -> list[Passed]:
    """What the level rests on, of whoever meets it."""
    shown = []
    for finding in decision.findings:
        wanted = {("course", each) for each in finding.requirement.courses} | {
            ("lab", each) for each in finding.requirement.labs
        }
        shown += [
            each for member in finding.met_by for each in member.passed if (each.kind, each.id) in wanted
        ]
    return shown


def _documents(decision: LevelDecision) -> list[dict[str, Any]]:
    """The documents that it rests on: that there was somebody's word for each, and since when."""
    return [
        document_evidence(finding.requirement.title, finding.attested)
        for finding in decision.findings
        if finding.attested is not None
    ]


def _evidence(session: Session, shelf: Shelf, press: Press, shown: Sequence[Passed]) -> list[dict[str, Any]]:
    """Each different piece once, whoever showed it; proved on Slurm when one of them proved it."""
    pieces = set(shown)
    proved = {each for each in shown if each.on_slurm}
    found = []
    for each in sorted(pieces, key=lambda piece: (piece.kind, piece.id, piece.on, piece.release_id)):
        edition = shelf.edition(session, each.release_id)
        genre = "course"
        if each.kind == "lab":
            judges = ["machine"] + ["mentor"] * bool(edition.catalogue.lab_by_id[each.id].manual_points)
            genre = f"lab, graded by {' and '.join(judges)}"
            if each in proved:
                genre += ", proved on Slurm"
        found.append(evidence_of(press.issuer.base_url, each, genre, edition.digest))
    return found
