"""A lab worked on in the browser, as its page talks to the site."""

import base64
import hashlib
import io
import json
import re

import pytest
from sqlalchemy import select

from lms.labs.tables import Grading, LabWork, Submission
from lms.labs.work.tables import Revision
from tests.steps import notebook, publish_changed
from tests.web.conftest import sign_in

WORK = "/labs/SL1/work"
JSON = {"Accept": "application/json"}


class Page:
    """What the scripts of an open page do."""

    def __init__(self, client, lab="SL1"):
        self.client = client
        self.address = f"/labs/{lab}/work"
        self.config = config_of(client.get(self.address))

    def headers(self, base=None, **more):
        told = {**JSON, "X-Slipway-Person": str(self.config["person"]), **more}
        return told if base is None else {**told, "If-Match": f'"{base}"'}

    def save(self, notebook, base, *, files=(), keep=False):
        body = {"notebook": notebook, "files": list(files), "keep": keep}
        return self.client.put(self.address, json=body, headers=self.headers(base))

    def post(self, path, base):
        return self.client.post(f"{self.address}/{path}", headers=self.headers(base))


def config_of(answer):
    assert answer.status_code == 200, answer.text[:500]
    return json.loads(
        re.search(r'<script type="application/json" id="workbench">(.*?)</script>', answer.text, re.DOTALL)[1]
    )


def a_notebook(text="return a + b"):
    return json.loads(notebook(text))


@pytest.fixture
def ada(visitor):
    client = visitor("Ada")
    client.post("/labs/SL1/start")
    return client


def test_a_lab_is_opened_with_its_hand_out_saved_and_opened_again(ada):
    page = Page(ada)
    assert page.config["revision"] == 0
    assert any("nbgrader" in cell["metadata"] for cell in page.config["notebook"]["cells"])
    saved = page.save(a_notebook(), 0)
    assert saved.status_code == 200
    again = Page(ada).config
    assert again["notebook"] == a_notebook()
    assert again["revision"] == saved.json["revision"]
    assert again["savedAt"] == saved.json["savedAt"]
    assert json.loads(ada.get(f"{WORK}/notebook").data) == a_notebook()


def test_the_page_knows_how_much_of_a_notebook_is_taken_and_the_refusal_names_what_helps(ada):
    page = Page(ada)
    most = page.config["limits"]["notebookBytes"]
    large = a_notebook()
    large["cells"][0]["source"] = "x" * most
    refused = page.save(large, 0)
    assert refused.status_code == 422
    message = refused.json["error"]["message"]
    assert f"larger than {most >> 20} MB" in message
    assert "Clear all outputs" in message
    assert "Clear all outputs" in ada.get(WORK).text
    large["cells"][0]["source"] = "x" * (most - 5000)
    assert page.save(large, 0).status_code == 200


def test_who_has_not_begun_is_led_to_the_labs_page(visitor):
    answer = visitor("Bo").get(WORK)
    assert answer.status_code == 302
    assert answer.location == "/labs/SL1"


def test_only_this_page_is_isolated_and_its_scripts_are_only_the_sites(ada):
    headers = ada.get(WORK).headers
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    nonces = {
        re.search("'nonce-([^']+)'", ada.get(WORK).headers["Content-Security-Policy"])[1] for _ in range(2)
    }
    assert len(nonces) == 2
    for other in ("/labs/SL1", "/home", "/courses"):
        assert "Cross-Origin-Embedder-Policy" not in ada.get(other).headers
        assert "nonce" not in ada.get(other).headers["Content-Security-Policy"]


def test_what_somebody_else_saved_meanwhile_is_never_overwritten_and_both_are_kept(ada):
    first, second = Page(ada), Page(ada)
    mine = first.save(a_notebook("x = 1"), 0)
    lost = second.save(a_notebook("x = 2"), 0)
    assert lost.status_code == 412
    assert lost.json["error"]["kind"] == "conflict"
    assert lost.json["revision"] == mine.json["revision"]
    kept = ada.get(f"{WORK}/revisions/{lost.json['kept']}", headers=JSON).json
    assert kept["notebook"] == a_notebook("x = 2")
    assert Page(ada).config["notebook"] == a_notebook("x = 1")
    # To keep mine all the same: save over what is there now, which stays in the history.
    assert second.save(a_notebook("x = 2"), lost.json["revision"], keep=True).status_code == 200
    kinds = [each["kind"] for each in ada.get(f"{WORK}/revisions", headers=JSON).json["revisions"]]
    assert sorted(kinds) == ["conflict", "saved", "saved"] or sorted(kinds) == ["conflict", "saved"]


