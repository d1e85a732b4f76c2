"""A lab worked on in the browser: its page, and what the page asks for while it is open.

Whoever is signed in may have changed since the page was opened, on a machine that several use: every change says whose page it comes
from, and is refused when that is somebody else by now.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from lms.errors import Conflict, Invalid
from lms.labs.submit import Bench, attempts_left, bench_of, submissions_of
from lms.labs.tables import LabWork
from lms.labs.work import content, history
from lms.labs.work.hand_in import hand_in as hand_in_revision
from lms.labs.work.save import MissingFiles, Overtaken, head_of
from lms.labs.work.save import save as save_sent
from lms.labs.work.tables import Revision
from lms.web.attachment import attachment
from lms.web.filters import iso
from lms.web.refusals import OtherPerson, problem
from lms.web.request import now, reading, services, transaction, viewer
from lms.web.workbench_config import work_config
from lms.words import gettext as _

pages = Blueprint("workbench", __name__)

Answer = BaseResponse | tuple[dict[str, Any], int] | dict[str, Any]


@pages.get("/labs/<lab_id>/work")
def work(lab_id: str) -> BaseResponse:
    """The page. It alone is isolated from others, which gives Python a way to be interrupted."""
    session = reading()
    bench = bench_of(session, services().shelf, viewer().id, lab_id)
    if bench.work is None:
        return redirect(url_for("labs.lab", lab_id=lab_id))
    past = [submission for submission, _ in submissions_of(session, bench.work.id)]
    config = work_config(session, bench, head_of(session, bench.work.id), past)
    return isolated(
        render_template("labs/work.html", config=config, lab=bench.lab, bench=bench), config["nonce"]
    )


def isolated(page: str, nonce: str) -> Response:
    """The page of a notebook: styles of the editor by a nonce, a frame for Python, and isolation."""
    response = make_response(page)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    )
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


@pages.get("/labs/<lab_id>/work/token")
def token(lab_id: str) -> dict[str, Any]:  # noqa: ARG001 - it is beside what it is for
    """For a page whose session ended and began anew."""
    return {"csrf": generate_csrf(), "person": viewer().id}


@pages.put("/labs/<lab_id>/work")
def save(lab_id: str) -> Answer:
    _mine()
    base = _base()
    body = _json()
    sent = content.read_sent(body, max_bytes=services().settings.upload_megabytes << 20)
    keep = body.get("keep") is True

    def change(session: Session, begun: LabWork, _bench: Bench) -> Answer:
        saved = save_sent(session, begun, sent, base=base, now=now(), keep=keep)
        refused = [{"path": name, "why": why} for name, why in sent.refused.items()]
        return {**_saved(saved), "refused": refused}

    return _changing(lab_id, change)


@pages.get("/labs/<lab_id>/work/notebook")
def notebook(lab_id: str) -> Response:
    """What there is of it, as a file to take along; the hand-out before anything was saved."""
    session = reading()
    bench = bench_of(session, services().shelf, viewer().id, lab_id)
    head = head_of(session, bench.work.id) if bench.work else None
    data = content.unpacked(head.data) if head else services().shelf.blob(session, bench.lab.handout)
    return attachment(data, f"{bench.lab.id}.ipynb", "application/x-ipynb+json")


@pages.get("/labs/<lab_id>/work/files/<sha256>")
def file(lab_id: str, sha256: str) -> Response:
    session = reading()
    return attachment(
        history.file_of(session, _begun(session, lab_id), sha256), sha256[:12], "application/octet-stream"
    )


@pages.get("/labs/<lab_id>/work/revisions")
def revisions(lab_id: str) -> dict[str, Any]:
    session = reading()
    found = history.revisions_of(session, _begun(session, lab_id).id)
    return {
        "current": next((each.number for each, _number in found if each.is_head), 0),
        "revisions": [
            {
                "number": each.number,
                "kind": each.kind,
                "savedAt": iso(each.saved_at),
                "size": each.size,
                "submission": number,
            }
            for each, number in found
        ],
    }


@pages.get("/labs/<lab_id>/work/revisions/<int:number>")
def revision(lab_id: str, number: int) -> dict[str, Any]:
    session = reading()
    found = history.get_revision(session, _begun(session, lab_id), number)
    return {"number": found.number, "notebook": history.notebook_of(found), "files": found.files}


@pages.post("/labs/<lab_id>/work/revisions/<int:number>/restore")
def restore(lab_id: str, number: int) -> Answer:
    _mine()
    base = _base()

    def change(session: Session, begun: LabWork, _bench: Bench) -> Answer:
        return _whole(history.restore(session, begun, number, base=base, now=now()))

    return _changing(lab_id, change)


@pages.post("/labs/<lab_id>/work/start-over")
def start_over(lab_id: str) -> Answer:
    _mine()
    base = _base()

    def change(session: Session, begun: LabWork, bench: Bench) -> Answer:
        handout = services().shelf.blob(session, bench.lab.handout)
        return _whole(history.start_over(session, begun, handout, base=base, now=now()))

    return _changing(lab_id, change)


@pages.post("/labs/<lab_id>/work/upload")
def upload(lab_id: str) -> BaseResponse:
    """A notebook that was worked on elsewhere becomes the newest version. Works without JavaScript."""
    chosen = request.files.get("notebook")
    try:
        data = content.uploaded(_chosen(chosen), max_bytes=services().settings.upload_megabytes << 20)
    except Invalid as refusal:
        flash(refusal.message, "error")
    else:
        with transaction() as session:
            history.replace(session, _begun(session, lab_id), data, kind="uploaded", now=now())
        flash(_("Your notebook is here now. What was here before is in the history."), "success")
    return redirect(url_for("workbench.work", lab_id=lab_id))


@pages.post("/labs/<lab_id>/work/hand-in")
def hand_in(lab_id: str) -> Answer:
    _mine()
    base = _base()

    def change(session: Session, begun: LabWork, bench: Bench) -> Answer:
        shelf = services().shelf
        made = hand_in_revision(
            session,
            begun,
            bench.lab,
            base=base,
            source=shelf.blob(session, bench.lab.notebook),
            handout=shelf.blob(session, bench.lab.handout),
            max_bytes=services().settings.upload_megabytes << 20,
            seed=services().seed_of(begun.person_id, lab_id),
            now=now(),
        )
        left = attempts_left(bench.lab, [submission for submission, _ in submissions_of(session, begun.id)])
        addresses = {"stateUrl": url_for("submissions.state", submission_id=made.id)}
        addresses["url"] = url_for("submissions.submission", submission_id=made.id)
        return {"submission": made.id, "number": made.number, "attemptsLeft": left, **addresses}, 201

    return _changing(lab_id, change)


def _changing(lab_id: str, change: Callable[[Session, LabWork, Bench], Answer]) -> Answer:
    """One change of a work, in one transaction. What lost a conflict is kept by it too: that is no failure of the transaction."""
    with transaction() as session:
        bench = bench_of(session, services().shelf, viewer().id, lab_id)
        if bench.work is None:
            raise Conflict(_("You have not begun this lab yet. Begin it on its page."))
        try:
            return change(session, bench.work, bench)
        except Overtaken as refusal:
            told: dict[str, Any] = {"revision": refusal.head.number if refusal.head else 0}
            told["savedAt"] = iso(refusal.head.saved_at) if refusal.head else None
            told["kept"] = refusal.kept.number if refusal.kept else None
            return {**problem(412, refusal.message, "conflict"), **told}, 412
        except MissingFiles as refusal:
            session.rollback()
            return {**problem(422, refusal.message, "missing-files"), "missing": refusal.digests}, 422


def _begun(session: Session, lab_id: str) -> LabWork:
    bench = bench_of(session, services().shelf, viewer().id, lab_id)
    if bench.work is None:
        raise Conflict(_("You have not begun this lab yet. Begin it on its page."))
    return bench.work


def _saved(revision: Revision) -> dict[str, Any]:
    return {"revision": revision.number, "savedAt": iso(revision.saved_at)}


def _whole(revision: Revision) -> dict[str, Any]:
    return {**_saved(revision), "notebook": history.notebook_of(revision), "files": revision.files}


def _mine() -> None:
    """Raises OtherPerson when somebody else is signed in than when the page was opened."""
    if request.headers.get("X-Slipway-Person") != str(viewer().id):
        raise OtherPerson(
            _(
                "Somebody else is signed in by now, so nothing was saved into their work. Sign in as yourself in another tab."
            )
        )


def _base() -> int:
    """The revision that a change was made from."""
    tag = request.headers.get("If-Match", "")
    if not tag:
        abort(428, _("It was not said which version this was made from (If-Match)."))
    found = re.fullmatch(r'"(\d{1,9})"', tag)
    if found is None:
        abort(400, _("If-Match has to be the number of a version in quotation marks."))
    return int(found[1])


def _json() -> dict[str, Any]:
    if request.mimetype != "application/json":
        abort(415, _("A notebook is saved as JSON."))
    try:
        body = request.get_json()
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        raise Invalid(_("What was sent is no notebook."))
    return body


def _chosen(upload: FileStorage | None) -> bytes:
    if upload is None or not upload.filename:
        raise Invalid(_("No file was chosen. Choose your notebook (it ends in .ipynb)."))
    data: bytes = upload.read()
    return data
