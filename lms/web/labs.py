"""A lab: the task, what is handed out, handing in, and the history of attempts."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from lms.content.model import Lab
from lms.errors import Conflict, Invalid, NotFound
from lms.labs.marks import Mark, Standing
from lms.labs.notebook import dump, read_source
from lms.labs.proved import has_slurm, is_proved
from lms.labs.review import reviews_of
from lms.labs.submit import Bench, attempts_left, bench_of, move, start, submissions_of, submit
from lms.labs.tables import LabWork, Submission
from lms.labs.work.carry import carried
from lms.labs.work.content import unpacked
from lms.labs.work.history import replace
from lms.labs.work.save import head_of
from lms.web.attachment import attachment
from lms.web.claims import newest_of
from lms.web.refusals import status_of
from lms.web.request import now, reading, services, transaction, viewer
from lms.web.submissions import mark_of
from lms.web.workbench_config import hub_of
from lms.words import gettext as _

pages = Blueprint("labs", __name__)


@pages.get("/labs/<lab_id>")
def lab(lab_id: str) -> str:
    return _page(bench_of(reading(), services().shelf, viewer().id, lab_id))


@pages.post("/labs/<lab_id>/start")
def begin(lab_id: str) -> BaseResponse:
    with transaction() as session:
        bench = bench_of(session, services().shelf, viewer().id, lab_id)
        start(session, viewer().id, bench.lab, bench.edition.id, now=now())
    return redirect(url_for("labs.lab", lab_id=lab_id))


@pages.post("/labs/<lab_id>/move")
def adopt(lab_id: str) -> BaseResponse:
    with transaction() as session:
        bench = bench_of(session, services().shelf, viewer().id, lab_id)
        if bench.newer is not None and bench.work is not None:
            move(session, bench.work, bench.newer, services().shelf.live(session).id, now=now())
            _take_along(session, bench.work, bench.lab, bench.newer)
    flash(
        _(
            "You work on the newest version now, with your answers taken along. What you handed in before keeps its grade, and your work "
            "as it was is in the history."
        ),
        "success",
    )
    return redirect(url_for("labs.lab", lab_id=lab_id))


@pages.get("/labs/<lab_id>/handout")
def handout(lab_id: str) -> Response:
    """The learner's version of the notebook."""
    session, shelf = reading(), services().shelf
    lab = bench_of(session, shelf, viewer().id, lab_id).lab
    return attachment(shelf.blob(session, lab.handout), f"{lab.id}.ipynb", "application/x-ipynb+json")


@pages.get("/labs/<lab_id>/files/<name>")
def file(lab_id: str, name: str) -> Response:
    """A file that is handed out beside it."""
    session, shelf = reading(), services().shelf
    lab = bench_of(session, shelf, viewer().id, lab_id).lab
    found = next((each for each in lab.files if each.name == name), None)
    if found is None:
        raise NotFound(_("This lab hands out no such file."))
    return attachment(shelf.blob(session, found.digest), found.name, "application/octet-stream")


@pages.post("/labs/<lab_id>/submissions")
def hand_in(lab_id: str) -> tuple[str, int] | BaseResponse:
    upload = request.files.get("notebook")
    data = upload.read() if upload else b""
    me, shelf = viewer(), services().shelf
    try:
        name = _chosen(upload)
        with transaction() as session:
            bench = bench_of(session, shelf, me.id, lab_id)
            work = bench.work or start(session, me.id, bench.lab, bench.edition.id, now=now())
            submission = submit(
                session,
                work,
                bench.lab,
                filename=name,
                data=data,
                source=shelf.blob(session, bench.lab.notebook),
                handout=shelf.blob(session, bench.lab.handout),
                max_bytes=services().settings.upload_megabytes * 2**20,
                seed=services().seed_of(me.id, lab_id),
                now=now(),
            )
    except (Invalid, Conflict) as refusal:
        return _page(bench_of(reading(), shelf, me.id, lab_id), refusal=refusal.message), status_of(refusal)
    return redirect(url_for("submissions.submission", submission_id=submission.id))


def _take_along(session: Session, work: LabWork, older: Lab, newer: Lab) -> None:
    """What was saved of the old version becomes a revision of the new one."""
    head = head_of(session, work.id)
    if head is not None:
        shelf = services().shelf
        source, handout = read_source(shelf.blob(session, newer.notebook)), shelf.blob(session, older.handout)
        notebook = dump(carried(source, unpacked(head.data), handout=handout))
        replace(session, work, notebook, kind="moved", now=now())


def history(session: Session, bench: Bench) -> list[tuple[Submission, Mark]]:
    """What this person handed in, newest first, each with its mark under the release it was graded on."""
    if bench.work is None:
        return []
    past = submissions_of(session, bench.work.id)
    reviews = reviews_of(session, [submission.id for submission, _ in past])
    return [
        (submission, mark_of(session, submission, grading, reviews.get(submission.id)))
        for submission, grading in past
    ]


def _chosen(upload: FileStorage | None) -> str:
    """The name of the file. Raises Invalid when none was chosen."""
    if upload is None or not upload.filename:
        raise Invalid(_("No file was chosen. Choose your notebook (it ends in .ipynb), then hand it in."))
    return upload.filename


def _page(bench: Bench, refusal: str = "") -> str:
    session = reading()
    past = history(session, bench)
    claim, claim_state = (
        newest_of(session, bench.work.id) if bench.work and bench.lab.evidence else (None, "")
    )
    courses = [course for course in bench.edition.catalogue.courses if bench.lab.id in course.labs]
    return render_template(
        "labs/lab.html",
        bench=bench,
        lab=bench.lab,
        introduction=services().shelf.text(session, bench.lab.html),
        history=past,
        left=attempts_left(bench.lab, [submission for submission, _ in past]),
        is_passed=any(each.standing is Standing.PASSED for _, each in past),
        is_busy=any(not each.standing.is_final for _, each in past),
        is_proved=bench.work is not None and is_proved(session, bench.work.id),
        head=head_of(session, bench.work.id) if bench.work else None,
        hub=hub_of(bench.lab, bench.edition),
        has_slurm=bench.lab.slurm is None or has_slurm(session),
        claim=claim,
        claim_state=claim_state,
        courses=courses,
        refusal=refusal,
    )