def test_a_save_whose_answer_was_lost_is_no_conflict(ada):
    page = Page(ada)
    saved = page.save(a_notebook("x = 1"), 0)
    again = page.save(a_notebook("x = 1"), 0)
    assert again.status_code == 200
    assert again.json == saved.json


def test_files_come_along_once_and_are_there_again(ada):
    page = Page(ada)
    data = b"#!/bin/bash\n"
    digest = hashlib.sha256(data).hexdigest()
    named = {"name": "out/job.sh", "sha256": digest}
    missing = page.save(a_notebook(), 0, files=[named])
    assert missing.status_code == 422
    assert missing.json["missing"] == [digest]
    assert Page(ada).config["revision"] == 0
    brought = page.save(a_notebook(), 0, files=[{**named, "data": base64.b64encode(data).decode()}])
    assert brought.status_code == 200
    assert page.save(a_notebook("x = 1"), brought.json["revision"], files=[named]).status_code == 200
    assert Page(ada).config["files"] == [{"name": "out/job.sh", "sha256": digest, "size": len(data)}]
    assert ada.get(f"{WORK}/files/{digest}").data == data


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../b", "a\\b", "a\0b", "", ".", "x" * 300, "a//b", "\ud800"]
)
def test_a_name_that_is_no_plain_one_is_refused_by_name_and_the_rest_is_saved(ada, name):
    page = Page(ada)
    data = base64.b64encode(b"x").decode()
    good = {"name": "good.txt", "sha256": hashlib.sha256(b"x").hexdigest(), "data": data}
    answer = page.save(a_notebook("x"), 0, files=[{**good, "name": name}, good])
    assert answer.status_code == 200
    (refused,) = answer.json["refused"]
    assert refused["path"] == name
    assert refused["why"].endswith(".")
    config = Page(ada).config
    assert config["notebook"] == a_notebook("x")
    assert [each["name"] for each in config["files"]] == ["good.txt"]
    assert page.save(a_notebook("y"), answer.json["revision"], files=[good]).json["refused"] == []


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"notebook": "text"},
        {"notebook": {"cells": {}}},
        {"notebook": {"cells": [1], "nbformat": 4}},
        {"notebook": {"cells": [], "nbformat": 3}},
        {"notebook": {"cells": [], "nbformat": 4}, "files": "x"},
        {"notebook": {"cells": [], "nbformat": 4}, "files": [{"name": "x", "sha256": "y"}]},
    ],
)
def test_what_is_no_notebook_is_refused_with_a_sentence(ada, body):
    page = Page(ada)
    answer = ada.put(WORK, json=body, headers=page.headers(0))
    assert answer.status_code == 422
    assert answer.json["error"]["message"].endswith(".")
    assert Page(ada).config["revision"] == 0


def test_halves_of_characters_and_zeros_do_not_break_what_is_kept(ada):
    page = Page(ada)
    for base, text in ((0, 'x = "\ud83d"'), (1, 'x = "a\0b"')):
        sent = json.dumps({"notebook": a_notebook(text), "files": []}).encode()
        answer = ada.put(WORK, data=sent, content_type="application/json", headers=page.headers(base))
        assert answer.status_code == 200
    assert Page(ada).config["notebook"]["cells"]


def test_a_save_says_which_version_it_was_made_from(ada):
    page = Page(ada)
    body = {"notebook": a_notebook(), "files": []}
    assert ada.put(WORK, json=body, headers=page.headers()).status_code == 428
    assert ada.put(WORK, json=body, headers={**page.headers(), "If-Match": "0"}).status_code == 400
    assert ada.put(WORK, data=b"{}", headers=page.headers(0), content_type="text/plain").status_code == 415
    assert ada.put(WORK, json=body, headers=page.headers(0)).status_code == 200


