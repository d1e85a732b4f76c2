"""An author sees what learners will see, what is wrong with it, and every change; nobody else sees anything."""

import http.client
import threading
from urllib.parse import urlsplit

import pytest

from lms.content.draft import Draft
from lms.content.preview import serve
from tests.content.conftest import FILES


@pytest.fixture
def folder(tmp_path):
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


@pytest.fixture
def get(folder):
    ready, addresses, stops = threading.Event(), [], []

    def on_ready(address, stop):
        addresses.append(address)
        stops.append(stop)
        ready.set()

    serving = threading.Thread(target=serve, args=(folder, 0, on_ready))
    serving.start()
    assert ready.wait(10)
    place = urlsplit(addresses[0]).netloc

    def fetch(path, **headers):
        connection = http.client.HTTPConnection(place, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.headers)
        finally:
            connection.close()

    yield fetch
    stops[0]()
    serving.join(10)
    assert not serving.is_alive()


def test_lessons_are_shown_with_right_answers_marked(get):
    status, page, headers = get("/courses/C01/C01-1")
    assert status == 200
    assert "✓ <code>#SBATCH --mem=8G</code>" in page
    assert "data-question" not in page
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "✓ <code>1250 GPU-hours ± 12.5</code>" in get("/courses/C01/C01-2")[1]


def test_every_link_of_the_start_page_leads_somewhere(get, folder):
    draft = Draft(folder)
    digest = draft.loaded.draft.assets["courses/c01/images/stop-rule.svg"]
    for path in (
        "/",
        "/courses/C01",
        "/courses/C01/C01-2",
        "/labs/L04",
        f"/assets/{digest}.svg",
        "/reload.js",
    ):
        assert get(path)[0] == 200, path


def test_what_is_not_there_and_what_lies_outside_is_not_found(get):
    for path in (
        "/courses/C09",
        "/courses/C01/none",
        "/labs/none",
        "/assets/none.svg",
        "/static/../../settings.py",
        "/static/%2e%2e/app.py",
        "/static/css",
        "/x",
    ):
        assert get(path)[0] == 404, path


def test_a_page_of_the_internet_cannot_read_it_by_another_name(get):
    assert get("/", Host="evil.example:80")[0] == 403
    assert get("/", Host="localhost:80")[0] == 200


def test_problems_stand_on_top_with_file_and_line(folder):
    draft = Draft(folder)
    (folder / "courses/c01/02-cost.md").write_text(
        FILES["courses/c01/02-cost.md"].replace("$E", r"$\nonsense<E")
    )
    before = draft.edition
    draft.read()
    assert draft.wait(before, 0)
    page = draft.page("/courses/C01/C01-2")
    assert "<code>courses/c01/02-cost.md:9</code> error: This formula cannot be read" in page
    assert "nonsense&lt;E" in page
    assert "02-cost.md:9" not in draft.page("/courses/C01/C01-1")


def test_a_tree_that_went_away_is_shown_as_a_problem(folder, tmp_path_factory):
    draft = Draft(folder)
    folder.rename(tmp_path_factory.mktemp("away") / "x")
    draft.read()
    assert "There is neither courses/ nor labs/" in draft.page("/")
