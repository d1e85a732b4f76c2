"""A site to measure: the shipped courses, one signed-in learner, and beside it, in the same server, the bare pages it is compared with."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, render_template, session
from sqlalchemy import select
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from lms import services as composition
from lms.app import create_app
from lms.content.tables import Publication
from lms.learning.tables import Answer
from lms.people.tables import Person
from lms.settings import read_settings

REPOSITORY = Path(__file__).parents[2]

PAGE = """<!doctype html><title>{{ name }}</title><h1>{{ name }}</h1>
<ul>{% for number in range(20) %}<li><a href="/{{ number }}">{{ number }} of {{ visits }}</a></li>{% endfor %}</ul>"""


def app() -> DispatcherMiddleware:
    """The application that the server of a benchmark serves: Slipway, and at /bare what Flask alone can do."""
    settings = read_settings()
    slipway = create_app(settings)
    return DispatcherMiddleware(slipway, {"/bare": _bare(settings)})


def _bare(settings) -> Flask:
    """A page with a session, Jinja and two queries; a form that does one INSERT in a transaction. The ceiling."""
    bare = Flask("bare")
    bare.secret_key = composition.secret_key(settings)
    services = composition.build(settings)
    template = bare.jinja_env.from_string(PAGE)  # compiled once, as the templates of files are

    @bare.get("/page")
    def page():
        with services.database.reading() as database:
            person = database.scalar(select(Person).where(Person.id == 1))
            release = database.scalar(select(Publication.release_id).order_by(Publication.id.desc()).limit(1))
        return render_template(template, name=person.name, visits=session.get("visits", release))

    @bare.post("/insert")
    def insert():
        with services.database.transaction() as database:
            database.add(
                Answer(
                    person_id=1, course_id="-", lesson_id="-", question_id="-", release_id=1, given="-",
                    is_correct=False, points=0, answered_at=_now(),
                )
            )  # fmt: skip
        return "", 204

    return bare


def _now():
    from datetime import UTC, datetime  # noqa: PLC0415

    return datetime.now(UTC)


@dataclass(frozen=True)
class Site:
    """A running server: its port, its processes, and the cookie of somebody signed in."""

    port: int
    process: subprocess.Popen
    cookie: str
    token: str

    @property
    def processes(self) -> list[int]:
        """The server's own id and those of everything it started."""
        found = [self.process.pid]
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            if children.exists():
                found += [int(child) for child in children.read_text().split()]
        return found

    def memory(self) -> float:
        """Proportional set size of all processes, in MiB."""
        return sum(_pss(pid) for pid in self.processes) / 1024

    def cpu(self) -> float:
        """Processor seconds all processes have used."""
        return sum(_cpu(pid) for pid in self.processes)


def _pss(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(folder: Path, what: str = "with-bare-pages") -> Iterator[Site]:
    """The demo site, with its grading worker beside it; `what` is one of serve.APPLICATIONS."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LMS_")} | {
        "LMS_VAR": str(folder)
    }
    port = free_port()
    environment["LMS_BASE_URL"] = f"http://127.0.0.1:{port}"
    _prepare(environment)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.serve", what, str(port)], cwd=REPOSITORY, env=environment
    )
    try:
        _await(port)
        yield Site(port, process, *_sign_in(port))
    finally:
        process.terminate()
        process.wait(30)


def _prepare(environment: dict[str, str]) -> None:
    script = (
        "from datetime import UTC, datetime\n"
        "from lms import demo, migrate, services\n"
        "from lms.content.tree import Tree, root_of\n"
        "from lms.publishing import publish\n"
        "from lms.settings import read_settings\n"
        "built = services.build(read_settings())\n"
        "migrate.upgrade(built.database)\n"
        "publish(built, Tree.from_folder(root_of(None)), source='bench', by=None, now=datetime.now(UTC), on_progress=lambda *_: None)\n"
        "demo.seed(built, print)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, env=environment, check=True)


def _sign_in(port: int) -> tuple[str, str]:
    import re  # noqa: PLC0415
    from http.cookiejar import CookieJar  # noqa: PLC0415

    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    token = _token(opener.open(f"http://127.0.0.1:{port}/sign-in").read().decode())
    form = f"email=engineer%40example.org&password=slipway-demo&csrf_token={token}".encode()
    page = opener.open(f"http://127.0.0.1:{port}/sign-in", form).read().decode()
    assert re.search("Hello, Elena", page)
    token = _token(opener.open(f"http://127.0.0.1:{port}/account").read().decode())
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar), token


def _token(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"', maxsplit=1)[0]


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
                if json.load(response)["status"] == "ok":
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not come up")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
