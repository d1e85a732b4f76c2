"""Endorsements: a reviewer or a national centre puts its own signature beside a company's certificate, under its own did:web.

What they signed is an EndorsementCredential about the certificate or the company. It is checked before it is taken, kept to the byte,
and shown and served beside the certificate: whoever relies on it can check it again, without us.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms import audit
from lms.certification.keys import claims_in
from lms.certification.tables import Credential, Endorsement
from lms.errors import Conflict, Invalid
from lms.people.viewer import Viewer
from lms.verification.contexts import check_contexts, words_of
from lms.verification.dates import check_dates, identifier, moment
from lms.verification.keys import Download
from lms.verification.outcome import Finding
from lms.verification.read import Document, read
from lms.verification.signature import check_signatures, check_whole, keys_of, signatures_of
from lms.verification.status import check_status
from lms.words import gettext as _

LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class Endorsed:
    """An endorsement that holds: by whom, of what, what they say, and the text that they signed."""

    issuer: str
    issuer_name: str
    comment: str
    valid_from: datetime | None
    valid_until: datetime | None
    signed: str
    is_token: bool


def checked_endorsement(
    data: bytes, credential: Credential, *, download: Download, now: datetime
) -> Endorsed:
    """The endorsement of `credential` in `data`, JSON with an embedded proof or a JWT. `download` fetches what its issuer publishes.
    Raises Invalid that says what does not hold, and what `download` raises.
    """
    document = read(data)
    body = document.body
    claims = claims_in(credential.jwt)
    issuer = identifier(body.get("issuer")) or ""
    _require_about(body, {claims["id"], claims["sub"]})
    if not issuer.startswith("did:web:") or issuer == claims["iss"]:
        raise Invalid(_("An endorsement comes from somebody else, under a did:web address of their own."))
    try:
        signatures = signatures_of(document)
        keys = keys_of(issuer, signatures, download=download, now=now)
        check_signatures(document, signatures, keys, now)
        check_whole(document, signatures)
        check_contexts(document)
        check_dates(body, now)
        check_status(body, download=download, now=now)
    except Finding as found:
        raise Invalid(_("The endorsement does not hold. %(reason)s", reason=found.reason)) from found
    named = body["issuer"].get("name") if isinstance(body["issuer"], dict) else None
    comment = body["credentialSubject"].get("endorsementComment")
    return Endorsed(
        issuer,
        named if isinstance(named, str) else issuer,
        comment[:LONGEST_COMMENT] if isinstance(comment, str) else "",
        moment(body, "validFrom"),
        moment(body, "validUntil"),
        _text(document, data),
        bool(document.token),
    )


def endorse(
    session: Session, credential: Credential, endorsed: Endorsed, *, by: Viewer, now: datetime
) -> Endorsement:
    """Keep an endorsement beside a company's credential. Raises Conflict for a person's, and when it is there already."""
    if credential.organisation_id is None:
        raise Conflict(_("Only a company's certificate is endorsed."))
    endorsement = Endorsement(
        credential_id=credential.id,
        sha256=hashlib.sha256(endorsed.signed.encode()).hexdigest(),
        signed=endorsed.signed,
        is_token=endorsed.is_token,
        issuer=endorsed.issuer[:300],
        issuer_name=endorsed.issuer_name[:200],
        comment=endorsed.comment,
        valid_from=endorsed.valid_from,
        valid_until=endorsed.valid_until,
        accepted_by=by.id,
        accepted_at=now,
    )
    try:
        with session.begin_nested():
            session.add(endorsement)
    except IntegrityError:
        raise Conflict(_("This endorsement is there already.")) from None
    audit.record(
        session,
        "credential.endorsed",
        f"credential:{credential.id}",
        actor_id=by.id,
        now=now,
        detail={"issuer": endorsement.issuer, "sha256": endorsement.sha256},
    )
    return endorsement


def endorsements_of(session: Session, credential_id: str) -> list[Endorsement]:
    """In the order they came."""
    query = select(Endorsement).where(Endorsement.credential_id == credential_id).order_by(Endorsement.id)
    return list(session.scalars(query))


def as_signed(endorsements: list[Endorsement]) -> str:
    """All of them as JSON, under Open Badges' own names, each exactly as it was signed."""
    documents = ",".join(each.signed for each in endorsements if not each.is_token)
    tokens = json.dumps([each.signed for each in endorsements if each.is_token])
    return f'{{"endorsement":[{documents}],"endorsementJwt":{tokens}}}'


def _require_about(body: dict[str, Any], names: set[str]) -> None:
    subject = body.get("credentialSubject")
    if not {"VerifiableCredential", "EndorsementCredential"} <= set(words_of(body.get("type"))):
        raise Invalid(_("This is no endorsement: its type is not EndorsementCredential."))
    if not isinstance(subject, dict) or "EndorsementSubject" not in words_of(subject.get("type")):
        raise Invalid(_("This is no endorsement: its subject is not an EndorsementSubject."))
    if subject.get("id") not in names:
        raise Invalid(
            _(
                "It endorses something else. Its subject has to be one of: %(names)s.",
                names=", ".join(sorted(names)),
            )
        )


def _text(document: Document, data: bytes) -> str:
    """The text that was signed, out of whatever carried it."""
    if document.token:
        return document.token
    if document.carrier == "json":
        return data.decode("utf-8-sig").strip()
    raise Invalid(_("Give the endorsement itself, as JSON or a JWT, and no picture."))
