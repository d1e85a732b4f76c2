"""Whatever is in the bytes, there is an answer; and nothing that was signed can be changed unseen."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.verification.read import Unreadable, strict_json
from lms.verification.verify import Verdict
from tests.verification.issuers import LIST, Issuer, World, payload_of, report_of, token_of
from tests.verification.test_verify import baked

WORLD = World()
ISSUER = Issuer(WORLD)
ISSUER.publish_list(revoked=[7])
PROVED = json.dumps(ISSUER.proved(ISSUER.with_status())).encode()
TOKEN = ISSUER.token(ISSUER.with_status()).encode()
PICTURE = baked(PROVED.decode(), "png")

quick = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _good_before_it_is_changed():
    for each in (PROVED, TOKEN, PICTURE):
        assert report_of(each, WORLD).verdict is Verdict.VALID


def altered(data, place, byte):
    place %= len(data)
    return data[:place] + bytes([byte]) + data[place + 1 :]


def meaning(text):
    """What signed JSON says, apart from its @context, whose address no signature covers: what it defines is covered."""
    try:
        found = strict_json(text)
    except Unreadable:
        return None
    return (
        {name: value for name, value in found.items() if name != "@context"}
        if isinstance(found, dict)
        else None
    )


@quick
@given(st.integers(0, 10**6), st.integers(32, 126))
def test_no_byte_of_a_proved_badge_can_be_changed_unseen(place, byte):
    changed = altered(PROVED, place, byte)
    if meaning(changed) != meaning(PROVED):
        assert report_of(changed, WORLD).verdict is not Verdict.VALID


@quick
@given(st.integers(0, 10**6), st.integers(0, 255))
def test_no_byte_of_a_token_can_be_changed_unseen(place, byte):
    changed = altered(TOKEN, place, byte)
    if changed.strip() != TOKEN:
        assert report_of(changed, WORLD).verdict is not Verdict.VALID


@quick
@given(st.integers(0, 10**6), st.integers(0, 255))
def test_a_damaged_picture_has_an_answer(place, byte):
    assert report_of(altered(PICTURE, place, byte), WORLD).sentence


@quick
@given(st.binary(max_size=200))
def test_any_bytes_have_an_answer(data):
    assert report_of(data, WORLD).verdict is Verdict.UNREADABLE


MEMBERS = (
    "@context",
    "id",
    "type",
    "issuer",
    "validFrom",
    "validUntil",
    "credentialSubject",
    "credentialStatus",
    "proof",
)


@quick
@given(st.sampled_from(MEMBERS), JSON)
def test_any_value_in_any_place_of_a_badge_has_an_answer_and_is_never_good(member, value):
    assert report_of({**json.loads(PROVED), member: value}, WORLD).verdict is not Verdict.VALID


@quick
@given(st.sampled_from([*MEMBERS, "iss", "sub", "jti", "nbf"]), JSON)
def test_any_value_that_an_issuer_signs_has_an_answer(member, value):
    payload = {**payload_of(ISSUER.badge()), member: value}
    assert report_of(token_of(payload, ISSUER.ec, {"kid": ISSUER.kid}), WORLD).sentence


@quick
@given(
    st.sampled_from(
        [
            "type",
            "cryptosuite",
            "created",
            "expires",
            "verificationMethod",
            "proofPurpose",
            "proofValue",
            "id",
        ]
    ),
    JSON,
)
def test_any_value_in_any_place_of_a_proof_has_an_answer_and_is_never_good(member, value):
    badge = json.loads(PROVED)
    badge["proof"][0][member] = value
    assert report_of(badge, WORLD).verdict is not Verdict.VALID


@quick
@given(st.dictionaries(st.sampled_from(["alg", "kid", "jwk", "typ", "crit", "b64"]), JSON, max_size=4))
def test_any_header_of_a_token_has_an_answer(header):
    head = json.dumps(header).encode()
    token = b".".join([base64.urlsafe_b64encode(head).rstrip(b"="), *TOKEN.split(b".")[1:]])
    assert report_of(token, WORLD).verdict is not Verdict.VALID


@quick
@given(st.sampled_from(["id", "verificationMethod", "assertionMethod"]), JSON)
def test_any_did_document_has_an_answer(member, value):
    world = World()
    world.pages = {
        **WORLD.pages,
        "https://issuer.example/.well-known/did.json": {**ISSUER.document, member: value},
    }
    assert report_of(PROVED, world).verdict is not Verdict.VALID


@quick
@given(JSON)
def test_any_status_list_has_an_answer(value):
    world = World()
    world.pages = {**WORLD.pages, LIST: json.dumps(value).encode()}
    assert report_of(PROVED, world).verdict is not Verdict.VALID
