"""Which key is the issuer's. A key that came along with a badge proves nothing: the issuer has to publish it, for this purpose.

did:web and addresses are fetched, through a `Download` that whoever calls passes in; did:key and did:jwk are their own key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from joserfc import jwk
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3.did import resolve_did

from lms.verification.contexts import words_of
from lms.verification.dates import moment
from lms.verification.outcome import CannotTell, Fails
from lms.verification.read import Unreadable, from_base64url, strict_json
from lms.words import gettext as _

Download = Callable[[str], bytes]
"""What is at an https address. Raises SlipwayError with a sentence where that cannot be had."""

Key = RSAKey | ECKey | OKPKey

DID_WEB = re.compile(r"did:web:([A-Za-z0-9.-]+(?:%3[Aa][0-9]{1,5})?)((?::[A-Za-z0-9._~%-]+)*)")
SMALLEST_RSA = 2048
"""Bits."""
PRIVATE = ("d", "k", "p", "q", "dp", "dq", "qi")


@dataclass(frozen=True)
class Named:
    """How a signature says which key made it: an id, or the key itself (a JWK, believed only where the issuer publishes the same)."""

    id: str = ""
    jwk: dict[str, Any] | None = None


def key_of(issuer: str, named: Named, *, download: Download, now: datetime) -> Key:
    """The key that `named` means, if it is one that `issuer` signs credentials with. Raises Fails, CannotTell, or what `download` does."""
    if named.id.startswith("#"):
        named = Named(issuer + named.id)
    owner = named.id.partition("#")[0]
    if issuer.startswith("did:"):
        if named.id and owner != issuer:
            raise Fails(
                _(
                    "It was signed with a key of %(other)s, and says that %(issuer)s issued it.",
                    other=clip(owner),
                    issuer=clip(issuer),
                )
            )
        return _key_of_did(issuer, named, download, now)
    if not issuer.startswith("https://"):
        raise CannotTell(
            _(
                "%(issuer)s is no issuer whose keys could be found: neither a DID nor an https address.",
                issuer=clip(issuer),
            )
        )
    if not named.id:
        raise CannotTell(
            _(
                "It brings its own key along, and nothing shows that this is a key of %(issuer)s.",
                issuer=clip(issuer),
            )
        )
    if origin(named.id) != origin(issuer):
        raise Fails(
            _(
                "It was signed with a key of %(other)s, and says that %(issuer)s issued it.",
                other=clip(owner),
                issuer=clip(issuer),
            )
        )
    return _key_at(issuer, named.id, download, now)


def who(issuer: str) -> str:
    """Whom the issuer's name shows to be behind it, as people know them: a host. Raises CannotTell where it shows nobody."""
    if issuer.startswith("did:web:"):
        return unquote(issuer.split(":")[2])
    if issuer.startswith("https://"):
        return urlsplit(issuer).netloc
    raise CannotTell(
        _(
            "Its issuer is known by a key alone. Anybody can make such a key and give it any name: nobody vouches for who it is."
        )
    )


def document_url(did: str) -> str:
    """Where the document of a did:web is. Raises Fails for what is none."""
    found = DID_WEB.fullmatch(did)
    parts = [unquote(each) for each in found[2].split(":")[1:]] if found else []
    if found is None or any("/" in each or "\\" in each or each in ("", ".", "..") for each in parts):
        raise Fails(_("%(did)s is no did:web.", did=clip(did)))
    folder = "/".join(parts) or ".well-known"
    return f"https://{unquote(found[1])}/{folder}/did.json"


