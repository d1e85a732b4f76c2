"""Staff say who is told and who may ask; a desk's program asks."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from lms.handover.collect import collect
from lms.handover.tables import ApiToken, Delivery, Endpoint
from lms.handover.tokens import MOST_ASKED
from lms.readiness.tables import LevelStanding
from tests.conftest import NOW
from tests.web.conftest import shown
from tests.web.test_readiness_pages import WORD, nordlys, services  # noqa: F401

ADDRESS = "https://8.8.8.8/hook"  # a number: nobody's name server is asked
EVENTS = ["credential.issued", "organisation.readiness.granted"]


@pytest.fixture
def sofia(visitor):
    return visitor("Sofia", staff=True)


@pytest.fixture
def granted(nordlys):  # noqa: F811
    """Nordlys is ready for the first level; whoever of the staff granted it."""
    ada, _miriam, sofia, organisation = nordlys
    ada.post("/companies/nordlys/documents", data=WORD)
    assert sofia.post("/companies/nordlys/levels/R1", data={"reason": "Seen."}).status_code == 302
    return sofia, organisation


def make_token(client, **given):
    answer = client.post("/staff/handover/tokens", data={"label": "Allocation desk", "days": "365", **given})
    assert answer.status_code == 200, shown(answer)
    return re.search(r"slr_[\w-]+", answer.text).group()


def ask(app, path, token):
    return app.test_client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}"})


def rows(site, table):
    with site.database.reading() as session:
        return session.scalars(select(table).order_by(table.id)).all()


def test_an_address_is_added_with_a_secret_that_is_shown_once(sofia, site):
    page = shown(sofia.get("/staff/handover"))
    assert "Nobody is told yet" in page
    answer = sofia.post(
        "/staff/handover", data={"url": ADDRESS, "description": "The <b>desk</b>", "events": EVENTS}
    )
    (endpoint,) = rows(site, Endpoint)
    assert endpoint.secret in answer.text
    assert "The &lt;b&gt;desk" in answer.text
    assert endpoint.events == EVENTS
    assert endpoint.secret not in sofia.get("/staff/handover/1").text
    assert endpoint.secret not in sofia.get("/staff/handover").text
    assert "One address is told" in shown(sofia.get("/staff/handover"))
    again = sofia.post("/staff/handover/1/secret")
    (renewed,) = rows(site, Endpoint)
    assert renewed.secret != endpoint.secret
    assert renewed.secret in again.text
    assert "signed with the secret before this one as well" in shown(sofia.get("/staff/handover/1"))
    assert sofia.get("/staff/handover/2").status_code == 404


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://127.0.0.1/hook", "127.0.0.1 is not on the public internet"),
        ("https://169.254.169.254/latest", "not on the public internet"),
        ("https://[::1]/", "not on the public internet"),
        ("http://8.8.8.8/hook", "Only addresses that begin with https://"),
        ("https://8.8.8.8:22/", "Port 22 is not asked"),
        ("https://user:x@8.8.8.8/", "no name or password"),
        ("", "Only addresses that begin with https://"),
    ],
)
def test_an_address_that_is_never_asked_is_refused_with_a_sentence_and_nothing_typed_is_lost(
    sofia, site, url, words
):
    answer = sofia.post("/staff/handover", data={"url": url, "description": "Mine", "events": EVENTS})
    assert answer.status_code == 422
    assert words in shown(answer)
    assert 'value="Mine"' in answer.text
    assert rows(site, Endpoint) == []
    none = sofia.post("/staff/handover", data={"url": ADDRESS})
    assert (none.status_code, "Choose what it shall be told" in none.text) == (422, True)


def test_the_log_says_what_was_answered_and_sends_again(sofia, site):
    sofia.post("/staff/handover", data={"url": ADDRESS, "events": EVENTS})
    sofia.post("/staff/handover/1/test")
    assert "A test" in shown(sofia.get("/staff/handover/1"))
    assert "On its way" in shown(sofia.get("/staff/handover/1"))
    with site.database.transaction() as session:
        session.execute(
            update(Delivery).values(attempts=10, tries_left=0, next_at=None, status=500, answer="<i>oh</i>")
        )
    page = sofia.get("/staff/handover/1")
    assert "Tried 10 times. Answered 500. &lt;i&gt;oh" in shown(page)
    assert "Given up" in shown(page)
    assert "could not be told everything" in shown(sofia.get("/staff/handover"))
    assert sofia.post("/staff/handover/1/deliveries/1/again").status_code == 302
    assert "Tried again soon" in shown(sofia.get("/staff/handover/1"))
    sofia.post("/staff/handover/1/pause")
    assert "Held back" in shown(sofia.get("/staff/handover/1"))
    assert sofia.post("/staff/handover/1/deliveries/1/again").status_code == 409
    assert sofia.post("/staff/handover/1/test").status_code == 409
    sofia.post("/staff/handover/1/resume")
    assert sofia.post("/staff/handover/1/deliveries/7/again").status_code == 404
    assert "Tried again soon" in shown(sofia.get("/staff/handover/1"))


def test_what_the_pages_do_is_told_to_an_endpoint(nordlys, site):  # noqa: F811
    ada, _miriam, sofia, _organisation = nordlys
    sofia.post("/staff/handover", data={"url": ADDRESS, "events": EVENTS})
    ada.post("/companies/nordlys/documents", data=WORD)
    sofia.post("/companies/nordlys/levels/R1", data={"reason": "Seen."})
    with site.database.reading() as session:
        now = session.scalars(select(Endpoint)).one().created_at
    assert collect(site.database, site.press.issuer, now=now) == 2
    assert {each.type for each in rows(site, Delivery)} == set(EVENTS)


def test_a_program_asks_whether_a_company_is_ready_until_when_and_who_says_so(granted, app, site):
    sofia, _organisation = granted
    token = make_token(sofia)
    answer = ask(app, "organisations/nordlys/readiness", token)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    told = answer.json
    assert told["issuer"] == {"id": "did:web:slipway.test", "name": site.press.issuer.name}
    assert told["organisation"] == {"slug": "nordlys", "name": "Nordlys"}
    assert told["ready"] is True
    first = next(each for each in told["levels"] if each["id"] == "R1")
    assert (first["level"], first["machine"], first["ready"], first["state"]) == ("R1", None, True, "granted")
    assert first["lapses_on"] is not None
    address = first["credential"]["address"]
    assert address.startswith("http://slipway.test/credentials/")
    assert app.test_client().get(address.removeprefix("http://slipway.test")).status_code == 200
    assert "Ada" not in answer.text
    # Another level waits for the centre: it is told, and is not ready.
    (listed,) = ask(app, "readiness?level=R1&machine=boreas", token).json["organisations"]
    assert [(each["id"], each["ready"], each["state"]) for each in listed["levels"]] == [
        ("R1@boreas", False, "proposed")
    ]
    everything = ask(app, "readiness", token).json["organisations"]
    assert [len(each["levels"]) for each in everything] == [2]
    # Lapsing still holds, until the days of grace are over: also when nobody has looked since.
    with site.database.transaction() as session:
        today = date.fromisoformat(told["at"][:10])
        change = update(LevelStanding).where(LevelStanding.level_id == "R1")
        session.execute(change.values(state="lapsing", grace_until=today + timedelta(days=3)))
    lapsing = ask(app, "organisations/nordlys/readiness", token).json
    assert (lapsing["ready"], lapsing["levels"][0]["state"]) == (True, "lapsing")
    with site.database.transaction() as session:
        session.execute(change.values(grace_until=today))
    assert ask(app, "organisations/nordlys/readiness", token).json["ready"] is False
    with site.database.transaction() as session:
        session.execute(change.values(state="granted", grace_until=None))
    sofia.post("/staff/readiness/nordlys/R1", data={"what": "suspend", "reason": "An incident."})
    suspended = ask(app, "organisations/nordlys/readiness", token).json
    assert (suspended["ready"], suspended["levels"][0]["state"]) == (False, "suspended")
    assert suspended["levels"][0]["credential"]["state"] == "suspended"
    assert "incident" not in str(suspended)


def test_a_certificate_that_was_revoked_counts_no_more_before_anybody_looks_at_the_level(granted, app, site):
    sofia, _organisation = granted
    token = make_token(sofia)
    with site.database.transaction() as session:
        standing = session.scalars(select(LevelStanding).where(LevelStanding.level_id == "R1")).one()
        number = standing.credential_id
    sofia.post(f"/staff/credentials/{number}/revoke", data={"reason": "Forged."})
    with site.database.transaction() as session:
        session.execute(update(LevelStanding).where(LevelStanding.level_id == "R1").values(state="granted"))
    assert ask(app, "organisations/nordlys/readiness", token).json["ready"] is False


def test_what_is_unknown_is_a_problem_that_says_what_is_known(granted, app):
    token = make_token(granted[0])
    unknown = ask(app, "organisations/nobody/readiness", token)
    assert (unknown.status_code, unknown.mimetype) == (404, "application/problem+json")
    assert "nobody" in unknown.json["detail"]
    level = ask(app, "readiness?level=R9", token)
    assert (level.status_code, "It knows: R1, R2" in level.json["detail"]) == (404, True)
    machine = ask(app, "readiness?machine=notus", token)
    assert (machine.status_code, "boreas" in machine.json["detail"]) == (404, True)


def test_a_token_is_shown_once_counted_and_revoked(sofia, app, site):
    token = make_token(sofia)
    assert token not in sofia.get("/staff/handover").text
    assert token not in str([vars(each) for each in rows(site, ApiToken)])
    assert ask(app, "readiness", token).status_code == 200
    assert "Asked last on" in shown(sofia.get("/staff/handover"))
    answer = app.test_client().get("/api/v1/readiness", headers={"Authorization": f"bearer {token}"})
    assert answer.status_code == 200
    nobody = app.test_client().get("/api/v1/readiness")
    assert (nobody.status_code, nobody.headers["WWW-Authenticate"]) == (401, 'Bearer realm="readiness"')
    assert "Authorization: Bearer" in nobody.json["detail"]
    for _number in range(MOST_ASKED - 2):
        assert ask(app, "readiness", token).status_code == 200
    often = ask(app, "readiness", token)
    assert (often.status_code, often.headers["Retry-After"], often.json["title"]) == (
        429,
        "60",
        "Too Many Requests",
    )
    with site.database.transaction() as session:
        session.execute(update(ApiToken).values(counted_from=NOW))
    assert ask(app, "readiness", token).status_code == 200
    with site.database.transaction() as session:
        session.execute(update(ApiToken).values(scope="readiness:write"))
    assert ask(app, "readiness", token).status_code == 403
    with site.database.transaction() as session:
        session.execute(update(ApiToken).values(scope="readiness:read", expires_at=NOW))
    expired = ask(app, "readiness", token)
    assert (expired.status_code, "has expired" in expired.json["detail"]) == (401, True)
    other = make_token(sofia)
    sofia.post("/staff/handover/tokens/2/revoke")
    revoked = ask(app, "readiness", other)
    assert (revoked.status_code, "was revoked" in revoked.json["detail"]) == (401, True)
    assert sofia.post("/staff/handover/tokens/9/revoke").status_code == 404
    for wrong in ({"label": ""}, {"days": "many"}, {"days": "731"}):
        bad = sofia.post("/staff/handover/tokens", data={"label": "x", "days": "1", **wrong})
        assert bad.status_code == 422
