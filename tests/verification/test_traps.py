"""What a naive verifier accepts, and this one does not. Each is a badge that was good until one thing was done to it."""

import base64
import copy
import json

import pytest

from lms.verification.verify import Verdict
from tests.verification.issuers import (
    CONTEXTS,
    DID,
    Issuer,
    World,
    changed,
    outcomes,
    payload_of,
    report_of,
    shared_secret,
    token_of,
    told,
    unsigned_token,
)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def issuer(world):
    return Issuer(world)


def refused(badge, world, check, words, verdict=Verdict.INVALID):
    """That the badge is not called good, and that `check` says why."""
    report = report_of(badge, world)
    found = told(report, check)
    assert report.verdict is verdict, report.checks
    assert found.outcome.value == ("failed" if verdict is Verdict.INVALID else "unknown"), report.checks
    assert words in found.reason, found
    return report


def test_a_member_that_no_context_defines_stands_unsigned(world, issuer):
    smuggled = changed(issuer.proved(), "credentialSubject.achievement.sneaky", "and a doctorate")
    report = refused(smuggled, world, "whole", "not covered by the signature")
    assert outcomes(report)["signature"] == "passed"  # which is the trap


def test_a_member_that_no_context_defines_is_refused_even_if_the_issuer_left_it_there(world, issuer):
    refused(issuer.proved(issuer.badge(sneaky="x")), world, "whole", "not covered by the signature")


@pytest.mark.parametrize(
    "where", ["sneaky", "issuer.sneaky", "proof.0.sneaky", "@id", "credentialSubject.@included"]
)
def test_nothing_can_be_added_anywhere(world, issuer, where):
    assert report_of(changed(issuer.proved(), where, "x"), world).verdict is Verdict.INVALID


def test_a_type_that_no_context_defines_stands_unsigned(world, issuer):
    refused(issuer.proved(issuer.badge(**{"@context": CONTEXTS[:2]})), world, "whole", "not covered")


@pytest.mark.parametrize(
    ("contexts", "words"),
    [
        (None, "does not begin with"),
        ([], "does not begin with"),
        ("https://www.w3.org/ns/credentials/v2", "does not begin with"),
        (CONTEXTS[:1], "does not name Open Badges"),
        (CONTEXTS[1:], "does not begin with"),
        ([CONTEXTS[0], CONTEXTS[2]], "does not name Open Badges"),
        (
            [CONTEXTS[0], "https://purl.imsglobal.org.evil.example/spec/ob/v3p0/context-3.0.3.json"],
            "does not name",
        ),
    ],
)
def test_a_badge_without_the_contexts_that_give_it_meaning_is_refused_in_both_forms(
    world, issuer, contexts, words
):
    badge = issuer.proved()
    badge.pop("@context") if contexts is None else badge.update({"@context": contexts})
    refused(badge, world, "contexts", words)
    refused(issuer.token(issuer.badge(**{"@context": contexts})), world, "contexts", words)


def test_what_an_unknown_vocabulary_signs_cannot_be_told(world, issuer):
    badge = changed(issuer.proved(), "@context", [*CONTEXTS, "https://example.org/words.jsonld"])
    report = report_of(badge, world)
    assert report.verdict is not Verdict.VALID
    assert "https://example.org/words.jsonld" in told(report, "contexts").reason
    assert "https://example.org/words.jsonld" not in world.asked


def test_the_vocabulary_that_many_older_issuers_name_is_known(world, issuer):
    contexts = [*CONTEXTS, "https://w3id.org/security/suites/ed25519-2020/v1"]
    good = issuer.proved(issuer.badge(**{"@context": contexts}))
    assert report_of(good, world).verdict is Verdict.VALID
    refused({**good, "sneaky": "x"}, world, "whole", "not covered by the signature")
    refused(changed(good, "name", "x"), world, "signature", "does not fit")


