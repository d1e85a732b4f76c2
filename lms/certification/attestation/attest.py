"""Give one's word for a company, and take it back. Nobody vouches as mentor or for the centre for whom they work for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import audit
from lms.certification.attestation.document import Upload, read
from lms.certification.attestation.tables import Attestation, AttestedDocument
from lms.certification.company import Attested
from lms.certification.policy import AUTHORITIES, Authority, Policy
from lms.db import insert_once
from lms.errors import Forbidden, Invalid, NotFound
from lms.people.tables import Organisation, Person
from lms.people.viewer import Viewer
from lms.words import gettext as _


@dataclass(frozen=True)
class Word:
    """What is vouched for. `until` of None is without an end."""

    kind: str
    note: str
    since: date
    until: date | None
    upload: Upload | None = None


def authority_of(viewer: Viewer, organisation_id: int) -> Authority | None:
    """As what somebody may speak for a company. A mentor or a member of staff who works there is no more than a member of it."""
    own = next((each for each in viewer.companies if each.id == organisation_id), None)
    if own is not None:
        return "lead" if own.is_lead else None
    if viewer.is_staff:
        return "staff"
    return "mentor" if viewer.is_mentor else None


def access_to_attest(session: Session, viewer: Viewer, slug: str) -> Organisation:
    """A company, for who may speak for it: its leads, the centre's staff, mentors who do not work there."""
    organisation = session.scalar(select(Organisation).where(Organisation.slug == slug))
    if organisation is None or authority_of(viewer, organisation.id) is None:
        raise NotFound(_("There is no such company, or it is not yours to see."))
    return organisation


def may_attest(policy: Policy, kind: str, authority: Authority | None) -> bool:
    """Whether this word is enough for one of the policy's requirements at least."""
    least = policy.attested_by(kind)
    return (
        least is not None
        and authority is not None
        and AUTHORITIES.index(authority) >= AUTHORITIES.index(least)
    )


def attest(
    session: Session, organisation: Organisation, policy: Policy, word: Word, *, by: Viewer, now: datetime
) -> Attestation:
    """Raises NotFound for a document nobody asks for, Forbidden where this person's word is not enough, Invalid with every field
    that is wrong.
    """
    if policy.attested_by(word.kind) is None:
        raise NotFound(_("No level asks for such a document."))
    authority = authority_of(by, organisation.id)
    if authority is None or not may_attest(policy, word.kind, authority):
        raise Forbidden(
            _("This needs the word of somebody else: of the centre, or of a mentor who does not work there.")
        )
    note = word.note.strip()
    if fields := _problems(word, note, now.date()):
        raise Invalid(_("Some fields need another look."), fields)
    document = read(word.upload) if word.upload is not None else None
    if document is not None:
        insert_once(
            session,
            AttestedDocument,
            sha256=document.sha256,
            media=document.media,
            size=len(document.data),
            data=document.data,
        )
    attestation = Attestation(
        organisation_id=organisation.id,
        kind=word.kind,
        note=note,
        document_sha256=document.sha256 if document else None,
        document_name=document.name if document else "",
        valid_from=word.since,
        valid_until=word.until,
        authority=authority,
        attested_by=by.id,
        attested_at=now,
    )
    session.add(attestation)
    session.flush()
    _record(session, "attestation.given", attestation, by=by, now=now, kind=word.kind, authority=authority)
    return attestation


def withdraw(session: Session, attestation: Attestation, *, by: Viewer, reason: str, now: datetime) -> None:
    """Take a word back: one's own, as a lead any of one's company's leads, as staff anybody's. Raises Forbidden, or Invalid without
    a reason; twice is once.
    """
    authority = authority_of(by, attestation.organisation_id)
    as_lead = authority == "lead" and attestation.authority == "lead"
    if not (attestation.attested_by == by.id or as_lead or authority == "staff"):
        raise Forbidden(_("Only who gave this word, or the centre, can take it back."))
    if not reason.strip():
        raise Invalid(_("It was not withdrawn."), {"reason": _("Say why: the company sees it.")})
    if attestation.withdrawn_at is not None:
        return
    attestation.withdrawn_at, attestation.withdrawn_by = now, by.id
    attestation.withdrawal_reason = reason.strip()[:500]
    _record(session, "attestation.withdrawn", attestation, by=by, now=now, reason=reason.strip()[:500])


def attestations_of(session: Session, organisation_id: int) -> list[tuple[Attestation, Person]]:
    """All of a company's, withdrawn ones too, with who gave them; newest first."""
    rows = session.execute(
        select(Attestation, Person)
        .join(Person, Person.id == Attestation.attested_by)
        .where(Attestation.organisation_id == organisation_id)
        .order_by(Attestation.id.desc())
    )
    return [(attestation, person) for attestation, person in rows]


def attestation_of(session: Session, organisation: Organisation, attestation_id: int) -> Attestation:
    """Raises NotFound."""
    attestation = session.get(Attestation, attestation_id)
    if attestation is None or attestation.organisation_id != organisation.id:
        raise NotFound(_("There is no such attestation."))
    return attestation


def attested_by_company(session: Session, organisation_ids: Iterable[int]) -> dict[int, tuple[Attested, ...]]:
    """What stands for each company, as the policy reads it, in one query."""
    found: dict[int, list[Attested]] = {each: [] for each in organisation_ids}
    rows = session.scalars(
        select(Attestation)
        .where(Attestation.organisation_id.in_(list(found)), Attestation.withdrawn_at.is_(None))
        .order_by(Attestation.id)
    )
    for each in rows:
        authority = next(name for name in AUTHORITIES if name == each.authority)
        found[each.organisation_id].append(
            Attested(each.kind, each.valid_from, each.valid_until, authority, f"attestation:{each.id}")
        )
    return {company: tuple(words) for company, words in found.items()}


def _problems(word: Word, note: str, today: date) -> dict[str, str]:
    fields = {}
    if not note:
        fields["note"] = _("Say what you saw or know: names, places, versions.")
    elif len(note) > 2000:
        fields["note"] = _("At most 2000 characters, please.")
    if word.since > today:
        fields["since"] = _("A day that has come, please: what will be so cannot be attested yet.")
    if word.until is not None and word.until < max(word.since, today):
        fields["until"] = _("A day from today on, please, or none.")
    return fields


def _record(
    session: Session, action: str, attestation: Attestation, *, by: Viewer, now: datetime, **detail: str
) -> None:
    detail["attestation"] = str(attestation.id)
    subject = f"organisation:{attestation.organisation_id}"
    audit.record(session, action, subject, actor_id=by.id, now=now, detail=dict(detail))
