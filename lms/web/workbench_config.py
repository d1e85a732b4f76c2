"""What the page of a notebook is told when it opens, as one JSON value. Whatever of it came from a learner is data there, never markup."""

import json
import secrets
import sys
from collections.abc import Callable, Sequence
from typing import Any

from flask import url_for
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from lms.content.model import Lab
from lms.content.shelf import Edition
from lms.labs.submit import Bench, attempts_left
from lms.labs.tables import Submission
from lms.labs.work import history
from lms.labs.work.absent import absent_from
from lms.labs.work.content import MOST_BYTES, MOST_FILES
from lms.labs.work.tables import Revision
from lms.web.filters import asset, iso
from lms.web.request import services, viewer
from lms.web.runtime import told
from lms.web.workbench_words import words
from lms.words import gettext as _

Config = dict[str, Any]
PRELUDE = "seed = 0\n"
"""What visible tests may name without saying where it comes from. The learner's own seed stays on the server: hidden tests vary by it."""


def work_config(session: Session, bench: Bench, head: Revision | None, past: Sequence[Submission]) -> Config:
    """For a learner at work. `past` are their submissions, newest first."""
    lab = bench.lab
    notebook = history.notebook_of(head) if head else json.loads(services().shelf.blob(session, lab.handout))
    left = attempts_left(lab, past)
    return {
        **_common(session, lab, lambda kind, name: _of_lab(lab.id, kind, name)),
        "mode": "work",
        "notebook": notebook,
        "files": head.files if head else [],
        "revision": head.number if head else 0,
        "savedAt": iso(head.saved_at) if head else None,
        "urls": {
            "save": url_for("workbench.save", lab_id=lab.id),
            "token": url_for("workbench.token", lab_id=lab.id),
            "notebook": url_for("workbench.notebook", lab_id=lab.id),
            "revisions": url_for("workbench.revisions", lab_id=lab.id),
            "startOver": url_for("workbench.start_over", lab_id=lab.id),
            "handIn": url_for("workbench.hand_in", lab_id=lab.id),
            "files": url_for("workbench.file", lab_id=lab.id, sha256="-").removesuffix("-"),
            "upload": url_for("workbench.upload", lab_id=lab.id),
            "lab": url_for("labs.lab", lab_id=lab.id),
            "signIn": url_for("account.sign_in"),
            "hub": hub_of(lab, bench.edition),
        },
        "handIn": {
            "allowed": left != 0,
            "why": "" if left != 0 else _("All attempts are used."),
            "attemptsLeft": left,
        },
        "submission": {
            **_submission(past[0]),
            "isChanged": history.is_changed_since(session, head, past[0]),
        }
        if past
        else None,
    }


def look_config(session: Session, lab: Lab, submission: Submission, notebook: Config) -> Config:
    """For whoever looks at a submission and runs it: nothing is saved."""
    return {
        **_common(session, lab, lambda kind, name: _of_submission(submission.id, kind, name)),
        "mode": "look",
        "notebook": notebook,
        "files": [],
        "revision": 0,
        "savedAt": None,
        "urls": {
            "lab": url_for("submissions.submission", submission_id=submission.id),
            "notebook": url_for("submissions.file", submission_id=submission.id),
            "hub": None,
        },
        "handIn": {"allowed": False, "why": "", "attemptsLeft": None},
        "submission": _submission(submission),
    }


def hub_of(lab: Lab, edition: Edition) -> str | None:
    """Where the lab can be opened in a JupyterHub, when a course of it says so."""
    for course in edition.catalogue.courses:
        if lab.id in course.labs and course.jupyterhub:
            return course.jupyterhub.replace("{lab}", lab.id)
    return None


def _common(session: Session, lab: Lab, address: Callable[[str, str], str]) -> Config:
    built = services().runtime()
    shown = services().shelf.blob(session, lab.handout)
    absent = absent_from(
        shown,
        lab_modules=lab.modules,
        files=[each.name for each in lab.files],
        there=built.importable if built else {"IPython", *sys.stdlib_module_names},
    )
    return {
        "lab": {"id": lab.id, "title": lab.title},
        "person": viewer().id,
        "csrf": generate_csrf(),
        "nonce": secrets.token_urlsafe(16),
        "handedOut": [
            {"name": each.name, "url": address("files", each.name), "size": each.size, "sha256": each.digest}
            for each in lab.files
        ],
        "modules": [{"name": name, "url": address("modules", name)} for name in lab.modules],
        "runtime": {
            **told(built),
            "state": "ready" if built else "missing",
            "stateUrl": url_for("runtime.state"),
        },
        "frame": url_for("runtime.frame"),
        "fetcher": asset("notebook/fetcher.js"),
        "serverOnly": list(lab.slurm.tests) if lab.slurm else [],
        "absent": [{"name": each.name, "why": each.why} for each in absent],
        "note": lab.browser,
        "prelude": PRELUDE,
        "canAdd": not lab.fixed_cells,
        "limits": {
            "files": MOST_FILES,
            "fileBytes": MOST_BYTES,
            "notebookBytes": services().settings.upload_megabytes << 20,
        },
        "words": words(),
    }


def _submission(submission: Submission) -> Config:
    return {
        "number": submission.number,
        "stateUrl": url_for("submissions.state", submission_id=submission.id),
    }


def _of_lab(lab_id: str, kind: str, name: str) -> str:
    if kind == "modules":
        return url_for("workparts.module", lab_id=lab_id, name=name)
    return url_for("labs.file", lab_id=lab_id, name=name)


def _of_submission(submission_id: int, kind: str, name: str) -> str:
    if kind == "modules":
        return url_for("workparts.submitted_module", submission_id=submission_id, name=name)
    return url_for("workparts.submitted_file", submission_id=submission_id, name=name)
