"""A good badge is called good, whoever issued it and in whatever form it comes; and what was found is told point by point."""

import io
import json

import pytest
from openbadgeslib.baking import ITXT_KEYWORD_OB3, SVG_ELEMENT_OB3, SVG_NS_OB3, bake_png, bake_svg
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3Verifier
from png import Writer

from lms.verification.verify import Verdict
from tests.verification.issuers import Issuer, World, changed, outcomes, report_of, rsa_key, told

ALL = ("issuer", "signature", "whole", "status", "dates", "kind", "contexts", "schema")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'


@pytest.fixture
def world():
    return World()


@pytest.fixture
def issuer(world):
    made = Issuer(world)
    made.publish_list(revoked=[7])
    return made


def png():
    out = io.BytesIO()
    Writer(1, 1, greyscale=True).write(out, [[0]])
    return out.getvalue()


def baked(text, carrier):
    if carrier == "png":
        return bake_png(png(), text, keyword=ITXT_KEYWORD_OB3)
    return bake_svg(SVG, text, element=SVG_ELEMENT_OB3, namespace=SVG_NS_OB3, as_text=text.startswith("{"))


def test_what_is_signed_here_is_what_openbadgeslib_accepts(world, issuer):
    proved, token = issuer.proved(issuer.with_status()), issuer.token(issuer.with_status())
    issuer.publish_list(as_token=True)
    issuer.document["verificationMethod"].reverse()  # it checks a list with the first key there is
    OB3LdpVerifier().verify(json.dumps(proved), check_status=True, verify_status_list=False, download=world)
    OB3Verifier.for_issuer_did(issuer.did, download=world).verify(token, check_status=True, download=world)


@pytest.mark.parametrize("listed", [False, True], ids=["no status", "on a list"])
@pytest.mark.parametrize("form", ["proved", "token"])
@pytest.mark.parametrize("carrier", ["plain", "png", "svg"])
def test_a_good_badge_passes_every_check_in_every_form(world, issuer, form, carrier, listed):
    badge = getattr(issuer, form)(issuer.with_status() if listed else None)
    text = badge if isinstance(badge, str) else json.dumps(badge)
    report = report_of(text if carrier == "plain" else baked(text, carrier), world)
    assert outcomes(report) == dict.fromkeys(ALL, "passed"), report.checks
    assert (report.verdict, report.badge.title, report.badge.issuer_name) == (
        Verdict.VALID,
        "Navigation",
        "Harbour Academy",
    )
    assert report.sentence.startswith("issuer.example signed it, nothing in it was changed")
    assert "issuer.example" in told(report, "issuer").reason


@pytest.mark.parametrize("as_token", [False, True])
def test_a_status_list_is_read_in_both_forms_it_may_be_signed_in(world, issuer, as_token):
    issuer.publish_list(revoked=[7], as_token=as_token)
    assert report_of(issuer.proved(issuer.with_status()), world).verdict is Verdict.VALID
    issuer.publish_list(revoked=[42], as_token=as_token)
    assert report_of(issuer.proved(issuer.with_status()), world).verdict is Verdict.INVALID


def test_a_single_proof_and_single_values_are_as_good_as_lists_of_one(world, issuer):
    badge = issuer.badge(type=["VerifiableCredential", "OpenBadgeCredential"])
    badge = changed(badge, "issuer.type", "Profile")
    badge = changed(badge, "credentialSubject.achievement.type", "Achievement")
    badge = changed(badge, "credentialSchema", badge["credentialSchema"][0])
    proved = issuer.proved(badge)
    report = report_of({**proved, "proof": proved["proof"][0]}, world)
    assert report.verdict is Verdict.VALID, report.checks


def test_a_company_of_an_ordinary_address_signs_with_a_key_at_that_address(world):
    issuer = Issuer(world, "https://badges.example/issuers/1")
    kid = "https://badges.example/keys/1"
    world.pages[kid] = issuer.ec.as_dict(private=False)
    report = report_of(issuer.token(header={"kid": kid}), world)
    assert report.verdict is Verdict.VALID, report.checks
    assert "badges.example" in told(report, "issuer").reason


def test_a_proof_of_an_ordinary_address_is_looked_up_in_its_own_document(world):
    issuer = Issuer(world, "https://badges.example/issuers/1")
    world.pages["https://badges.example/issuers/1"] = issuer.document
    assert report_of(issuer.proved(), world).verdict is Verdict.VALID


@pytest.mark.parametrize("did", ["did:key", "did:jwk"])
def test_an_issuer_known_by_a_key_alone_is_never_called_good_for_nobody_vouches_for_its_name(world, did):
    issuer = Issuer(world, did, name="European Commission")
    badge = issuer.proved() if did == "did:key" else issuer.token()
    report = report_of(badge, world)
    assert report.verdict is Verdict.UNCLEAR
    assert {name for name, outcome in outcomes(report).items() if outcome != "passed"} == {"issuer"}
    assert "nobody vouches" in report.sentence
    assert world.asked == []


@pytest.mark.parametrize("header", [{}, {"kid": None}], ids=["kid and jwk", "jwk alone"])
def test_a_key_brought_along_is_believed_where_its_issuer_publishes_the_same(world, issuer, header):
    ours, other = issuer.ec.as_dict(private=False), Issuer(World()).ec
    assert report_of(issuer.token(header={"jwk": ours, **header}), world).verdict is Verdict.VALID
    forged = issuer.token(key=other, header={"jwk": other.as_dict(private=False), "kid": None})
    assert "does not publish the key" in report_of(forged, world).sentence


def test_rsa_is_read_too_and_refused_where_it_is_too_short(world, issuer):
    for bits, verdict in ((2048, Verdict.VALID), (1024, Verdict.INVALID)):
        key = rsa_key(bits)
        issuer.document["verificationMethod"][1]["publicKeyJwk"] = key.as_dict(private=False)
        assert report_of(issuer.token(key=key), world).verdict is verdict


def test_eddsa_tokens_are_read_too(world, issuer):
    assert (
        report_of(issuer.token(key=issuer.ed, header={"kid": issuer.method}), world).verdict is Verdict.VALID
    )


def test_a_key_that_was_replaced_and_is_still_published_still_counts(world, issuer):
    badge = issuer.proved()
    newer = Issuer(World())
    issuer.document["verificationMethod"].insert(0, newer.document["verificationMethod"][0])
    issuer.document["assertionMethod"].insert(0, newer.method)
    assert report_of(badge, world).verdict is Verdict.VALID


def test_nobody_to_ask_is_no_judgement_and_the_other_checks_are_told_all_the_same(world, issuer):
    badge = issuer.proved(issuer.with_status())
    del world.pages["https://issuer.example/.well-known/did.json"]
    report = report_of(badge, world)
    assert report.verdict is Verdict.UNCLEAR
    assert report.sentence == "Nothing is at https://issuer.example/.well-known/did.json."
    assert outcomes(report) == {
        **dict.fromkeys(ALL, "passed"),
        **dict.fromkeys(("issuer", "signature", "status"), "unknown"),
    }


def test_who_changed_a_badge_cannot_have_us_ask_where_they_like(world, issuer):
    badge = issuer.proved(issuer.with_status())
    report = report_of(
        changed(badge, "credentialStatus.0.statusListCredential", "https://victim.example/"), world
    )
    assert (report.verdict, outcomes(report)["signature"], outcomes(report)["status"]) == (
        Verdict.INVALID,
        "failed",
        "unknown",
    )
    assert world.asked == ["https://issuer.example/.well-known/did.json"]
