"""A real site (web server, grading worker, the shipped courses, the demo people), a real Chromium and a real Firefox."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from lms.app import create_app
from lms.demo import PASSWORD
from lms.people.register import register
from tests.conftest import make_ready, services_on, unavailable

LABS = Path(__file__).parents[2] / "labs"
PATIENCE = 20_000  # milliseconds: what is there at once on a machine at rest may take many seconds beside other tests
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def demo_site(demo_folder, built_runtime):
    """The address of what `make run` serves, on a database of its own."""
    folder, port = demo_folder, free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LMS_")}
    environment |= {"LMS_VAR": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lms.cli.main", "demo", "--port", str(port)],
            stdout=log,
            stderr=log,
            env=environment,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 180
        while not answers(f"{address}/readyz"):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the demo site did not come up:\n{(folder / 'log').read_text()[-3000:]}")
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def playwright() -> Playwright:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright) -> Browser:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        unavailable("no Chromium on this machine; install Debian's package chromium")
    browser = playwright.chromium.launch(
        executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def firefox(playwright) -> Browser:
    """Firefox as Debian builds it: by this channel Playwright speaks WebDriver BiDi, which needs no build of its own."""
    path = shutil.which("firefox-esr")
    if path is None:
        unavailable("no Firefox on this machine; install Debian's package firefox-esr")
    browser = playwright.firefox.launch(channel="moz-firefox", executable_path=path, timeout=90_000)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def browser(chromium) -> Browser:
    """What `visit` opens; a module that is about another browser says so by a fixture of this name."""
    return chromium


class Visitor:
    """Somebody at a browser. Whatever the pages' scripts complain about is kept in `complaints`."""

    def __init__(self, browser: Browser, address: str, **options):
        self.context: BrowserContext = browser.new_context(base_url=address, **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type == "error" else None,
        )

    def sign_in(self, who):
        self.page.goto("/sign-in")
        self.page.get_by_label("E-mail").fill(f"{who}@example.org")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/home")
        return self.page

    def work_on(self, lab):
        """The page a lab is worked on, begun where needed and ready."""
        self.page.goto(f"/labs/{lab}")
        begin = self.page.get_by_role("button", name="Begin this lab")
        if begin.count():
            begin.click()
            begin.wait_for(state="detached")  # else the next address is interrupted by where the button leads
        self.page.goto(f"/labs/{lab}/work")
        self.page.wait_for_selector("html[data-notebook=ready]")
        return self.page

    def hand_in(self, lab, data, name="work.ipynb"):
        """Upload `data` on the lab's page, beginning the lab first where needed."""
        self.page.goto(f"/labs/{lab}")
        begin = self.page.get_by_role("button", name="Begin this lab")
        if begin.count():
            begin.click()
        self.page.get_by_text("Hand in a file you worked on elsewhere").click()
        self.page.get_by_label("Your notebook").set_input_files(
            {"name": name, "mimeType": "application/x-ipynb+json", "buffer": data}
        )
        self.page.get_by_role("button", name="Hand in").click()
        return self.page


@pytest.fixture
def newcomer(demo_site, demo_folder):
    """Somebody new at the demo site, whose work no other test has begun: a function of a short name, which one signs in with."""

    def make(name):
        services = services_on(f"sqlite:///{demo_folder / 'slipway.db'}", demo_folder)
        email = f"{name}@example.org"
        with services.database.transaction() as session:
            register(session, name=name.title(), email=email, password=PASSWORD, now=datetime.now(UTC))
        services.close()
        return name

    return make


@pytest.fixture
def visit(browser, demo_site):
    """Somebody new at a browser: a function of a browser context's options."""
    visitors = []

    def make(**options):
        visitors.append(Visitor(browser, demo_site, **options))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()
    # A refusal that a test asks for; and what Chromium tries by itself when a text replaces a selection at once, as a test does it.
    expected = ("status of 4", "status of 503", "ERR_INTERNET_DISCONNECTED", "Applying inline style violates")
    assert [
        complaint
        for visitor in visitors
        for complaint in visitor.complaints
        if not any(each in complaint for each in expected)
    ] == []


@dataclass
class Recorded:
    """A server whose every request is written down: (method, path, whether a session's cookie came along)."""

    address: str
    requests: list = field(default_factory=list)

    def paths(self, *methods):
        return [path for method, path, _cookie in self.requests if method in (methods or (method,))]


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        """Requests are written down elsewhere."""


def serve(application, requests):
    def recording(environ, start_response):
        cookie = "session=" in environ.get("HTTP_COOKIE", "")
        requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], cookie))
        return application(environ, start_response)

    server = make_server("127.0.0.1", 0, recording, threaded=True, request_handler=Quiet)
    server.daemon_threads = False  # closing it waits for what is still on its way to a page
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def elsewhere():
    """A server that nobody has reason to call, with every request written down."""
    recorded = Recorded("")

    def nothing(_environ, start_response):
        start_response("204 No Content", [("Access-Control-Allow-Origin", "*")])
        return []

    server = serve(nothing, recorded.requests)
    recorded.address = f"http://127.0.0.1:{server.server_port}"
    yield recorded
    server.shutdown()
    server.server_close()


@pytest.fixture
def watched_site(tmp_path, built_runtime):
    """The sample site, without workers, with every request written down."""
    services = services_on(f"sqlite:///{tmp_path / 'site.db'}", tmp_path, runtime=built_runtime.folder.parent)
    make_ready(services)
    recorded = Recorded("")
    server = serve(create_app(services=services), recorded.requests)
    recorded.address = f"http://127.0.0.1:{server.server_port}"
    recorded.services = services
    yield recorded
    server.shutdown()
    server.server_close()
    services.close()


def solution_of(lab_folder):
    return (LABS / lab_folder / "lab.ipynb").read_bytes()
