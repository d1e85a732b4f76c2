"""Anybody checks anybody's badge on a page: without an account, without a script, and without anything being kept."""

import io
import json

import pytest
from sqlalchemy import func, select

from lms import outbound
from lms.verification.tables import VerificationTry
from lms.verification.throttle import TRIES_PER_ADDRESS
from lms.web import verify as page
from tests import steps
from tests.conftest import new_person
from tests.elsewhere import serving
from tests.verification.issuers import Issuer, World
from tests.verification.test_verify import baked
from tests.web.conftest import hidden, shown

ISSUER = Issuer(World(), "did:key", name="Harbour <b>Academy</b>")


def give(client, text="", **given):
    return client.post("/verify", data={"badge": text, **given})


def test_a_badge_is_pasted_and_every_check_told(stranger):
    assert "Is this badge genuine?" in shown(stranger.get("/verify"))
    answer = give(stranger, json.dumps(ISSUER.proved()))
    assert answer.status_code == 200
    told = shown(answer)
    assert "Not everything about this badge could be told" in told
    assert "nobody vouches for who it is" in told
    assert (told.count("Passed"), told.count("Could not be told")) == (7, 1)
    assert "Harbour &lt;b&gt;Academy" in answer.text


def test_a_badge_that_was_changed_is_named_so_with_its_reason(stranger):
    answer = give(stranger, json.dumps({**ISSUER.proved(), "name": "<script>alert(1)</script>"}))
    assert "Do not rely on this badge" in shown(answer)
    assert "The signature does not fit" in shown(answer)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("carrier", ["png", "svg", "json"])
def test_a_file_is_uploaded(stranger, carrier):
    text = json.dumps(ISSUER.proved())
    data = text.encode() if carrier == "json" else baked(text, carrier)
    answer = give(stranger, file=(io.BytesIO(data), f"badge.{carrier}"))
    assert "Navigation" in shown(answer)
    assert {"png": "PNG picture", "svg": "SVG picture", "json": "proof inside"}[carrier] in shown(answer)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Paste a badge or its link"),
        ("hello", "neither JSON nor a signed token"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ("http://far.example/badge", "Only addresses that begin with https://"),
        ("https://127.0.0.1/badge", "not on the public internet"),
        ("https://169.254.169.254/latest/meta-data/", "not on the public internet"),
        ("https://user:secret@far.example/", "no name or password"),
    ],
)
def test_what_cannot_be_checked_is_told_and_what_was_typed_is_kept(stranger, text, words):
    answer = give(stranger, text)
    assert answer.status_code == 422
    assert words in answer.text
    assert text.replace('"', "&#34;") in answer.text


def test_a_script_gets_the_same_as_json(stranger):
    headers = {"Accept": "application/json"}
    answer = stranger.post("/verify", data={"badge": json.dumps(ISSUER.proved())}, headers=headers)
    assert answer.json["verdict"] == "unclear"
    assert {each["name"]: each["outcome"] for each in answer.json["checks"]}["signature"] == "passed"
    assert answer.json["badge"]["title"] == "Navigation"
    unreadable = stranger.post("/verify", data={"badge": "hello"}, headers=headers)
    assert (unreadable.json["verdict"], unreadable.json["badge"]) == ("unreadable", None)
    nothing = stranger.post("/verify", data={"badge": ""}, headers=headers)
    assert (nothing.status_code, nothing.json["error"]["message"][:7]) == (422, "Paste a")


def test_the_form_carries_a_token_and_is_refused_without(app):
    client = app.test_client()
    token = hidden(client.get("/verify"), "csrf_token")
    text = json.dumps(ISSUER.proved())
    assert client.post("/verify", data={"badge": text}).status_code == 400
    assert client.post("/verify", data={"badge": text, "csrf_token": token}).status_code == 200


def test_one_address_may_check_many_badges_and_not_any_number(stranger, site):
    for _number in range(TRIES_PER_ADDRESS):
        assert give(stranger, "hello").status_code == 422
    answer = give(stranger, "hello")
    assert (answer.status_code, "Too many badges" in answer.text) == (429, True)
    elsewhere = stranger.post("/verify", data={"badge": "hello"}, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code == 422
    with site.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(VerificationTry)) == TRIES_PER_ADDRESS + 1


def test_only_a_few_badges_are_checked_at_once(stranger, monkeypatch):
    monkeypatch.setattr(page, "PATIENCE", 0.01)
    with page.AT_ONCE, page.AT_ONCE:
        answer = give(stranger, "hello")
    assert (answer.status_code, "right now" in answer.text) == (503, True)
    assert give(stranger, "hello").status_code == 422


@pytest.fixture
def far(monkeypatch):
    """The internet: an issuer on it, asked through the real guard with a policy that finds it on this machine."""
    with serving("issuer.example") as site:
        monkeypatch.setattr(page, "POLICY", site.policy())
        monkeypatch.setattr(page, "Errand", lambda: outbound.Errand(site.policy()))
        yield site


def test_a_link_is_followed_and_its_issuer_asked(stranger, far):
    world = World()
    issuer = Issuer(world, f"did:web:issuer.example%3A{far.port}")
    document = json.dumps(issuer.document).encode()
    far.pages["issuer.example", "/.well-known/did.json"] = (200, {}, document)
    far.pages["issuer.example", "/badge"] = (200, {}, json.dumps(issuer.proved()).encode())
    answer = give(stranger, far.url("/badge"))
    assert "This badge is genuine and holds today" in shown(answer)
    assert [path for _method, _host, path, _headers, _body in far.asked] == [
        "/badge",
        "/.well-known/did.json",
    ]
    assert all("Cookie" not in headers for *_rest, headers, _body in far.asked)


def test_an_issuer_that_does_not_answer_is_no_judgement(stranger, far):
    issuer = Issuer(World(), f"did:web:issuer.example%3A{far.port}")
    answer = give(stranger, json.dumps(issuer.proved()))
    assert "Not everything about this badge could be told" in shown(answer)
    assert "answered with status 404" in shown(answer)


@pytest.fixture
def ours(visitor, site, tmp_path):
    """The address of a certificate of this site's own."""
    ada, mentor = visitor("Ada"), new_person(site, "Mentor", mentor=True)
    steps.pass_everything(site, ada.person, mentor, tmp_path)
    return ada.post("/courses/S01/certificate").location


def test_our_own_certificates_are_checked_without_asking_any_network(ours, stranger, monkeypatch):
    monkeypatch.setattr(outbound, "look_up", None)
    monkeypatch.setattr(page, "Errand", None.__class__)  # nothing that could be asked
    for given in (
        stranger.get(f"{ours}.jwt").text,
        f"http://slipway.test{ours}",
        f"http://slipway.test{ours}.jwt",
    ):
        answer = give(stranger, given)
        assert "This badge is genuine and holds today" in shown(answer), shown(answer)
        assert "slipway.test publishes as its own" in shown(answer)


def test_a_page_of_ours_that_is_no_document_is_not_fetched_from_ourselves(stranger):
    for path in ("/", "/credentials", "/staff", "/no-such-page"):
        answer = give(stranger, f"https://slipway.test{path}")
        assert (answer.status_code, "At this address of ours" in answer.text) == (422, True)


def test_what_somebody_pastes_leads_nowhere_inside(stranger):
    for did in ("did:web:127.0.0.1", "did:web:localhost", "did:web:169.254.169.254"):
        issuer = Issuer(World(), did)
        answer = give(stranger, json.dumps(issuer.proved()))
        assert "is not on the public internet" in shown(answer), did
