"""Evidence over HTTP: brought without any script in the browser, nothing typed is lost, a mentor decides, and nobody else looks in."""

import io

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from lms.app import create_app
from lms.labs.evidence.pieces import MOST_BYTES
from tests.conftest import new_person, services_on
from tests.labs.evidence.conftest import text
from tests.steps import company
from tests.web.conftest import shown, sign_in


@pytest.fixture
def ada(visitor):
    return visitor("Ada")


@pytest.fixture
def mentor(visitor):
    return visitor("Miriam", mentor=True)


def upload(content, name):
    return FileStorage(io.BytesIO(content.encode() if isinstance(content, str) else content), filename=name)


def bring(client, **form):
    boundary, body = encode_multipart(
        form
    )  # the client's own way leaves a temporary file open where the form is large
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post("/labs/SL1/evidence", data=body, content_type=kind)


def bring_train(client, **changes):
    form = {
        "record_file": upload(text("train.psv"), "train.psv"),
        "log": text("train.out"),
        "script": text("train.sh"),
    }
    return bring(client, **(form | changes))


def test_a_learner_brings_files_or_text_and_sees_what_was_read(ada):
    lab = ada.get("/labs/SL1")
    assert "Shown on a real machine" in shown(lab)
    assert 'href="/labs/SL1/evidence"' in lab.text
    page = ada.get("/labs/SL1/evidence")
    assert "<strong>your own</strong>" in page.text
    answer = bring_train(ada)
    assert answer.location == "/evidence/1"
    claim = shown(ada.get("/evidence/1"))
    assert "We read: job 1 on 2 nodes, COMPLETED, 0:00:09." in claim
    assert "Waiting for a mentor" in claim
    assert "Waiting for a mentor" in shown(ada.get("/labs/SL1"))


def test_what_is_refused_stands_in_the_form_again_whether_it_was_typed_or_chosen(ada):
    broken = text("train.psv").replace("COMPLETED", "SPLENDID")
    answer = bring_train(ada, record_file=upload(broken, "mine.psv"), log="a log of <b>mine</b>")
    assert answer.status_code == 422
    assert "mine.psv, line 2: “SPLENDID” is nothing Slurm writes as state" in shown(answer)
    assert "a log of &lt;b&gt;mine&lt;/b&gt;" in answer.text
    assert "1|train|small-g|project_465000001" in answer.text
    assert '<input type="hidden" name="record_name" value="mine.psv">' in answer.text
    # Sent again as the form now has it, mended, it keeps the file's name.
    again = bring(ada, record=text("train.psv"), record_name="mine.psv", log="a log", script="")
    assert again.location == "/evidence/1"
    assert "mine.psv" in shown(ada.get("/evidence/1"))


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "own record of the job"),
        ({"log": "nothing but a log"}, "own record of the job"),
        ({"record_file": upload(b"\x89PNG\0", "a.png")}, "This is no text"),
        ({"record_file": upload(b"x" * (MOST_BYTES + 5), "a.psv")}, "larger than 2 MB"),
        ({"record": "x" * 600_000}, "own record of the job"),
    ],
)
def test_nothing_to_read_is_told_in_words(ada, form, told):
    answer = bring(ada, **form)
    assert (answer.status_code, told in shown(answer)) == (422, True)
    assert "No. 1" not in shown(ada.get("/labs/SL1/evidence"))