def test_a_page_of_somebody_who_signed_out_is_told_so_and_never_sent_to_a_form(ada):
    page = Page(ada)
    ada.post("/sign-out")
    for answer in (
        page.save(a_notebook(), 0),
        page.post("hand-in", 0),
        ada.get(f"{WORK}/token", headers=JSON),
    ):
        assert answer.status_code == 401
        assert answer.json["error"]["kind"] == "signed-out"
    assert ada.get(WORK).status_code == 302
    sign_in(ada, ada.person)
    assert page.save(a_notebook(), 0).status_code == 200


def test_nothing_is_saved_into_the_work_of_somebody_else_who_signed_in_meanwhile(ada, visitor):
    page = Page(ada)
    bo = visitor("Bo")
    bo.post("/labs/SL1/start")
    ada.post("/sign-out")
    sign_in(ada, bo.person)
    answer = page.save(a_notebook("stolen"), 0)
    assert answer.status_code == 409
    assert answer.json["error"]["kind"] == "other-person"
    assert Page(bo).config["revision"] == 0
    assert ada.get(f"{WORK}/token", headers=JSON).json["person"] == bo.person.id


def test_a_token_that_is_no_longer_good_is_told_from_a_session_that_ended(app, ada):
    page = Page(ada)
    app.config["WTF_CSRF_ENABLED"] = True
    stale = page.save(a_notebook(), 0)
    assert (stale.status_code, stale.json["error"]["kind"]) == (400, "stale-token")
    fresh = ada.get(f"{WORK}/token", headers=JSON).json["csrf"]
    body = {"notebook": a_notebook(), "files": []}
    assert ada.put(WORK, json=body, headers=page.headers(0, **{"X-CSRFToken": fresh})).status_code == 200
    gone = app.test_client().put(WORK, json=body, headers=page.headers(0))
    assert (gone.status_code, gone.json["error"]["kind"]) == (401, "signed-out")


def test_a_page_that_restores_is_told_exactly_the_files_there_are_now(ada):
    page = Page(ada)

    def file(name, data):
        sha256 = hashlib.sha256(data).hexdigest()
        return {"name": name, "sha256": sha256, "data": base64.b64encode(data).decode()}

    first = page.save(a_notebook("x = 1"), 0, files=[file("a.txt", b"1")], keep=True).json["revision"]
    both = [file("a.txt", b"2"), file("b.txt", b"3")]
    second = page.save(a_notebook("x = 2"), first, files=both).json["revision"]
    restored = page.post(f"revisions/{first}/restore", second).json
    assert restored["files"] == [{"name": "a.txt", "sha256": hashlib.sha256(b"1").hexdigest(), "size": 1}]
    assert Page(ada).config["files"] == restored["files"]


def test_beginning_anew_and_restoring_lose_nothing(ada):
    page = Page(ada)
    mine = page.save(a_notebook("mine"), 0).json["revision"]
    assert page.post("start-over", 0).status_code == 412
    anew = page.post("start-over", mine)
    assert anew.json["notebook"] == page.config["notebook"]
    back = page.post(f"revisions/{mine}/restore", anew.json["revision"])
    assert back.json["notebook"] == a_notebook("mine")
    listed = ada.get(f"{WORK}/revisions", headers=JSON).json
    assert [each["kind"] for each in listed["revisions"]] == ["restored", "started-over", "saved"]
    assert listed["current"] == back.json["revision"]
    assert page.post("revisions/77/restore", back.json["revision"]).status_code == 404


def test_exactly_the_version_that_was_seen_is_handed_in(ada, site):
    page = Page(ada)
    saved = page.save(a_notebook(), 0, keep=True).json["revision"]
    assert page.post("hand-in", 0).status_code == 412
    handed = page.post("hand-in", saved)
    assert handed.status_code == 201
    with site.database.reading() as session:
        submission = session.scalars(select(Submission)).one()
        assert submission.filename == "SL1.ipynb"
        assert session.get_one(Grading, submission.grading_id).state == "queued"
    assert json.loads(ada.get("/submissions/1/file").data) == a_notebook()
    assert ada.get(f"{WORK}/revisions", headers=JSON).json["revisions"][0]["submission"] == 1
    state = ada.get(handed.json["stateUrl"], headers=JSON).json
    assert (state["standing"], state["final"]) == ("QUEUED", False)
    assert Page(ada).config["submission"] == {
        "number": 1,
        "stateUrl": "/submissions/1/state",
        "isChanged": False,
    }
    # A second press of the button, and a later autosave: neither hands in twice nor writes over what was handed in.
    assert page.post("hand-in", saved).status_code == 409
    page.save(a_notebook("later"), saved)
    assert len(ada.get(f"{WORK}/revisions", headers=JSON).json["revisions"]) == 2


