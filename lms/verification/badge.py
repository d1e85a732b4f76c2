"""What a badge says, in short, whether or not it is true: for the page beside the checks. Every text is a stranger's."""

from dataclasses import dataclass
from typing import Any

from lms.verification.contexts import words_of
from lms.verification.dates import identifier
from lms.verification.read import Document
from lms.words import gettext as _

LONGEST = 400


@dataclass(frozen=True)
class Badge:
    """`id`, `issuer_id` and `subject_id` are identifiers as they stand in the badge; empty where it says nothing."""

    title: str
    description: str
    criteria: str
    id: str
    issuer_id: str
    issuer_name: str
    subject_id: str
    subject_name: str
    begins: str
    ends: str
    form: str


def badge_in(document: Document) -> Badge:
    body = document.body
    issuer, subject = _object(body.get("issuer")), _object(body.get("credentialSubject"))
    achievement = _object(subject.get("achievement"))
    return Badge(
        title=_text(achievement.get("name")) or _text(body.get("name")),
        description=_text(achievement.get("description")) or _text(body.get("description")),
        criteria=_text(_object(achievement.get("criteria")).get("narrative")),
        id=_text(body.get("id")),
        issuer_id=_text(identifier(body.get("issuer"))),
        issuer_name=_text(issuer.get("name")),
        subject_id=_text(identifier(body.get("credentialSubject"))),
        subject_name=_text(subject.get("name")),
        begins=_text(body.get("validFrom")),
        ends=_text(body.get("validUntil")),
        form=_form(document),
    )


def _form(document: Document) -> str:
    how = (
        _("signed as a JWT (%(how)s)", how=_text(document.header.get("alg")))
        if document.token
        else _("signed with a proof inside (%(how)s)", how=", ".join(_suites(document.body)) or "—")
    )
    where = {"png": _("baked into a PNG picture"), "svg": _("baked into an SVG picture")}.get(
        document.carrier
    )
    return f"{how}, {where}" if where else how


def _suites(body: dict[str, Any]) -> list[str]:
    proofs = body.get("proof")
    found = [_object(each) for each in (proofs if isinstance(proofs, list) else [proofs])]
    return [_text(name) for each in found for name in words_of(each.get("cryptosuite") or each.get("type"))]


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value.strip()[:LONGEST] if isinstance(value, str) else ""
