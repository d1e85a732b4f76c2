"""What is signed: anybody can check it with a library and our keys, nobody can change it, and nobody's name is in it."""

import base64
import hashlib
import json
import re

import pytest
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from lms.certification.keys import claims_in, is_signed_by, public_keys
from lms.errors import Unavailable
from tests.certification.conftest import verified
from tests.conftest import NOW, services_on


def keys(services):
    """Of JWTs; keys of embedded proofs have tests of their own."""
    with services.database.reading() as session:
        return [each.jwk for each in public_keys(session) if each.jwk["kty"] == "EC"]


def test_a_stranger_verifies_it_with_the_public_key(ready, services):
    course, level = ready.issue_course(), ready.issue_level()
    (jwk,) = keys(services)
    claims = verified(course.jwt, jwk)
    assert claims["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert claims["iss"] == claims["issuer"]["id"] == "did:web:slipway.test"
    assert claims["jti"] == claims["id"] == f"http://slipway.test/credentials/{course.id}"
    assert claims["nbf"] == int(NOW.timestamp())
    assert "exp" not in claims
    assert verified(level.jwt, jwk)["exp"] == int(level.valid_until.timestamp())
    assert claims == claims_in(course.jwt)
    assert is_signed_by(course.jwt, jwk)


def test_what_was_changed_no_longer_verifies(ready, services):
    token = ready.issue_course().jwt
    (jwk,) = keys(services)
    head, payload, signature = token.split(".")
    claims = {**claims_in(token), "name": "Doctor of Everything"}
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for wrong in (
        f"{head}.{forged}.{signature}",
        f"{unsigned}.{forged}.",
        f"{head}.{payload}.{signature[::-1]}",
        "x",
    ):
        assert not is_signed_by(wrong, jwk)
        with pytest.raises((JoseError, ValueError)):
            verified(wrong, jwk)
    other = ECKey.generate_key("P-256").as_dict(private=False)
    assert not is_signed_by(token, other)
    assert is_signed_by(token, jwk)


def test_no_person_is_named_in_what_is_signed(ready):
    for credential in (ready.issue_course(), ready.issue_track(), ready.issue_level(reason="Ada told us.")):
        signed = json.dumps(claims_in(credential.jwt)).casefold()
        assert "nordlys" in signed or "urn:uuid" in signed
        assert not re.search(r"\bada\b|\bsofia\b|\bmiriam\b|@example\.com", signed)


def test_who_knows_the_e_mail_can_check_that_a_badge_is_theirs(ready):
    subject = claims_in(ready.issue_course().jwt)["credentialSubject"]
    (identity,) = subject["identifier"]
    expected = hashlib.sha256(f"ada@example.com{identity['salt']}".encode()).hexdigest()
    assert identity["identityHash"] == f"sha256${expected}"


def test_a_companys_credential_names_the_company_and_rests_on_evidence_without_names(ready, services):
    claims = claims_in(ready.issue_level().jwt)
    assert claims["credentialSubject"]["name"] == "Nordlys Robotics"
    with services.database.reading() as session:
        digest = services.shelf.live(session).digest
    assert {(each["id"], each["description"]) for each in claims["evidence"]} == {
        ("http://slipway.test/courses/S01", f"Release {digest}"),
        ("http://slipway.test/labs/SL1", f"Release {digest}"),
    }
    assert "Policy test-1" in claims["credentialSubject"]["achievement"]["criteria"]["narrative"]


def test_certificates_of_an_old_key_still_verify_after_the_key_was_changed(ready, services, tmp_path):
    old = ready.issue_course()
    renewed = services_on(services.settings.url, tmp_path / "new")
    assert renewed.press.signer.kid != services.press.signer.kid
    ready.services = renewed
    new = ready.issue_level()
    by_kid = {jwk["kid"]: jwk for jwk in keys(services)}
    assert by_kid.keys() == {services.press.signer.kid, renewed.press.signer.kid}
    assert is_signed_by(old.jwt, by_kid[old.kid])
    assert is_signed_by(new.jwt, by_kid[new.kid])
    assert not is_signed_by(old.jwt, by_kid[new.kid])
    renewed.close()


def test_no_private_key_is_ever_published(ready, services):
    ready.issue_course()
    with services.database.reading() as session:
        published = [each.jwk for each in public_keys(session)]
    assert {jwk["kty"] for jwk in published} == {"EC", "OKP"}
    assert all("d" not in jwk for jwk in published)


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"not a key",
        ECKey.generate_key("P-384").as_pem(private=True),
        ECKey.generate_key("P-256").as_pem(private=False),
    ],
    ids=["nothing", "no key", "of another curve", "a public one"],
)
def test_only_a_private_key_on_p_256_signs(tmp_path, pem):
    (tmp_path / "signing-key.pem").write_bytes(pem)
    with pytest.raises(Unavailable, match="signing key"):
        services_on(f"sqlite:///{tmp_path}/a.db", tmp_path)