def test_the_hand_out_as_it_was_is_refused_and_costs_nothing(ada):
    page = Page(ada)
    saved = page.save(page.config["notebook"], 0).json["revision"]
    refused = page.post("hand-in", saved)
    assert refused.status_code == 422
    assert "no answer was changed" in refused.json["error"]["message"]
    assert Page(ada).config["handIn"]["attemptsLeft"] == page.config["handIn"]["attemptsLeft"]


def test_a_notebook_from_elsewhere_is_uploaded_without_a_script(ada):
    Page(ada).save(a_notebook("here"), 0)
    file = (io.BytesIO(notebook("elsewhere")), "work.ipynb")
    assert ada.post(f"{WORK}/upload", data={"notebook": file}).location == WORK
    assert Page(ada).config["notebook"] == a_notebook("elsewhere")
    assert ada.post(f"{WORK}/upload", data={"notebook": (io.BytesIO(b"PK"), "x.ipynb")}).status_code == 302
    assert "not a Jupyter notebook" in ada.get(WORK).text
    assert [each["kind"] for each in ada.get(f"{WORK}/revisions", headers=JSON).json["revisions"]] == [
        "uploaded",
        "saved",
    ]


def test_without_a_script_the_notebook_is_taken_along_and_brought_back(app, ada):
    app.config["WTF_CSRF_ENABLED"] = True
    Page(ada)
    shown = ada.get(WORK).text.partition("<noscript>")[2].partition("</noscript>")[0]
    taken = ada.get(re.search(r'<a [^>]*href="([^"]+)"[^>]* download', shown)[1])
    assert taken.headers["Content-Disposition"] == "attachment; filename=SL1.ipynb"
    work = json.loads(taken.data)
    answer = next(
        cell
        for cell in work["cells"]
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    )
    answer["source"] = ["def add(a, b):\n", "    return a + b"]
    form = re.search(r"<form (.*?)</form>", shown, re.DOTALL)[1]
    assert 'method="post"' in form
    assert 'enctype="multipart/form-data"' in form
    address = re.search('action="([^"]+)"', form)[1]
    field = re.search('name="([^"]+)" type="file"', form)[1]
    token = dict(re.findall('<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    file = (io.BytesIO(json.dumps(work).encode()), "SL1.ipynb")
    refused = ada.post(address, data={field: (io.BytesIO(b"{}"), "SL1.ipynb")})
    assert refused.status_code == 400  # the form's token is what lets it in
    answered = ada.post(address, data={field: file, **token}, follow_redirects=True)
    assert "Your notebook is here now." in answered.text
    assert Page(ada).config["notebook"] == work
    again = ada.get(f"{WORK}/notebook").data
    assert json.loads(again) == work


def test_nobody_reaches_the_work_of_another(ada, visitor):
    page = Page(ada)
    saved = page.save(a_notebook(), 0, keep=True).json["revision"]
    eve = visitor("Eve")
    eve.post("/labs/SL1/start")
    assert eve.get(f"{WORK}/revisions/{saved}", headers=JSON).status_code == 404
    assert eve.get(f"{WORK}/revisions", headers=JSON).json["revisions"] == []


def test_a_submission_is_run_by_its_learner_mentors_and_staff_and_nobody_else(ada, visitor):
    hostile = a_notebook("x = 1 # </script><script>alert(1)</script>")
    page = Page(ada)
    page.post("hand-in", page.save(hostile, 0).json["revision"])
    for client in (ada, visitor("Miriam", mentor=True), visitor("Stella", staff=True)):
        answer = client.get("/submissions/1/run")
        assert "<script>alert" not in answer.text
        config = config_of(answer)
        assert config["mode"] == "look"
        assert config["notebook"] == hostile
        assert "save" not in config["urls"]
        assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert client.get(config["handedOut"][0]["url"]).status_code == 200
    assert visitor("Eve").get("/submissions/1/run").status_code == 404
    assert visitor("Ron").get("/submissions/1/files/numbers.txt").status_code == 404


def test_a_mentor_who_runs_a_submission_saves_nothing(ada, visitor, site):
    page = Page(ada)
    saved = page.save(a_notebook(), 0).json["revision"]
    page.post("hand-in", saved)
    mentor = visitor("Miriam", mentor=True)
    config = config_of(mentor.get("/submissions/1/run"))
    mentor.get("/submissions/1/files/numbers.txt")

    def rows():
        with site.database.reading() as session:
            works = session.scalars(select(LabWork.person_id)).all()
            revisions = session.execute(select(Revision.person_id, Revision.number, Revision.sha256)).all()
            return works, revisions, len(session.scalars(select(Submission)).all())

    before = rows()
    # Its page has no address to save at, and whatever a script of it would send to the learner's is a stranger's.
    assert not {"save", "handIn", "startOver", "revisions", "upload", "token"} & config["urls"].keys()
    assert not config["handIn"]["allowed"]
    headers = {**JSON, "X-Slipway-Person": str(config["person"]), "If-Match": f'"{saved}"'}
    body = {"notebook": a_notebook("by the mentor"), "files": []}
    assert mentor.put(WORK, json=body, headers=headers).status_code == 409
    for path in ("start-over", "hand-in", f"revisions/{saved}/restore"):
        assert mentor.post(f"{WORK}/{path}", headers=headers).status_code == 409
    for send in (mentor.put, mentor.post):
        assert send("/submissions/1/run", json=body, headers=headers).status_code == 405
    assert rows() == before
    assert before[0] == [ada.person.id]


def test_a_file_that_is_taken_along_can_do_nothing_in_a_browser(ada):
    page = Page(ada)
    data = b"<script>alert(1)</script>"
    digest = hashlib.sha256(data).hexdigest()
    file = {"name": "x.html", "sha256": digest, "data": base64.b64encode(data).decode()}
    page.post("hand-in", page.save(a_notebook(), 0, files=[file]).json["revision"])
    for address in (
        "/labs/SL1/handout",
        "/labs/SL1/files/numbers.txt",
        f"{WORK}/notebook",
        f"{WORK}/files/{digest}",
        "/submissions/1/file",
        "/submissions/1/files/numbers.txt",
    ):
        headers = ada.get(address).headers
        assert headers["Content-Disposition"].startswith("attachment; filename="), address
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox", address
        assert headers["X-Content-Type-Options"] == "nosniff", address
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", address
        assert headers["Cache-Control"] == "private, no-store", address
        assert headers.get_all("Content-Type")[0].partition(";")[0] in {
            "application/octet-stream",
            "application/x-ipynb+json",
        }


def test_modules_are_those_of_the_release_and_no_others(ada, site):
    assert ada.get("/labs/SL1/modules/boreas.zip").status_code == 404
    lab = config_of(ada.get(WORK))
    assert lab["modules"] == []


def test_cells_are_added_deleted_and_moved_unless_the_lab_says_that_they_stay(site, ada, visitor):
    assert Page(ada).config["canAdd"] is True
    publish_changed(site, {"labs/sl1-add/lab.yaml": ("minutes: 10", "minutes: 10\nfixed_cells: true")})
    bo = visitor("Bo")
    bo.post("/labs/SL1/start")
    page = Page(bo)
    assert page.config["canAdd"] is False
    page.post("hand-in", page.save(a_notebook(), 0).json["revision"])
    assert config_of(bo.get("/submissions/1/run"))["canAdd"] is False


def test_the_labs_page_leads_to_the_work_and_tells_when_it_was_saved(ada):
    assert "Work on it in your browser" in ada.get("/labs/SL1").text
    Page(ada).save(a_notebook(), 0)
    shown = ada.get("/labs/SL1").text
    assert "Go on in your browser" in shown
    assert "Last saved" in shown
    assert "as it was handed out" in shown
