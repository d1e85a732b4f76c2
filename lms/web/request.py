"""What one request has at hand: who asks, when, a session to read with and a transaction to write in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

from flask import Flask, Response, abort, current_app, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Map

from lms import words
from lms.people.viewer import Viewer, find_viewer
from lms.services import Services

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
"""What else comes in a body is bounded and read by its own view."""

FILES = frozenset(
    {
        "front.static",
        "runtime.file",
        "proofs.did",
        "proofs.jwks",
        "proofs.key",
        "proofs.status",
        "proofs.badge",
    }
)
"""The same for everybody: nobody is looked up for them, and a browser may keep them whoever signs in or out."""


class SignedIn(UserMixin):
    """Flask-Login's idea of a person. The id carries the session version, so that raising it ends every session."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer

    @property
    def name(self) -> str:
        return self.viewer.name

    def get_id(self) -> str:
        return f"{self.viewer.id}:{self.viewer.session_version}"


class RowId(IntegerConverter):
    """A number in an address, no larger than a row's can be: what is beyond is no page, rather than an error of the database."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


class Sessions(SecureCookieSessionInterface):
    """Nothing of a session for files, or each would be kept once for every cookie there ever was."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint not in FILES:
            super().save_session(app, session, response)


class Stranger(AnonymousUserMixin):
    """Nobody signed in."""

    name = ""


NOBODY = Viewer(
    id=0,
    name="",
    email="",
    language=words.SOURCE,
    time_zone="",
    is_mentor=False,
    is_staff=False,
    session_version=0,
    companies=(),
)


def install(app: Flask, services: Services) -> None:
    app.extensions["slipway"] = services
    app.session_interface = Sessions()
    manager = LoginManager(app)
    manager.anonymous_user = Stranger
    manager.user_loader(_load)
    manager.session_protection = None  # addresses change under people on trains; the version ends sessions
    app.url_map.converters["int"] = RowId
    app.before_request(_read_the_body)
    app.before_request(_refuse_nul)
    app.before_request(_speak)
    app.teardown_request(_end)
    app.context_processor(
        lambda: {"viewer": viewer(), "lang": words.language(), "direction": words.locale().text_direction}
    )


def services() -> Services:
    return cast("Services", current_app.extensions["slipway"])


def now() -> datetime:
    """The moment of this request: the same wherever it asks."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    return cast("datetime", g.now)


def reading() -> Session:
    """The request's session for looking; closed with the request, and nothing it changes is kept."""
    if "reading" not in g:
        g.reading = services().database.session("read")
    return cast("Session", g.reading)


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits at the end, or not at all. Once a request."""
    # The reader's snapshot is older than what is written now: whoever reads afterwards begins anew.
    stop_reading()
    with services().database.transaction() as session:
        yield session


def viewer() -> Viewer:
    """Who asks; NOBODY when nobody signed in."""
    return current_user.viewer if current_user.is_authenticated else NOBODY


def is_htmx() -> bool:
    """Whether a part of a page was asked for."""
    return request.headers.get("HX-Request") == "true"


def wants_json() -> bool:
    """Whether a script of a page asks, which shows nobody a page it is answered with."""
    return request.accept_mimetypes.best == "application/json"


def _load(user_id: str) -> SignedIn | None:
    person, _, version = user_id.partition(":")
    if not (person.isdecimal() and version.isdecimal()):
        return None
    found = find_viewer(reading(), int(person), int(version))
    return SignedIn(found) if found else None


def _read_the_body() -> None:
    # A slow upload must not hold a transaction open: the body is in before the first query.
    if request.mimetype in FORMS:
        request.form.get("")
    elif request.mimetype == "application/json":
        request.get_data()


def _refuse_nul() -> None:
    # PostgreSQL keeps no such character; nobody types one either.
    typed = request.form.listvalues() if request.mimetype in FORMS else ()
    lists = (*request.args.listvalues(), *typed, [request.path])
    if any("\0" in each for values in lists for each in values):
        abort(400)


def _speak() -> None:
    if request.endpoint in FILES:
        return
    known = words.languages()
    chosen = (
        viewer().language if current_user.is_authenticated else request.accept_languages.best_match(known)
    )
    g.speaking = words.speaking(chosen if chosen in known else words.SOURCE)
    g.speaking.__enter__()


def stop_reading() -> None:
    """Let go of the request's reader, before something is waited for; whoever reads afterwards begins anew."""
    if (session := g.pop("reading", None)) is not None:
        session.close()


def _end(_error: BaseException | None) -> None:
    stop_reading()
    if (speaking := g.pop("speaking", None)) is not None:
        speaking.__exit__(None, None, None)
