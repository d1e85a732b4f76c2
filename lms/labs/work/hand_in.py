"""Hand in exactly that revision."""

from datetime import datetime

from sqlalchemy.orm import Session

from lms.content.model import Lab
from lms.errors import Conflict
from lms.labs.submit import submit
from lms.labs.tables import LabWork, Submission
from lms.labs.work.content import unpacked
from lms.labs.work.save import lock, require_head
from lms.words import gettext as _


def hand_in(
    session: Session,
    work: LabWork,
    lab: Lab,
    *,
    base: int,
    source: bytes,
    handout: bytes,
    max_bytes: int,
    seed: int,
    now: datetime,
) -> Submission:
    """Submit the head of `work`, which must be `base`: what is graded is what the learner saw. The revision is kept for ever.

    Raises Overtaken, and whatever `labs.submit.submit` refuses.
    """
    head = lock(session, work)
    require_head(head, base)
    if head is None:
        raise Conflict(_("Nothing was saved yet, so there is nothing to hand in."))
    submission = submit(
        session,
        work,
        lab,
        filename=f"{lab.id}.ipynb",
        data=unpacked(head.data),
        source=source,
        handout=handout,
        max_bytes=max_bytes,
        seed=seed,
        now=now,
    )
    head.submission_id = submission.id
    session.flush()
    return submission
