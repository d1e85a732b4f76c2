"""A submission run in the browser of whoever looks at it, and what notebooks need beside themselves: modules and handed-out files."""

import io
import zipfile

from flask import Blueprint, Response, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.content.model import Lab
from lms.content.tables import Release
from lms.errors import Invalid, NotFound
from lms.labs.files import submitted
from lms.labs.review import access_submission
from lms.labs.submit import bench_of
from lms.labs.tables import Grading, Submission
from lms.labs.work.content import parsed
from lms.web.attachment import attachment
from lms.web.request import reading, services, viewer
from lms.web.submissions import lab_of
from lms.web.workbench import isolated
from lms.web.workbench_config import look_config
from lms.words import gettext as _

pages = Blueprint("workparts", __name__)


@pages.get("/submissions/<int:submission_id>/run")
def run(submission_id: int) -> Response:
    """What was handed in, to be run by its learner, a mentor or staff: in a frame that has no part of their session."""
    session = reading()
    submission, _grading, lab = _found(session, submission_id)
    try:
        notebook = parsed(submitted(session, submission_id))
    except (ValueError, RecursionError):
        notebook = None
    if (
        not isinstance(notebook, dict)
        or notebook.get("nbformat") != 4
        or not isinstance(notebook.get("cells"), list)
    ):
        raise Invalid(_("This file cannot be run in a browser: it is no notebook of format 4."))
    config = look_config(session, lab, submission, notebook)
    return isolated(
        render_template("labs/work.html", config=config, lab=lab, submission=submission), config["nonce"]
    )


@pages.get("/submissions/<int:submission_id>/modules/<name>.zip")
def submitted_module(submission_id: int, name: str) -> Response:
    session = reading()
    _submission, grading, lab = _found(session, submission_id)
    return _module(session, lab, grading.release_id, name)


@pages.get("/submissions/<int:submission_id>/files/<path:name>")
def submitted_file(submission_id: int, name: str) -> Response:
    session = reading()
    _submission, _grading, lab = _found(session, submission_id)
    found = next((each for each in lab.files if each.name == name), None)
    if found is None:
        raise NotFound(_("This lab hands out no such file."))
    return attachment(services().shelf.blob(session, found.digest), found.name, "application/octet-stream")


@pages.get("/labs/<lab_id>/modules/<name>.zip")
def module(lab_id: str, name: str) -> Response:
    session = reading()
    bench = bench_of(session, services().shelf, viewer().id, lab_id)
    return _module(session, bench.lab, bench.edition.id, name)


def _found(session: Session, submission_id: int) -> tuple[Submission, Grading, Lab]:
    submission = access_submission(session, viewer(), submission_id)
    grading = session.get_one(Grading, submission.grading_id)
    return submission, grading, lab_of(session, submission, grading)


def _module(session: Session, lab: Lab, release_id: int, name: str) -> Response:
    """The package as the release has it, as a zip: the same bytes for the same package."""
    if name not in lab.modules:
        raise NotFound(_("This lab has no such module."))
    manifest = session.scalars(select(Release.manifest).where(Release.id == release_id)).one()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(manifest):
            if path.startswith(f"labs/{name}/"):
                entry = zipfile.ZipInfo(path.removeprefix("labs/"))
                archive.writestr(entry, services().shelf.blob(session, manifest[path]))
    return attachment(made.getvalue(), f"{name}.zip", "application/zip")