def origin(url: str) -> str:
    """Scheme, host and port of an address; empty for what is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        return ""
    return f"https://{host}:{port}" if parts.scheme == "https" else ""


def clip(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"


def _key_of_did(did: str, named: Named, download: Download, now: datetime) -> Key:
    method = did.split(":", 2)[1]
    fragment = named.id.partition("#")[2]
    if method == "web":
        document = _json_at(document_url(did), download)
        return _key_in(document, did, named, now)
    if method == "key":
        if fragment not in ("", did.removeprefix("did:key:")):
            raise Fails(_("It names a key that its issuer is not."))
        found = _from_multibase(did.removeprefix("did:key:"))
    elif method == "jwk":
        if fragment not in ("", "0"):
            raise Fails(_("It names a key that its issuer is not."))
        try:
            found = _from_jwk(strict_json(from_base64url(did.removeprefix("did:jwk:"))))
        except (Unreadable, ValueError) as error:
            raise Fails(_("%(did)s holds no key.", did=clip(did)), error) from error
    else:
        raise CannotTell(
            _(
                "Issuers of the kind did:%(method)s are not looked up here; did:web, did:key and did:jwk are.",
                method=method[:20],
            )
        )
    if named.jwk is not None and _from_jwk(named.jwk).thumbprint() != found.thumbprint():
        raise Fails(_("It brings a key along that its issuer is not."))
    return found


def _key_in(document: dict[str, Any], subject: str, named: Named, now: datetime) -> Key:
    """The key in a DID (or controller) document: published by `subject` itself, and for signing credentials."""
    if document.get("id") != subject:
        raise Fails(
            _("What is published where %(issuer)s should be is somebody else's.", issuer=clip(subject))
        )
    published = [each for each in _listed(document.get("verificationMethod")) if isinstance(each, dict)]
    signs = _listed(document.get("assertionMethod"))
    published += [each for each in signs if isinstance(each, dict)]
    may_sign = {_absolute(each.get("id") if isinstance(each, dict) else each, subject) for each in signs}
    if named.id:
        found = [each for each in published if _absolute(each.get("id"), subject) == named.id]
    elif named.jwk is not None:
        wanted = _from_jwk(named.jwk).thumbprint()
        found = [each for each in published if _thumbprint(each) == wanted]
    else:
        found = [each for each in published if _absolute(each.get("id"), subject) in may_sign]
        if len(found) > 1:
            raise CannotTell(_("It does not say with which of its issuer's keys it was signed."))
    if not found:
        raise Fails(_("%(issuer)s does not publish the key that it was signed with.", issuer=clip(subject)))
    for method in found:
        _refuse_unfit(method, subject, may_sign, now)
    keys = {key.thumbprint(): key for key in map(_key_from, found)}
    if len(keys) > 1:
        raise Fails(_("%(issuer)s publishes two keys under one name.", issuer=clip(subject)))
    return next(iter(keys.values()))


def _refuse_unfit(method: dict[str, Any], subject: str, may_sign: set[str], now: datetime) -> None:
    if method.get("controller") != subject:
        raise Fails(_("The key that %(issuer)s shows belongs to somebody else.", issuer=clip(subject)))
    if _absolute(method.get("id"), subject) not in may_sign:
        raise Fails(
            _("%(issuer)s publishes this key, but not for signing credentials.", issuer=clip(subject))
        )
    for name in ("revoked", "expires"):
        ended = moment(method, name)
        if ended is not None and ended <= now:
            raise Fails(
                _("%(issuer)s ended this key on %(day)s.", issuer=clip(subject), day=ended.date().isoformat())
            )


def _key_at(issuer: str, url: str, download: Download, now: datetime) -> Key:
    """A key at an address of the issuer's: one JWK, as Open Badges 3.0 has it, or a method in the issuer's own document."""
    found = _json_at(url.partition("#")[0], download)
    if "kty" in found:
        return _from_jwk(found)
    if "keys" in found:
        raise CannotTell(_("At %(url)s there are several keys, where Open Badges has one.", url=clip(url)))
    if found.get("id") == issuer:
        return _key_in(found, issuer, Named(url), now)
    return _key_in(_json_at(issuer.partition("#")[0], download), issuer, Named(url), now)


def _json_at(url: str, download: Download) -> dict[str, Any]:
    try:
        found = strict_json(download(url))
    except Unreadable as error:
        raise CannotTell(_("What is at %(url)s cannot be read.", url=clip(url)), error) from error
    if not isinstance(found, dict):
        raise CannotTell(_("What is at %(url)s cannot be read.", url=clip(url)))
    return found


def _key_from(method: dict[str, Any]) -> Key:
    found = method.get("publicKeyJwk")
    return _from_jwk(found) if found is not None else _from_multibase(method.get("publicKeyMultibase"))


def _thumbprint(method: dict[str, Any]) -> str:
    try:
        return _key_from(method).thumbprint()
    except (Fails, CannotTell):
        return ""


def _from_multibase(text: Any) -> Key:
    try:
        return _imported(resolve_did(f"did:key:{text}"))
    except LibOpenBadgesException as error:
        raise CannotTell(_("The issuer's key is of a kind that is not read here."), error) from error


def _from_jwk(found: Any) -> Key:
    if isinstance(found, dict) and any(each in found for each in PRIVATE):
        raise Fails(_("The issuer's private key lies open, so anybody could have signed this."))
    if not isinstance(found, dict):
        raise Fails(_("What should be a key is none."))
    members = {name: value for name, value in found.items() if name in ("kty", "crv", "x", "y", "n", "e")}
    if members.get("kty") == "RSA" and len(str(members.get("n"))) * 6 < SMALLEST_RSA:
        raise Fails(_("The issuer's key is so short that others could have signed with it."))
    return _imported(members)


def _imported(found: bytes | dict[str, Any]) -> Key:
    try:
        # A key is recognised by its PEM text as well as by its members.
        key = jwk.import_key(found) if isinstance(found, dict) else _from_pem(found)
        key.thumbprint()
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise CannotTell(_("The issuer's key is of a kind that is not read here."), error) from error
    if not isinstance(key, RSAKey | ECKey | OKPKey):
        raise Fails(_("What should be a public key is a shared secret."))
    return key


def _from_pem(pem: bytes) -> Key:
    """Of an Ed25519 or P-256 key, which are what a multibase text holds here."""
    try:
        return OKPKey.import_key(pem)
    except (JoseError, ValueError):
        return ECKey.import_key(pem)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _absolute(name: Any, subject: str) -> str:
    """A method's id, which may be given relative to its document; empty for what is none."""
    text = next(iter(words_of(name)), "")
    return subject + text if text.startswith("#") else text