def test_words_may_not_be_given_another_meaning_on_the_way(world, issuer):
    badge = changed(issuer.proved(), "@context", [*CONTEXTS, {"sneaky": "https://example.org/sneaky"}])
    refused(badge, world, "contexts", "brings its own meaning")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Another title"),
        ("credentialSubject.achievement.name", "Another achievement"),
        ("credentialSubject.id", "urn:uuid:4d0f6a5e-0000-4000-8000-000000000002"),
        ("issuer.name", "Somebody else"),
        ("validUntil", "2099-11-01T00:00:00Z"),
        ("id", "https://issuer.example/credentials/2"),
        ("proof.0.created", "2026-11-21T00:00:00Z"),
        ("proof.0.proofValue", "z" + "2" * 86),
    ],
)
def test_what_was_changed_no_longer_fits_its_signature(world, issuer, path, value):
    refused(changed(issuer.proved(), path, value), world, "signature", "does not fit")


@pytest.mark.parametrize(
    "suite", ["eddsa-jcs-2022", "ecdsa-jcs-2019", "eddsa-2022", "", None, ["eddsa-rdfc-2022"]]
)
def test_another_suite_is_refused(world, issuer, suite):
    refused(changed(issuer.proved(), "proof.0.cryptosuite", suite), world, "signature", "does not accept")


@pytest.mark.parametrize(
    "kind", ["Ed25519Signature2020", "Ed25519Signature2018", "JsonWebSignature2020", "RsaSignature2018"]
)
def test_the_older_kinds_of_proof_are_refused(world, issuer, kind):
    refused(changed(issuer.proved(), "proof.0.type", kind), world, "signature", kind)


def test_a_suite_that_is_good_and_not_read_here_is_never_called_good(world, issuer):
    badge = changed(issuer.proved(), "proof.0.cryptosuite", "ecdsa-sd-2023")
    refused(badge, world, "signature", "ecdsa-sd-2023", Verdict.UNCLEAR)


@pytest.mark.parametrize("purpose", ["authentication", "keyAgreement", "capabilityInvocation"])
def test_a_signature_made_for_another_purpose_is_none(world, issuer, purpose):
    refused(issuer.proved(purpose=purpose), world, "signature", "another purpose")


def test_a_badge_without_a_proof_is_signed_by_nobody(world, issuer):
    for proof in (None, []):
        badge = issuer.badge() if proof is None else {**issuer.badge(), "proof": proof}
        refused(badge, world, "signature", "Nobody signed it")


def test_of_two_proofs_both_must_hold(world, issuer):
    good, other = issuer.proved(), issuer.proved(issuer.badge(name="Something else"))
    refused({**good, "proof": [good["proof"][0], other["proof"][0]]}, world, "signature", "does not fit")
    refused({**good, "proof": [other["proof"][0], good["proof"][0]]}, world, "signature", "does not fit")
    older = {**good["proof"][0], "type": "Ed25519Signature2020"}
    for other in (older, {**older, "type": "Something"}):
        badge = {**good, "proof": [good["proof"][0], other]}
        refused(badge, world, "signature", "One of its signatures", Verdict.UNCLEAR)
    twice = {**good, "proof": [good["proof"][0], issuer.proved()["proof"][0]]}
    assert report_of(twice, world).verdict is Verdict.VALID


def test_a_chain_of_proofs_is_never_called_good(world, issuer):
    badge = changed(issuer.proved(), "proof.0.previousProof", "urn:uuid:4d0f6a5e-0000-4000-8000-000000000009")
    assert report_of(badge, world).verdict is not Verdict.VALID


def test_a_proof_of_tomorrow_or_whose_time_is_over_is_refused(world, issuer):
    for name, day, words in (
        ("created", "2027-01-01", "in the future"),
        ("expires", "2026-11-22", "was good until"),
    ):
        refused(changed(issuer.proved(), f"proof.0.{name}", f"{day}T00:00:00Z"), world, "signature", words)