def test_three_files_as_large_as_promised_come_through_where_notebooks_must_be_small(sqlite_url, tmp_path):
    services = services_on(sqlite_url, tmp_path, upload_megabytes=1)
    app = create_app(services=services)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    sign_in(client, new_person(services, "Nora"))
    record = text("train.psv") + "\n" * 30_000
    rest = ("x" * 99 + "\n") * (MOST_BYTES // 100)
    answer = bring(
        client,
        record_file=upload(record, "train.psv"),
        log_file=upload(rest, "slurm-1.out"),
        script_file=upload((text("train.sh") + "# " + rest)[:MOST_BYTES], "train.sh"),
    )
    assert answer.status_code == 302, shown(answer)
    services.close()


def test_nothing_is_said_to_be_kept_that_was_not_and_what_was_pasted_is(ada, mentor):
    kept, partly = "Nothing you typed or chose is lost", "What could be kept stands below"
    large = "a line of a log\n" * (MOST_BYTES // 16 + 1)
    answer = bring(ada, record=text("train.psv"), log=large)
    assert "larger than 2 MB" in shown(answer)
    assert kept in shown(answer)
    assert large.strip() in answer.text
    for chosen in (upload(large, "a.out"), upload(b"\x89PNG\0", "a.png")):
        answer = bring(ada, record=text("train.psv"), log_file=chosen, log="typed by hand")
        assert kept not in shown(answer)
        assert partly in shown(answer)
        assert "typed by hand" in answer.text
    # A file that counts takes the place of what was pasted beside it.
    answer = bring(ada, record="nothing", log_file=upload("from a file", "a.out"), log="typed by hand")
    assert partly in shown(answer)
    assert "from a file" in answer.text
    bring_train(ada)
    mentor.post("/mentor/evidence/1", data={"seen": "0", "accepted": "yes"})
    answer = bring_train(ada, log="another")
    assert "accepted already" in shown(answer)
    assert kept not in shown(answer)
    assert partly not in shown(answer)


def test_a_mentor_sees_a_claim_and_decides_and_the_learner_reads_the_decision(ada, mentor):
    bring_train(ada)
    assert "/mentor/evidence/1" in mentor.get("/mentor").text
    page = mentor.get("/mentor/evidence/1")
    said = shown(page)
    assert "A claim: what a learner brought back" in said
    assert "The script asks for 2, and 2 was given." in said
    assert "Handed in by nobody else" in said
    assert page.text.count("<rect") >= 4
    assert 'href="#f1-2"' in page.text
    assert 'id="f1-2"' in page.text
    empty = mentor.post("/mentor/evidence/1", data={"seen": "0", "comment": "my words"})
    assert empty.status_code == 422
    assert "Choose whether you accept it" in shown(empty)
    assert "my words" in empty.text
    answer = mentor.post(
        "/mentor/evidence/1", data={"seen": "0", "accepted": "no", "comment": "Where is **the log**?"}
    )
    assert answer.location == "/mentor"
    assert "/mentor/evidence/1" not in mentor.get("/mentor").text
    claim = ada.get("/evidence/1")
    assert "Not accepted by Miriam" in shown(claim)
    assert "<strong>the log</strong>" in claim.text
    stale = mentor.post("/mentor/evidence/1", data={"seen": "0", "accepted": "yes"})
    assert (stale.status_code, "while you were reading" in shown(stale)) == (409, True)


def test_accepted_is_accepted_and_the_lab_says_so_beside_its_points(ada, mentor):
    bring_train(ada)
    mentor.post("/mentor/evidence/1", data={"seen": "0", "accepted": "yes", "comment": ""})
    assert "Accepted as evidence by Miriam" in shown(ada.get("/evidence/1"))
    assert "Accepted as evidence" in shown(ada.get("/labs/SL1"))
    assert "Passed" not in shown(ada.get("/labs/SL1")).replace("Passed with", "")
    assert bring_train(ada, log="another").status_code == 409


def test_the_checks_and_who_else_brought_it_are_for_mentors_only(ada, mentor, visitor):
    bring_train(ada)
    eve = visitor("Eve")
    assert bring_train(eve).location == "/evidence/2"
    learner, desk = shown(eve.get("/evidence/2")), shown(mentor.get("/mentor/evidence/2"))
    assert "Ada" not in learner
    assert "Contradicts" not in learner
    assert "The same file or job came from somebody else too: Ada, lab SL1, claim 1" in desk
    assert "Contradicts" in desk


def test_a_mentor_who_learns_sees_no_check_of_their_own_evidence_nor_of_a_colleagues(ada, mentor, visitor):
    bring_train(ada)
    assert bring_train(mentor).location == "/evidence/2"
    staff = visitor("Stig", mentor=True, staff=True)
    company(mentor.application.extensions["slipway"], "Nordlys", members=(mentor.person, staff.person))
    assert mentor.get("/evidence/2").status_code == 200
    assert "Judge it" not in shown(mentor.get("/evidence/2"))
    for client in (mentor, staff):
        assert client.get("/mentor/evidence/2").status_code == 404
        for form in ({"seen": "0", "accepted": "yes"}, {}):
            assert client.post("/mentor/evidence/2", data=form).status_code == 404
        assert client.get("/mentor/evidence/1").status_code == 200


def test_a_lab_begun_by_bringing_evidence_makes_no_job_too_old_nor_does_it_when_replaced(ada, mentor):
    for number, log in enumerate(("a log", "another"), 1):
        assert bring_train(ada, log=log).location == f"/evidence/{number}"
        desk = shown(mentor.get(f"/mentor/evidence/{number}"))
        assert "The lab was begun by handing evidence in" in desk
        assert "older than the moment" not in desk


def test_files_come_back_byte_for_byte_and_only_to_who_may_see_them(ada, mentor, visitor):
    bring_train(ada)
    for client in (ada, mentor, visitor("Sofia", staff=True)):
        file = client.get("/evidence/1/files/1")
        assert file.data == text("train.psv").encode()
        assert file.headers["Content-Disposition"] == "attachment; filename=train.psv"
        assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    eve, colleague = visitor("Eve"), visitor("Cora", mentor=True)
    company(eve.application.extensions["slipway"], "Nordlys", members=(ada.person, colleague.person))
    for client in (eve, colleague):
        assert client.get("/evidence/1").status_code == 404
        assert client.get("/evidence/1/files/1").status_code == 404
        assert client.get("/mentor/evidence/1").status_code == 404
        assert client.post("/mentor/evidence/1", data={"seen": "0", "accepted": "yes"}).status_code == 404
    assert ada.get("/mentor/evidence/1").status_code == 404
    assert ada.get("/evidence/1/files/4").status_code == 404
    assert ada.get("/evidence/2").status_code == 404
    staff = visitor("Stig", staff=True, mentor=False)
    assert staff.get("/mentor/evidence/1").status_code == 404


def test_what_somebody_else_wrote_acts_on_nobodys_page(ada, mentor):
    hostile = (
        "\x1b[31mred\x1b[0m \u202eabc <script>alert(1)</script> \x07\n"
        + "x" * 5_000
        + "\n"
        + "line\n" * 2_000
    )
    record = text("train.psv").replace("|train|", "|<img src=x onerror=alert(1)>|")
    bring(
        ada,
        record=record,
        log_file=upload(hostile, '"><script>.out'),
        script="#!/bin/bash\n#SBATCH --job-name='<b>'\n",
    )
    for client, address in ((ada, "/evidence/1"), (mentor, "/mentor/evidence/1")):
        page = client.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    page = mentor.get("/mentor/evidence/1").text
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "red" in page
    assert page.count("<li value=") < 400
    assert len(page) < 200_000


def test_a_claim_whose_record_has_no_times_is_a_page_all_the_same(ada, mentor):
    bring(ada, record="JobID|State\n7|FAILED\n")
    assert "too few moments" in shown(mentor.get("/mentor/evidence/1"))
    assert "We read: job 7, FAILED, –." in shown(ada.get("/evidence/1"))


def test_a_lab_that_asks_for_none_has_no_such_page(ada):
    assert ada.get("/labs/nowhere/evidence").status_code == 404
