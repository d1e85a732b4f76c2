"""A reviewer or a national centre endorses a company's certificate with its own signature; what does not hold is not taken."""

import json
from datetime import timedelta

import pytest
from openbadgeslib.ob3.status_list import status_entry
from sqlalchemy import select

from lms.audit import AuditEvent
from lms.certification.endorsement import checked_endorsement, endorse
from lms.certification.register import credential_of
from lms.errors import Conflict, Invalid
from lms.people.tables import Person
from lms.services import Services
from tests.certification.strangers import Stranger
from tests.conftest import NOW
from tests.verification.issuers import LIST, Issuer, World
from tests.web.conftest import shown, sign_in


@pytest.fixture
def world():
    return World()


@pytest.fixture
def centre(world):
    return Issuer(world, name="National Competence Centre")


def endorsement(centre, credential, **changed):
    """An unsigned endorsement of `credential`."""
    about = changed.pop("about", f"http://slipway.test/credentials/{credential.id}")
    return centre.badge(
        id="https://issuer.example/endorsements/1",
        type=["VerifiableCredential", "EndorsementCredential"],
        name="Endorsed",
        credentialSubject={
            "id": about,
            "type": ["EndorsementSubject"],
            "endorsementComment": "We visited them <b>twice</b>.",
        },
        credentialSchema=None,
        **changed,
    )


def as_bytes(document):
    return json.dumps(document).encode()


def check(data, credential, world):
    return checked_endorsement(data, credential, download=world, now=NOW)


def test_an_endorsement_in_either_form_is_checked_with_what_its_issuer_publishes(ready, world, centre):
    level = ready.issue_level()
    document = centre.proved(endorsement(centre, level))
    found = check(as_bytes(document), level, world)
    assert (found.issuer, found.issuer_name) == (centre.did, "National Competence Centre")
    assert found.comment.startswith("We visited them")
    assert (json.loads(found.signed), found.is_token) == (document, False)
    token = centre.token(endorsement(centre, level))
    found = check(token.encode(), level, world)
    assert (found.signed, found.is_token) == (token, True)
    assert set(world.asked) == {"https://issuer.example/.well-known/did.json"}


def test_what_does_not_hold_is_not_taken_and_says_why(ready, world, centre):
    level, course = ready.issue_level(), ready.issue_course()
    good = centre.proved(endorsement(centre, level))
    assert check(as_bytes(good), level, world)
    subject = good["credentialSubject"]
    key = Issuer(World(), "did:key")
    refused = {
        "endorses something else": good,
        "no endorsement: its type": centre.proved(),
        "changed": {**good, "credentialSubject": {**subject, "endorsementComment": "More."}},
        "not covered by the signature": {**good, "sneaky": 1},
        "Nobody signed it": endorsement(centre, level),
        "comes from somebody else": key.proved(endorsement(key, level)),
        "it holds no longer|expired|until": centre.proved(
            endorsement(centre, level, validUntil="2026-11-02T00:00:00Z")
        ),
    }
    for why, document in refused.items():
        with pytest.raises(Invalid, match=why):
            check(as_bytes(document), course if "else" in why and document is good else level, world)
    centre.publish_list(revoked=[42])
    taken_back = endorsement(centre, level, credentialStatus=status_entry(LIST, "revocation", 42))
    with pytest.raises(Invalid, match="revoked"):
        check(as_bytes(centre.proved(taken_back)), level, world)


def test_only_a_companys_is_endorsed_and_the_same_is_taken_once(ready, services, world, centre):
    level, course = ready.issue_level(), ready.issue_course()
    endorsed = check(as_bytes(centre.proved(endorsement(centre, level))), level, world)

    def take(credential):
        with services.database.transaction() as session:
            endorse(session, credential_of(session, credential.id), endorsed, by=ready.staff, now=NOW)

    with pytest.raises(Conflict, match="Only a company's"):
        take(course)
    take(level)
    with pytest.raises(Conflict, match="there already"):
        take(level)
    with services.database.reading() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "credential.endorsed")).all()
    assert (event.actor_id, event.detail["issuer"]) == (ready.staff.id, centre.did)


def test_staff_add_one_which_is_shown_and_served_to_the_byte(ready, services, world, centre, monkeypatch):
    stranger = Stranger(services)
    app = stranger.client.application
    app.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setattr(Services, "download", lambda _: world)
    level = ready.issue_level()
    address = f"/credentials/{level.id}"
    text = json.dumps(
        centre.proved(endorsement(centre, level, validFrom=f"{NOW - timedelta(days=2):%FT%TZ}")), indent=1
    )
    token = centre.token(endorsement(centre, level))
    with services.database.reading() as session:
        people = {each.name: each for each in session.scalars(select(Person))}
    staff, ada = app.test_client(), app.test_client()
    sign_in(staff, people["Sofia"])
    sign_in(ada, people["Ada"])
    assert ada.post(f"{address}/endorsements", data={"endorsement": text}).status_code == 404
    assert staff.post(f"{address}/endorsements", data={"endorsement": " "}).status_code == 422
    assert staff.post(f"{address}/endorsements", data={"endorsement": text[:-9] + "}"}).status_code == 422
    assert stranger.get(f"{address}/endorsements").json == {"endorsement": [], "endorsementJwt": []}
    assert "Endorsed by" not in shown(stranger.get(address))
    for given in (text, token):
        assert staff.post(f"{address}/endorsements", data={"endorsement": given}).location == address
    page = stranger.get(address)
    assert "National Competence Centre" in shown(page)
    assert "&lt;b&gt;twice&lt;/b&gt;" in page.text
    served = stranger.get(f"{address}/endorsements")
    assert text in served.text
    assert served.json["endorsementJwt"] == [token]
    assert served.headers["Access-Control-Allow-Origin"] == "*"