def test_a_token_that_nobody_signed_is_refused(world, issuer):
    refused(unsigned_token(payload_of(issuer.badge())), world, "signature", "alg: none")


@pytest.mark.parametrize("secret", ["public key", "guess"])
def test_a_token_signed_with_a_shared_secret_is_refused_whatever_the_secret(world, issuer, secret):
    text = (
        issuer.ec.as_pem(private=False) if secret == "public key" else b"a secret that is long enough for it"
    )
    token = token_of(
        payload_of(issuer.badge()), shared_secret(text.replace(b"-----", b"")), {"kid": issuer.kid}
    )
    refused(token, world, "signature", "shared secret")


def test_the_key_says_how_a_token_may_be_signed_and_never_its_header(world, issuer):
    refused(issuer.token(key=issuer.ed), world, "signature", "not one for the way")


def test_a_token_that_asks_for_an_extension_is_never_called_good(world, issuer):
    signed = issuer.token()
    header = base64.urlsafe_b64encode(
        json.dumps({"alg": "ES256", "kid": issuer.kid, "crit": ["b64"], "b64": False}).encode()
    )
    token = ".".join([header.decode().rstrip("="), *signed.split(".")[1:]])
    refused(token, world, "signature", "not read here", Verdict.UNCLEAR)


def test_a_key_of_somebody_else_is_not_the_issuers(world, issuer):
    stranger = Issuer(world, "did:web:stranger.example")
    badge = issuer.badge()
    refused(stranger.proved(badge), world, "issuer", "a key of did:web:stranger.example")
    refused(stranger.token(badge), world, "issuer", "a key of did:web:stranger.example")
    selfmade = Issuer(world, "did:key")
    refused(selfmade.proved(badge), world, "issuer", "a key of did:key:")


def test_a_key_that_its_issuer_does_not_publish_is_not_the_issuers(world, issuer):
    stranger = Issuer(World())  # says the same name, and has other keys
    refused(stranger.proved(), world, "issuer", "does not publish the key")
    refused(stranger.proved(method=issuer.method), world, "signature", "does not fit")


def test_a_key_that_is_published_for_signing_in_does_not_sign_badges(world, issuer):
    badge = issuer.proved()
    issuer.document["assertionMethod"] = [issuer.kid]
    issuer.document["authentication"] = [issuer.method]
    refused(badge, world, "issuer", "not for signing credentials")
    del issuer.document["assertionMethod"]
    refused(badge, world, "issuer", "not for signing credentials")


def test_a_key_that_somebody_else_controls_is_not_the_issuers(world, issuer):
    badge = issuer.proved()
    issuer.document["verificationMethod"][0]["controller"] = "did:web:stranger.example"
    refused(badge, world, "issuer", "belongs to somebody else")


def test_a_document_that_is_of_somebody_else_publishes_nothing(world, issuer):
    badge = issuer.proved()
    issuer.document["id"] = "did:web:stranger.example"
    refused(badge, world, "issuer", "is somebody else's")


@pytest.mark.parametrize("name", ["revoked", "expires"])
def test_a_key_that_was_ended_signs_nothing(world, issuer, name):
    badge = issuer.proved()
    issuer.document["verificationMethod"][0][name] = "2027-01-01T00:00:00Z"
    assert report_of(badge, world).verdict is Verdict.VALID
    issuer.document["verificationMethod"][0][name] = "2026-11-22T00:00:00Z"
    refused(badge, world, "issuer", "ended this key on 2026-11-22")


def test_two_keys_under_one_name_are_none(world, issuer):
    badge = issuer.proved()
    second = {**Issuer(World()).document["verificationMethod"][0], "id": issuer.method}
    issuer.document["verificationMethod"].insert(0, second)
    refused(badge, world, "issuer", "two keys under one name")


