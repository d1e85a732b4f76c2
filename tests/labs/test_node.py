"""A task on a compute node, against a site that answers by script: what it sends where, and what it does when it is not answered well."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from lms.errors import Invalid, Unavailable
from lms.labs.engines import node
from lms.labs.engines.wire import Verdict, write_task
from lms.labs.exercise import Exercise
from lms.labs.notebook import Cell, Source
from lms.labs.report import Report
from lms.labs.version import grader_version

EXERCISE = Exercise(notebook=Source((Cell(0, "a", "code", "tests", "", "t", 1.0),), {}))
FOUND = Report(0.0, 1.0, "graded", ())
ENVIRONMENT = {
    "SLURM_ARRAY_JOB_ID": "7",
    "SLURM_ARRAY_TASK_ID": "1",
    "SLURMD_NODENAME": "n2",
    node.TOKENS: "first second third",
}


class ScriptedSite:
    """Answers by path: a list of statuses each, the last for ever. Everything it heard is in `heard`."""

    def __init__(self):
        self.heard, self.verdicts, self.places = [], [], set()
        self.answers = {"/node/task": [200], "/node/beat": [204], "/node/verdict": [204]}
        self.task = write_task(EXERCISE, b"{}", seed=3, grader=grader_version(), lease_seconds=1)
        site = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                site.heard.append((self.path, self.headers["Authorization"]))
                if self.path == "/node/beat":
                    site.places.add(tuple(msgspec.msgpack.decode(body)[key] for key in ("task", "node")))
                answers = site.answers.get(self.path, [404])
                status = answers.pop(0) if len(answers) > 1 else answers[0]
                if self.path == "/node/verdict" and status == 204:
                    site.verdicts.append(msgspec.msgpack.decode(body, type=Verdict))
                data = site.task if self.path == "/node/task" and status == 200 else b""
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                if status != 204:
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer  # noqa: N815 - the server's names

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(node, "PATIENCE_SECONDS", 3)
    scripted = ScriptedSite()
    thread = threading.Thread(target=scripted.server.serve_forever, daemon=True)
    thread.start()
    yield scripted
    scripted.server.shutdown()
    thread.join()
    scripted.server.server_close()


def errand(site):
    return node.errand_of({**ENVIRONMENT, node.SITE: site.address})


def quick(given, on_phase):
    on_phase("run")
    assert given.seed == 3
    return FOUND


def test_a_task_shows_its_own_token_of_the_arrays_and_says_where_it_is(site):
    assert node.run(errand(site), quick)
    assert {token for _path, token in site.heard} == {"Bearer second"}
    assert [path for path, _token in site.heard] == [
        "/node/beat",
        "/node/task",
        "/node/beat",
        "/node/verdict",
    ]
    assert site.places == {("7_1", "n2")}
    assert site.verdicts == [Verdict(report=FOUND)]


@pytest.mark.parametrize(
    "changes",
    [{"SLURM_ARRAY_TASK_ID": ""}, {"SLURM_ARRAY_TASK_ID": "3"}, {node.TOKENS: ""}, {node.SITE: "ftp://x"}],
)
def test_outside_of_an_array_a_task_says_so(site, changes):
    with pytest.raises(Invalid, match="no task of a grading array"):
        node.errand_of({**ENVIRONMENT, node.SITE: site.address, **changes})


def test_a_site_that_restarts_is_waited_for(site):
    for path in site.answers:
        site.answers[path] = [502, *site.answers[path]]
    assert node.run(errand(site), quick)
    assert site.verdicts == [Verdict(report=FOUND)]


def test_a_site_that_stays_away_is_given_up_and_no_redirect_is_followed(site):
    site.answers["/node/beat"] = [302]
    site.answers["/node/verdict"] = [302]
    with pytest.raises(Unavailable, match="302"):
        node.run(errand(site), quick)
    assert "/elsewhere" not in {path for path, _token in site.heard}


def test_a_grading_that_is_somebody_elses_by_now_is_stopped_in_the_middle_and_nothing_is_brought(site):
    began = time.monotonic()

    def slow(_given, on_phase):
        on_phase("run")
        site.answers["/node/beat"] = [409]
        time.sleep(20)
        return FOUND

    assert not node.run(errand(site), slow)
    assert time.monotonic() - began < 10
    assert site.verdicts == []


@pytest.mark.parametrize("path", ["/node/beat", "/node/task", "/node/verdict"])
def test_a_stale_token_ends_a_task_quietly(site, path):
    site.answers[path] = [409]
    assert not node.run(errand(site), quick)
    assert site.verdicts == []


def test_a_node_of_another_version_says_that_it_is_unfit(site):
    site.task = write_task(EXERCISE, b"{}", seed=3, grader="0.0.1/0", lease_seconds=1)
    assert node.run(errand(site), quick)
    (verdict,) = site.verdicts
    assert verdict.unfit
    assert "Install the site's version on the nodes" in verdict.trouble


def test_a_node_without_a_sandbox_says_that_it_is_unfit(site):
    def without(_given, _on_phase):
        raise Unavailable("bubblewrap (bwrap) is missing.")

    assert node.run(errand(site), without)
    assert site.verdicts == [Verdict(trouble="bubblewrap (bwrap) is missing.", unfit=True)]


def test_a_site_that_does_not_hand_out_the_task_does_not_condemn_the_node(site):
    site.answers["/node/task"] = [422]
    assert node.run(errand(site), quick)
    (verdict,) = site.verdicts
    assert "422" in verdict.trouble
    assert not verdict.unfit


def test_what_breaks_on_a_node_is_told_without_its_insides_and_does_not_condemn_the_node(site):
    def broken(_given, _on_phase):
        raise RuntimeError("password=hunter2")

    assert node.run(errand(site), broken)
    (verdict,) = site.verdicts
    assert not verdict.unfit
    assert "RuntimeError" in verdict.trouble
    assert "hunter2" not in verdict.trouble


def test_a_report_that_the_site_refuses_is_told_as_trouble_instead_of_made_again_for_ever(site):
    site.answers["/node/verdict"] = [422, 204]
    assert node.run(errand(site), quick)
    (verdict,) = site.verdicts
    assert verdict.report is None
    assert "422" in verdict.trouble
