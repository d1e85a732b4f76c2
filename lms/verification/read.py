"""Bytes to a credential: JSON with embedded proof, a JWT, or a PNG or SVG that one is baked into. Strict, and bounded before it is read.

What two readers may read differently is refused here: a name that stands twice in one object, numbers that are none, base64 that is
spelled another way, two credentials in one picture.
"""

import base64
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

import defusedxml.ElementTree
from openbadgeslib.baking import ITXT_KEYWORD_OB3, SVG_NS_OB3, extract_png

from lms.errors import Invalid
from lms.words import gettext as _

MOST_PICTURE = 4 * 2**20
MOST_TEXT = 256 * 1024
"""Bytes. The latter is what openbadgeslib takes, and far more than a credential needs."""
DEEPEST = 36

PNG = b"\x89PNG\r\n\x1a\n"
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


class Unreadable(Invalid):
    """There is no Open Badge 3.0 in these bytes, or one that could be read in two ways."""


@dataclass(frozen=True)
class Document:
    """A signed document. `carrier` is json, jwt, png or svg; `token` and `header` are a JWT's and empty for an embedded proof."""

    carrier: str
    body: dict[str, Any]
    token: str = ""
    header: dict[str, Any] = field(default_factory=dict)


def read(data: bytes) -> Document:
    """Raises Unreadable, with a sentence that says what it is instead, where that can be seen."""
    if data.startswith(PNG):
        return _document(_in_png(data), "png")
    text = _text(data)
    if text.startswith("<"):
        return _document(_in_svg(data), "svg")
    return _document(text, "jwt" if not text.startswith(("{", "[")) else "json")


def _document(text: str, carrier: str) -> Document:
    if len(text.encode()) > MOST_TEXT:
        raise Unreadable(
            _("The badge is larger than any that is read here (%(most)s bytes).", most=MOST_TEXT)
        )
    if text.startswith(("{", "[")):
        body = strict_json(text)
        if isinstance(body, list):
            raise Unreadable(_("This is a list. Give one badge of it at a time."))
        _refuse_others(body)
        return Document(carrier, body)
    if "~" in text and COMPACT.match(text):
        raise Unreadable(
            _("This is an SD-JWT, as wallets hold them. Open Badges are not signed in this form.")
        )
    if not COMPACT.fullmatch(text):
        raise Unreadable(
            _(
                "This is neither JSON nor a signed token, nor a picture with a badge in it. Was it copied whole?"
            )
        )
    first, second, third = text.split(".")
    header, body = strict_json(_decoded(first)), strict_json(_decoded(second))
    _decoded(third)
    if not isinstance(header, dict) or not isinstance(body, dict):
        raise Unreadable(_("The token does not hold what a signed badge holds."))
    return Document(carrier, body, text, header)


def strict_json(text: str | bytes) -> Any:
    """What JSON `text` says, if it can be read in one way only. Raises Unreadable."""
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode()
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable(_("The JSON is nested deeper than any badge.")) from None
    except UnicodeError:
        raise Unreadable(_("The JSON holds characters that are none.")) from None
    except ValueError as error:
        where = f" ({error})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(
            _("This begins like JSON and is none%(where)s. Was it copied whole?", where=where)
        ) from None
    if _depth(value) > DEEPEST:
        raise Unreadable(_("The JSON is nested deeper than any badge."))
    return value


def from_base64url(text: str) -> bytes:
    """Unpadded base64url in its one canonical spelling. Raises ValueError."""
    decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != text.encode():
        raise ValueError("another spelling of the same bytes")
    return decoded


def _decoded(part: str) -> bytes:
    try:
        return from_base64url(part)
    except ValueError:
        raise Unreadable(_("The token is damaged. Was it copied whole?")) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unreadable(
            _("“%(name)s” stands twice in one object, and readers differ on which counts.", name=twice[:60])
        )
    return found


def _no_number(text: str) -> float:
    raise Unreadable(_("%(text)s is no number in JSON.", text=text))


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise Unreadable(_("%(text)s is larger than numbers are.", text=text[:20]))
    return value


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level := [
        inner
        for each in level
        if isinstance(each, dict | list)
        for inner in (each.values() if isinstance(each, dict) else each)
    ]:
        deepest += 1
    return deepest


def _refuse_others(body: dict[str, Any]) -> None:
    """Name what is often taken for an Open Badge 3.0."""
    contexts = json.dumps(body.get("@context", ""))
    if "w3id.org/openbadges" in contexts or body.get("type") in ("Assertion", "BadgeClass"):
        raise Unreadable(
            _(
                "This is an Open Badge of version 2 or older. Only version 3 is signed in a way that is checked here."
            )
        )
    if "verifiableCredential" in body:
        raise Unreadable(_("This is a presentation, as wallets make them. Give the badge that is in it."))


def _text(data: bytes) -> str:
    if len(data) > MOST_PICTURE:
        raise Unreadable(_("The file is larger than any badge that is read here."))
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise Unreadable(
            _("This file is neither text nor a PNG picture. Badges are JSON, JWT, PNG or SVG.")
        ) from None
    if not text:
        raise Unreadable(_("There is nothing in it."))
    return text


def _in_png(data: bytes) -> str:
    if len(data) > MOST_PICTURE:
        raise Unreadable(_("The file is larger than any badge that is read here."))
    if data.count(b"iTXt" + ITXT_KEYWORD_OB3 + b"\0") > 1:
        raise Unreadable(
            _("There is more than one badge in this picture, and readers differ on which counts.")
        )
    try:
        text = extract_png(data, MOST_TEXT, keyword=ITXT_KEYWORD_OB3)
    except Exception as error:  # the PNG reader raises what it likes for what is no PNG
        raise Unreadable(_("The picture is damaged, so the badge in it cannot be read.")) from error
    if text is None:
        raise Unreadable(
            _("There is no Open Badge 3.0 in this picture. Some sites take it out: get the original file.")
        )
    return text.strip()


def _in_svg(data: bytes) -> str:
    try:
        root = defusedxml.ElementTree.fromstring(data)
    except Exception as error:  # so does the XML reader, for entities too
        raise Unreadable(_("The picture is damaged, so the badge in it cannot be read.")) from error
    found = list(root.iter(f"{{{SVG_NS_OB3}}}credential"))
    if len(found) > 1:
        raise Unreadable(
            _("There is more than one badge in this picture, and readers differ on which counts.")
        )
    text = (found[0].get("verify") or found[0].text or "").strip() if found else ""
    if not text:
        raise Unreadable(
            _("There is no Open Badge 3.0 in this picture. Some sites take it out: get the original file.")
        )
    return text