def test_a_private_key_that_lies_open_proves_nothing(world, issuer):
    issuer.document["verificationMethod"][1]["publicKeyJwk"] = issuer.ec.as_dict(private=True)
    refused(issuer.token(), world, "issuer", "private key lies open")


def test_a_key_at_another_address_than_the_issuers_is_not_the_issuers(world):
    issuer = Issuer(world, "https://badges.example/issuers/1")
    for kid in (
        "https://stranger.example/key",
        "https://badges.example.stranger.example/key",
        "https://badges.example:444/key",
    ):
        world.pages[kid] = issuer.ec.as_dict(private=False)
        refused(issuer.token(header={"kid": kid}), world, "issuer", "with a key of https://")
    refused(
        issuer.token(header={"kid": "did:web:stranger.example#1"}), world, "issuer", "with a key of did:web"
    )
    assert world.asked == []


def test_an_issuer_with_an_address_and_a_key_that_came_along_is_known_to_nobody(world):
    issuer = Issuer(world, "https://badges.example/issuers/1")
    token = issuer.token(header={"kid": None, "jwk": issuer.ec.as_dict(private=False)})
    refused(token, world, "issuer", "brings its own key along", Verdict.UNCLEAR)


def test_an_issuer_of_a_kind_that_is_not_looked_up_is_never_called_good(world):
    for name in (
        "did:ion:abc",
        "did:ethr:0x1",
        "urn:uuid:4d0f6a5e-0000-4000-8000-000000000001",
        "http://plain.example",
    ):
        badge = Issuer(world, name).token()
        assert report_of(badge, world).verdict is Verdict.UNCLEAR
    assert world.asked == []


@pytest.mark.parametrize(
    "did",
    [
        "did:web:",
        "did:web:issuer.example:..:x",
        "did:web:issuer.example:%2e%2e",
        "did:web:a@b",
        "did:web:issuer.example:a%2Fb",
        "did:web:issuer.example/x",
    ],
)
def test_a_did_that_leads_astray_is_none(world, did):
    refused(Issuer(World(), did).proved(), world, "issuer", "is no did:web")
    assert world.asked == []


@pytest.mark.parametrize(
    ("member", "value", "words"),
    [
        ("validUntil", "2026-11-22T00:00:00Z", "It expired on 2026-11-22"),
        ("validFrom", "2026-12-24T00:00:00Z", "only from 2026-12-24 on"),
        ("validUntil", "2026-10-31T00:00:00Z", "end before it began"),
    ],
)
def test_a_badge_that_is_not_of_today_is_genuine_and_does_not_hold(world, issuer, member, value, words):
    for badge in (
        issuer.proved(issuer.badge(**{member: value})),
        issuer.token(issuer.badge(**{member: value})),
    ):
        report = refused(badge, world, "dates", words)
        assert outcomes(report)["signature"] == outcomes(report)["whole"] == "passed"


@pytest.mark.parametrize(
    "value", ["2028-11-01", "2028-11-01T00:00:00", "soon", 1857081600, None, ["2028-11-01T00:00:00Z"]]
)
def test_a_time_that_is_none_or_has_no_zone_is_refused(world, issuer, value):
    token = token_of({**payload_of(issuer.badge()), "validUntil": value}, issuer.ec, {"kid": issuer.kid})
    report = report_of(token, world)
    assert report.verdict is Verdict.INVALID


def test_a_token_may_not_say_another_thing_than_the_badge_in_it(world, issuer):
    for claim, value in (
        ("iss", "did:web:stranger.example"), ("sub", "urn:uuid:x"),
        ("jti", "https://issuer.example/credentials/2"), ("nbf", 1), ("exp", 9_999_999_999),
        ("nbf", True), ("exp", "2028"),
    ):  # fmt: skip
        refused(issuer.token(**{claim: value}), world, "whole", "token")


