"""A certificate on paper: one A4 page as tagged PDF (PDF/UA-1 and PDF/A-3a), with its fonts and the signed credential inside, and a QR code
to its public page. Values in, bytes out.

The page says nothing of the certificate's state, since paper keeps saying it: that is for the address to tell. The same values in the same
language are the same bytes. Nothing is fetched, and no font of this machine is used: Libertinus comes with typst, and what it lacks is in
`fonts`. The page itself is `document.typ`, which gets every value as data.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
import typst
from babel.dates import format_date

from lms import words
from lms.certification.badge import picture
from lms.errors import NotFound
from lms.words import gettext as _

PAGE = Path(__file__).with_name("document.typ")
FONTS = Path(__file__).with_name("fonts")
PICTOGRAPHS = range(0x1F000, 0x1FB00)
"""Pictures, which no typeface for books draws."""
LONGEST = 1200
"""In letters: more than there is ever room for in one place, so that typesetting takes no long time over it."""
JOINERS = "\u200c\u200d"
"""Invisible, and part of how some scripts are spelt."""


@dataclass(frozen=True)
class Certificate:
    """What is on the page. `kind` is course, track or level; `criteria` what it took, a line each; `awarded_on` when the first of its kind
    was issued; `address` its public page; `signed` the exact text that was signed, a JSON document or a JWT.
    """

    kind: str
    holder: str
    title: str
    description: str
    criteria: tuple[str, ...]
    issuer: str
    issued_on: date
    awarded_on: date
    valid_until: date | None
    number: str
    address: str
    signed: str


def typeset(certificate: Certificate) -> bytes:
    """The PDF, in the language spoken. What is longer than there is room for at a readable size ends in an ellipsis. Raises NotFound when
    it names nobody, or has letters that no font has, which it then tells.
    """
    if not _drawable(certificate.holder):
        raise NotFound(
            _("This certificate names nobody, so there is no PDF of it. Its page and its signed file stay.")
        )
    return _compiled(json.dumps(_told(certificate)), certificate.issued_on)


@lru_cache(maxsize=64)
def _compiled(told: str, day: date) -> bytes:
    try:
        return typst.compile(
            PAGE,
            root=PAGE.parent,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"told": told},
            pdf_standards=["a-3a", "ua-1"],
            timestamp=datetime.combine(day, time(), UTC),
        )
    except typst.TypstError as error:
        missing = dict.fromkeys(re.findall(r'the text `"(.+?)"` could not be displayed', error.diagnostic))
        if not missing:
            raise
        raise NotFound(
            _(
                "This certificate has no PDF, since its typefaces lack the letters %(letters)s. Its page and its other forms have them.",
                letters=" ".join(missing),
            )
        ) from error


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])


def _told(certificate: Certificate) -> dict[str, Any]:
    """Everything that `document.typ` shows."""
    holder, title = _drawable(certificate.holder), _drawable(certificate.title)
    is_document = certificate.signed.startswith("{")
    return {
        "language": words.locale().language,
        "document_title": f"{title}, {holder}",
        "issuer": _drawable(certificate.issuer),
        "kind": {
            "course": _("Certificate of a course"),
            "track": _("Certificate of a track"),
            "level": _("Certificate of readiness"),
        }[certificate.kind],
        "before": _("This is to certify that"),
        "holder": holder,
        "after": {
            "course": _("has passed the course"),
            "track": _("has passed every course of the track"),
            "level": _("has met every requirement of"),
        }[certificate.kind],
        "title": title,
        "description": _drawable(certificate.description)[:LONGEST],
        "criteria_label": _("What it took"),
        "criteria": "\n".join(_drawable(line) for line in certificate.criteria)[:LONGEST],
        "facts": _facts(certificate),
        "number": _("Number %(number)s", number=certificate.number),
        "checked": _("Scan the code to see whether it is valid today, or go to"),
        "address": certificate.address,
        "qr": _code(certificate.address),
        "qr_says": _("QR code that leads to %(address)s", address=certificate.address),
        "badge": picture(certificate.kind, "svg").decode(),
        "badge_says": _("The badge of this certificate"),
        "signed": certificate.signed,
        "signed_as": "credential.json" if is_document else "credential.jwt",
        "signed_type": "application/vc" if is_document else "application/vc+jwt",
        "signed_says": _("The signed credential, which every verifier of Open Badges can check"),
    }


def _facts(certificate: Certificate) -> list[tuple[str, str]]:
    told = [(_("Issued"), certificate.issued_on)]
    if certificate.awarded_on != certificate.issued_on:
        told.append((_("First awarded"), certificate.awarded_on))
    if certificate.valid_until is not None:
        told.append((_("Valid until"), certificate.valid_until))
    return [(label, format_date(day, "long", locale=words.locale())) for label, day in told]


def _drawable(text: str) -> str:
    """`text` on one line, without what has no place on paper: control characters, marks that turn the direction round, and pictographs."""
    kept = (
        letter
        for letter in text
        if letter.isspace()
        or letter in JOINERS
        or (ord(letter) not in PICTOGRAPHS and unicodedata.category(letter) not in {"Cc", "Cf"})
    )
    return " ".join("".join(kept).split())


def _code(address: str) -> str:
    """The QR code of `address`, as SVG. A sixth of it may be lost to a fold or a stain."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=0, dark="#15252d", omitsize=True, xmldecl=False
    )
    return drawn.getvalue().decode()
