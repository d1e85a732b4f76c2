"""A company's readiness as its leads, mentors and the centre meet it."""

import csv
import io

import pytest

from lms.people.register import join
from lms.readiness.evaluate import evaluate
from lms.readiness.sweep import sweep
from lms.web.desk import harmless
from tests.conftest import NOW, ScriptedGrader, new_person
from tests.readiness.conftest import POLICY, pass_everything, publish_policy
from tests.steps import company
from tests.web.conftest import shown

WORD = {"kind": "rules", "note": "Everybody has signed.", "since": "2026-11-20"}
PDF = b"%PDF-1.7 the plan"


@pytest.fixture
def services(site):
    """Pages need one database only: the worker works on the site's."""
    return site


@pytest.fixture
def nordlys(site, visitor, worker_with):
    """A company whose lead, Ada, has passed everything; Miriam is a mentor, Sofia of the staff."""
    publish_policy(site, POLICY)
    ada, miriam = visitor("Ada"), visitor("Miriam", mentor=True)
    visitor_staff = visitor("Sofia", staff=True)
    organisation = company(site, "Nordlys", leads=[ada.person], members=[new_person(site, "Bob")])
    pass_everything(site, worker_with(ScriptedGrader(6)), ada.person, miriam.person)
    return ada, miriam, visitor_staff, organisation


def test_from_a_leads_word_to_the_centres_and_back(nordlys, site):
    ada, _miriam, sofia, _organisation = nordlys
    page = shown(ada.get("/companies/nordlys"))
    assert "No level is earned yet" in page
    assert "Nobody has vouched for it yet. A lead of the company can declare it." in page
    assert "The shortest way needs no course" in page
    assert ada.post("/companies/nordlys/documents", data=WORD).status_code == 302
    assert "R1 Playground is earned" in shown(ada.get("/companies/nordlys"))
    desk = shown(sofia.get("/staff/readiness"))
    assert "2 levels wait for your decision" in desk
    assert "Nordlys: R1 Confirm it, or say what is missing" in desk
    issued = sofia.post("/companies/nordlys/levels/R1", data={"reason": "Seen."})
    assert issued.location.startswith("/credentials/")
    page = shown(ada.get("/companies/nordlys"))
    assert "Nordlys is ready for R1 Playground" in page
    assert "The rules are accepted R1 lapses on 21 May 2027" in page
    assert "Seen." in shown(ada.get("/companies/nordlys/history"))
    # The lead takes the word back: the level lapses, and everybody is told what is missing.
    assert ada.post("/companies/nordlys/documents/1/withdraw", data={"reason": ""}).status_code == 422
    ada.post("/companies/nordlys/documents/1/withdraw", data={"reason": "Two have not signed."})
    page = shown(ada.get("/companies/nordlys"))
    assert "Still holds, but is earned no more" in page
    assert "The days of grace end" in page
    assert "Two have not signed." in shown(ada.get("/companies/nordlys/documents"))
    # The centre ends it for good.
    address = "/staff/readiness/nordlys/R1"
    assert sofia.post(address, data={"what": "withdraw", "reason": ""}).status_code == 422
    assert sofia.post(address, data={"what": "burn", "reason": "x"}).status_code == 422
    assert ada.post(address, data={"what": "withdraw", "reason": "x"}).status_code == 404
    sofia.post(address, data={"what": "withdraw", "reason": "They asked for it."})
    assert "They asked for it." in shown(ada.get("/companies/nordlys/history"))
    assert "was revoked" in shown(sofia.get(issued.location))


def test_what_if_says_what_would_be_and_writes_nothing_down(nordlys, site):
    ada, *_rest, organisation = nordlys
    ada.post("/companies/nordlys/documents", data=WORD)
    bob = ada.person.id + 3
    page = shown(ada.get(f"/companies/nordlys/what-if?leaves={ada.person.id}"))
    assert "levels would be earned no more" in page
    assert "Closest is Bob" in page
    kept = shown(ada.get(f"/companies/nordlys/what-if?leaves={ada.person.id}&who={bob}&passes=S01"))
    assert "R1@boreas" in kept
    assert "The same levels would be earned" not in shown(
        ada.get("/companies/nordlys/what-if?leaves=999&leaves=x")
    )
    with site.database.transaction() as session:
        look = evaluate(session, site.shelf, organisation.id, cause="swept", by=None, now=NOW)
    assert look.decision.level("R1").earned