@pytest.mark.parametrize("claim", ["iss", "sub", "jti", "nbf"])
def test_a_token_lacks_nothing_that_open_badges_asks_for(world, issuer, claim):
    payload = payload_of(issuer.badge())
    del payload[claim]
    refused(token_of(payload, issuer.ec, {"kid": issuer.kid}), world, "whole", claim)


def test_a_second_credential_under_vc_is_refused_for_readers_differ_on_which_counts(world, issuer):
    other = issuer.badge(name="Another title")
    for token in (issuer.token(vc=other), issuer.token(vc=issuer.badge())):
        refused(token, world, "kind", "second credential")


def test_a_second_signature_within_a_token_is_not_passed_over(world, issuer):
    refused(issuer.token(issuer.proved()), world, "whole", "second signature", Verdict.UNCLEAR)


def test_a_token_of_the_older_model_is_refused(world, issuer):
    payload = {"vc": issuer.badge(), "iss": issuer.did, "nbf": 1, "jti": "x", "sub": "y"}
    assert report_of(token_of(payload, issuer.ec, {"kid": issuer.kid}), world).verdict is Verdict.INVALID


def test_the_credentials_model_of_2019_is_refused(world, issuer):
    old = issuer.badge(
        **{"@context": ["https://www.w3.org/2018/credentials/v1", CONTEXTS[1]]},
        issuanceDate="2026-11-01T00:00:00Z", expirationDate="2028-11-01T00:00:00Z", validFrom=None, validUntil=None,
    )  # fmt: skip
    refused(issuer.token(old, nbf=1), world, "kind", "VCDM 1.1")
    refused({**old, "proof": issuer.proved()["proof"]}, world, "kind", "VCDM 1.1")


@pytest.mark.parametrize("name", ["expirationDate", "issuanceDate"])
def test_dates_of_the_older_model_stand_unsigned(world, issuer, name):
    badge = issuer.proved(issuer.badge(validUntil=None))
    refused(changed(badge, name, "2099-01-01T00:00:00Z"), world, "whole", "not covered")


def test_another_credential_is_not_an_open_badge(world, issuer):
    for types in (
        ["VerifiableCredential"],
        ["OpenBadgeCredential"],
        "VerifiableCredential",
        ["VerifiableCredential", "EndorsementCredential"],
        None,
    ):
        refused(issuer.token(issuer.badge(type=types)), world, "kind", "does not call itself an Open Badge")


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("credentialSubject.achievement.criteria", {}, ""),
        ("credentialSubject.achievement.achievementType", "Nonsense", "achievement"),
        ("credentialSubject.achievement.name", 7, "achievement"),
        ("name", None, "name"),
        ("issuer", 7, "issuer"),
    ],
)
def test_what_has_not_the_shape_of_the_standard_is_refused_and_the_place_told(
    world, issuer, path, value, place
):
    badge = changed(issuer.badge(), path, value)
    report = report_of(
        token_of({**payload_of(issuer.badge()), **badge}, issuer.ec, {"kid": issuer.kid}), world
    )
    if value == {}:  # criteria may be empty in the published schema
        assert outcomes(report)["schema"] == "passed"
    else:
        assert report.verdict is Verdict.INVALID
        assert place in told(report, "schema").reason


def test_a_further_schema_that_a_badge_asks_for_is_not_fetched_and_not_taken_as_met(world, issuer):
    further = {"id": "https://issuer.example/schema.json", "type": "1EdTechJsonSchemaValidator2019"}
    refused(
        issuer.proved(issuer.badge(credentialSchema=[further])),
        world,
        "schema",
        "schema.json",
        Verdict.UNCLEAR,
    )
    assert world.asked == ["https://issuer.example/.well-known/did.json"]


def test_the_badge_itself_is_not_changed_by_being_looked_at(world, issuer):
    badge = issuer.proved()
    before = copy.deepcopy(badge)
    assert report_of(badge, world).badge.issuer_id == DID
    assert badge == before
