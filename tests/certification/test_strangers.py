"""Other people's verifiers accept what we issue, in both forms, and refuse it when it was changed, is over, revoked or suspended."""

import base64
import json
import shutil
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
from openbadgeslib.baking import ITXT_KEYWORD_OB3, SVG_ELEMENT_OB3, extract_png, extract_svg
from openbadgeslib.ob3.contexts import load_context
from openbadgeslib.ob3.did import resolve_verification_method
from openbadgeslib.ob3.ldp import verify_data_integrity_proof
from openbadgeslib.ob3.verifier import OB3VerificationError

from lms.certification.credential import Term
from lms.certification.keys import claims_in
from lms.certification.press import seal
from lms.certification.register import credential_of, resume, revoke, suspend
from tests.certification.strangers import (
    FOLDER,
    OB_CONTEXT,
    Stranger,
    documents_of,
    verified_elsewhere,
)
from tests.notebook.test_bundle import NPM, node

TODAY = datetime.now(UTC).replace(microsecond=0)
"""Other people's verifiers look at the real clock."""


@pytest.fixture
def stranger(services):
    return Stranger(services)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A folder with Digital Bazaar's verifier."""
    folder = tmp_path_factory.mktemp("verifier") / "verifier"
    shutil.copytree(FOLDER / "verifier", folder, ignore=shutil.ignore_patterns("node_modules"))
    done = node(NPM, "ci", "--ignore-scripts", "--no-progress", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def expired(services, issued):
    """The same credential, issued and over long ago, and signed by us."""
    term = Term(TODAY - timedelta(days=500), TODAY - timedelta(days=500), TODAY - timedelta(days=100))
    document = json.loads(issued.document)
    del document["proof"]
    document |= {"validFrom": f"{term.issued_at:%FT%TZ}", "validUntil": f"{term.valid_until:%FT%TZ}"}
    return seal(services.press.issuer, services.press.signer, document, term)


def variants(document):
    """The same credential as somebody might wish it were, by what was done to it."""
    subject, (proof,) = document["credentialSubject"], document["proof"]
    return {
        "another title": {**document, "name": "Doctor of Everything"},
        "another achievement": {
            **document,
            "credentialSubject": {**subject, "achievement": {**subject["achievement"], "name": "More"}},
        },
        "a later end": {**document, "validUntil": "2999-01-01T00:00:00Z"},
        "no status": {key: each for key, each in document.items() if key != "credentialStatus"},
        "a member no context defines": {**document, "sneaky": "unsigned"},
        "without the extensions' context": {**document, "@context": document["@context"][:2]},
        "a suite Open Badges does not take": {
            **document,
            "proof": [{**proof, "cryptosuite": "eddsa-jcs-2022"}],
        },
        "another purpose": {**document, "proof": [{**proof, "proofPurpose": "authentication"}]},
        "another issuer's key": {
            **document,
            "proof": [{**proof, "verificationMethod": "did:web:elsewhere.test#z6Mk"}],
        },
    }


def is_refused(stranger, document):
    try:
        stranger.verify_document(document)
    except OB3VerificationError:
        return True
    return False


def test_both_forms_of_a_credential_of_every_kind_verify_and_say_the_same(ready, stranger):
    for issued in (
        ready.issue_course(now=TODAY),
        ready.issue_track(now=TODAY),
        ready.issue_level(now=TODAY),
    ):
        address = f"/credentials/{issued.id}"
        document = json.loads(stranger.get(f"{address}.json").text)
        assert stranger.verify_document(document).id == document["id"]
        token = stranger.get(f"{address}.jwt").text
        assert stranger.verify_token(token).id == document["id"]
        claims = claims_in(token)
        for name in document.keys() - {"proof"}:
            assert claims[name] == document[name], name
        assert claims.keys() - document.keys() <= {"iss", "sub", "jti", "nbf", "exp"}


def test_what_is_answered_is_what_was_signed_to_the_byte_however_it_is_asked_for(ready, stranger):
    issued = ready.issue_course(now=TODAY)
    address = f"/credentials/{issued.id}"
    for accept in ("application/vc", "application/ld+json", "application/json"):
        answer = stranger.get(address, accept)
        assert (answer.mimetype, answer.text) == ("application/vc", issued.document), accept
        assert answer.headers["Vary"].startswith("Accept"), accept
        assert answer.headers["Access-Control-Allow-Origin"] == "*", accept
    for accept in ("application/vc+jwt", "text/plain"):
        answer = stranger.get(address, accept)
        assert (answer.mimetype, answer.text) == ("application/vc+jwt", issued.jwt), accept
    for accept in ("image/png", "image/png, image/svg+xml;q=0.5"):
        png = stranger.get(address, accept)
        assert png.mimetype == "image/png"
        assert extract_png(png.data, keyword=ITXT_KEYWORD_OB3) == issued.document
    svg = stranger.get(address, "image/svg+xml")
    assert svg.mimetype == "image/svg+xml"
    assert extract_svg(svg.data, element=SVG_ELEMENT_OB3, text_fallback=True) == issued.document
    assert stranger.get(f"{address}.png").data == png.data
    assert stranger.get(f"{address}.svg").data == svg.data
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/png,*/*;q=0.8"
    for accept in (browser, "*/*", ""):
        assert stranger.get(address, accept).mimetype == "text/html", accept
    assert stranger.get(f"{address}.exe").status_code == 404


def test_openbadgeslib_refuses_every_variant(ready, stranger):
    document = json.loads(ready.issue_level(now=TODAY).document)
    assert stranger.verify_document(document)
    for name, variant in variants(document).items():
        assert is_refused(stranger, variant), name


def test_openbadgeslib_refuses_a_token_that_was_changed(ready, stranger):
    token = ready.issue_level(now=TODAY).jwt
    assert stranger.verify_token(token)
    head, _, signature = token.split(".")
    forged = encoded({**claims_in(token), "validUntil": "2999-01-01T00:00:00Z", "exp": 32472144000})
    for variant in (f"{head}.{forged}.{signature}", f"{encoded({'alg': 'none'})}.{forged}."):
        with pytest.raises(OB3VerificationError):
            stranger.verify_token(variant)


def test_what_is_over_suspended_or_revoked_is_refused_in_both_forms(ready, services, stranger):
    def refused(issued, why):
        for verify, form in (
            (stranger.verify_document, issued.document),
            (stranger.verify_token, issued.jwt),
        ):
            with pytest.raises(OB3VerificationError, match=why):
                verify(form)

    level, course = ready.issue_level(now=TODAY), ready.issue_course(now=TODAY)

    def act(verb, issued, **given):
        with services.database.transaction() as session:
            verb(session, credential_of(session, issued.id), by=ready.staff, now=TODAY, **given)

    act(suspend, level, reason="Their security contact left.")
    refused(level, "Credential status 'suspension' is set")
    assert stranger.verify_document(course.document)
    act(resume, level)
    assert stranger.verify_document(level.document)
    assert stranger.verify_token(level.jwt)
    act(revoke, level, reason="Forged logs.")
    act(revoke, course, reason="Somebody else's work.")
    refused(level, "Credential status 'suspension' is set")
    refused(course, "Credential status 'revocation' is set")
    refused(expired(services, level), "expired")


@pytest.mark.xdist_group("verifier")
def test_digital_bazaars_verifier_accepts_ours_and_refuses_the_same_variants(
    ready, services, stranger, elsewhere
):
    course, level = ready.issue_course(now=TODAY), ready.issue_level(now=TODAY)
    person, company = json.loads(course.document), json.loads(level.document)
    wished = {**variants(company), "expired": json.loads(expired(services, level).document)}
    given = {"person": person, "company": company, **wished}
    told = verified_elsewhere(elsewhere, documents_of(stranger, [person, company]), given)
    for name in ("person", "company"):
        assert told[name] == {"verified": True, "error": "", "set": []}, name
    for name in wished:
        assert not told[name]["verified"], name
    with services.database.transaction() as session:
        suspend(session, credential_of(session, level.id), by=ready.staff, reason="x", now=TODAY)
        revoke(session, credential_of(session, course.id), by=ready.staff, reason="x", now=TODAY)
    told = verified_elsewhere(
        elsewhere, documents_of(stranger, [person, company]), {"person": person, "company": company}
    )
    assert (told["person"]["set"], told["company"]["set"]) == (["revocation"], ["suspension"])


@pytest.mark.parametrize("kind", ["course", "track", "level"])
def test_it_fits_1edtechs_schema_and_what_lacks_a_list_does_not(ready, kind):
    schema = json.loads((FOLDER / "vocabulary/ob_v3p0_achievementcredential_schema.json").read_text())
    document = json.loads(getattr(ready, f"issue_{kind}")(now=TODAY).document)
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "proof": document["proof"][0]}, schema)


def test_the_proof_holds_under_both_published_forms_of_the_context(ready, stranger):
    document = json.loads(ready.issue_level(now=TODAY).document)
    published = json.loads((FOLDER / "vocabulary/context-3.0.3-as-published.json").read_text())
    assert published != load_context(OB_CONTEXT)
    pem = resolve_verification_method(document["proof"][0]["verificationMethod"], stranger.download)
    for context in (published, load_context(OB_CONTEXT)):
        verify_data_integrity_proof(document, pem, extra_contexts={OB_CONTEXT: context})
        with pytest.raises(OB3VerificationError):
            verify_data_integrity_proof(
                {**document, "name": "More"}, pem, extra_contexts={OB_CONTEXT: context}
            )