def test_a_document_is_read_by_the_companys_leads_and_the_centre_only(nordlys, visitor):
    ada, miriam, sofia, _organisation = nordlys
    given = {
        "kind": "plan",
        "note": "Read it.",
        "since": "2026-11-20",
        "document": (io.BytesIO(PDF), "plan.pdf"),
    }
    assert "Documents of companies" in shown(miriam.get("/mentor"))
    assert "Nordlys Acceptable use, Data management plan" in shown(miriam.get("/mentor/companies"))
    assert miriam.post("/companies/nordlys/documents", data=given).status_code == 302
    assert "Nordlys Acceptable use" in shown(miriam.get("/mentor/companies"))
    for client in (ada, sofia):
        answer = client.get("/companies/nordlys/documents/1/file")
        assert (answer.data, answer.headers["Content-Disposition"]) == (PDF, "attachment; filename=plan.pdf")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    for client in (miriam, visitor("Eve"), visitor("Mo", mentor=True)):
        assert client.get("/companies/nordlys/documents/1/file").status_code == 404
    assert "plan.pdf" not in miriam.get("/companies/nordlys/documents").text
    assert sofia.get("/companies/nordlys/documents/2/file").status_code == 404


def test_what_is_wrong_with_a_word_stands_beside_its_field_and_nothing_typed_is_lost(nordlys):
    ada, *_rest = nordlys
    wrong = {**WORD, "since": "yesterday", "until": "soon"}
    answer = ada.post("/companies/nordlys/documents", data=wrong)
    assert answer.status_code == 422
    assert "A day, please, such as 2026-11-23, or nothing." in shown(answer)
    assert "Everybody has signed." in answer.text
    bad = {**WORD, "document": (io.BytesIO(b"MZ\0"), "x.exe")}
    refused = ada.post("/companies/nordlys/documents", data=bad)
    assert (refused.status_code, "neither a PDF nor a plain text" in shown(refused)) == (422, True)
    assert ada.post("/companies/nordlys/documents", data={**WORD, "kind": "plan"}).status_code == 403


def test_a_mentor_sees_nothing_of_the_company_they_work_for_as_a_mentor(nordlys, site, visitor):
    _ada, _miriam, _sofia, organisation = nordlys
    mo = visitor("Mo", mentor=True)
    assert mo.get("/companies/nordlys/documents").status_code == 200
    with site.database.transaction() as session:
        join(session, mo.person, organisation.id, as_lead=False, now=NOW)
    assert mo.get("/companies/nordlys/documents").status_code == 404
    assert mo.post("/companies/nordlys/documents", data={**WORD, "kind": "plan"}).status_code == 404
    assert "Nothing waits for you" in shown(mo.get("/mentor/companies"))


def test_somebody_leaves_by_the_page_and_the_last_lead_cannot(nordlys):
    ada, *_rest = nordlys
    bob = ada.person.id + 3
    assert ada.post(f"/companies/nordlys/members/{ada.person.id}/leave").status_code == 409
    assert ada.post(f"/companies/nordlys/members/{bob}/leave").status_code == 302
    assert ada.post(f"/companies/nordlys/members/{bob}/leave").status_code == 404
    assert "Somebody left, Ada" in shown(ada.get("/companies/nordlys/history"))


def test_the_desk_is_read_by_programs_too(nordlys):
    ada, _miriam, sofia, _organisation = nordlys
    ada.post("/companies/nordlys/documents", data=WORD)
    sofia.post("/companies/nordlys/levels/R1", data={"reason": ""})
    records = sofia.get("/staff/readiness.json").json["standings"]
    assert [(each["company"], each["level"], each["state"]) for each in records] == [
        ("Nordlys", "R1", "granted"),
        ("Nordlys", "R1@boreas", "proposed"),
    ]
    assert records[0]["certificate"].startswith("http://slipway.test/credentials/")
    (row,) = csv.DictReader(
        io.StringIO(sofia.get("/staff/readiness.csv?state=granted").data.decode("utf-8-sig"))
    )
    assert (row["slug"], row["policy"], row["waits_since"]) == ("nordlys", "test-2", "")
    assert (
        "Nordlys"
        not in shown(sofia.get("/staff/readiness?state=suspended"))
        .partition("What moved lately")[0]
        .partition("Companies by level and state")[2]
    )


def test_a_name_is_no_formula_in_a_spreadsheet():
    assert [harmless(each) for each in ("=1+1", "@x", "Nordlys", 3, None)] == [
        "'=1+1",
        "'@x",
        "Nordlys",
        3,
        None,
    ]


def test_a_sweep_shows_on_the_pages_what_time_has_done(nordlys, site):
    ada, _miriam, sofia, _organisation = nordlys
    ada.post("/companies/nordlys/documents", data={**WORD, "until": "2027-01-15"})
    sofia.post("/companies/nordlys/levels/R1", data={"reason": ""})
    sweep(site.database, site.shelf, now=NOW.replace(year=2026, month=12, day=20))
    page = shown(ada.get("/companies/nordlys"))
    assert "R1 lapses on 16 January 2027 Told on 20 December 2026, 30 days or less before." in page
