"""What a publication changes for learners and certificates, told before it goes live."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.certification.tables import Credential
from lms.content.model import Catalogue, Course, Lab
from lms.labs.tables import LabWork
from lms.learning.tables import Enrolment
from lms.words import gettext as _
from lms.words import ngettext


@dataclass(frozen=True)
class Change:
    """One course or lab: `what` is added, removed, text (prose only: learners read it at once) or substance
    (those who began keep their version and are offered the new one).
    """

    kind: str
    id: str
    title: str
    what: str
    learners: int

    @property
    def sentence(self) -> str:
        if self.what == "added":
            return _("%(id)s %(title)s is new.", id=self.id, title=self.title)
        if self.what == "text":
            return _(
                "%(id)s %(title)s: mended text, which everybody reads at once.", id=self.id, title=self.title
            )
        if self.what == "removed":
            kept = ngettext("One learner keeps it.", "%(num)s learners keep it.", self.learners)
            return _("%(id)s %(title)s is taught no more. %(kept)s", id=self.id, title=self.title, kept=kept)
        kept = ngettext(
            "One learner in it keeps their version and is offered the new one.",
            "%(num)s learners in it keep their version and are offered the new one.",
            self.learners,
        )
        return _("%(id)s %(title)s changes in what counts. %(kept)s", id=self.id, title=self.title, kept=kept)


@dataclass(frozen=True)
class Impact:
    changes: tuple[Change, ...]
    certificates: int

    @property
    def sentences(self) -> list[str]:
        untouched = ngettext(
            "One certificate stays as it is.", "%(num)s certificates stay as they are.", self.certificates
        )
        return (
            [*(change.sentence for change in self.changes), untouched]
            if self.changes
            else [_("Nothing changes for learners.")]
        )


def impact(session: Session, before: Catalogue, after: Catalogue) -> Impact:
    """What differs between two catalogues, with how many people are in the middle of it."""
    in_course = dict(
        session.execute(select(Enrolment.course_id, func.count()).group_by(Enrolment.course_id)).all()
    )
    in_lab = dict(session.execute(select(LabWork.lab_id, func.count()).group_by(LabWork.lab_id)).all())
    changes = [
        *_differences("course", before.course_by_id, after.course_by_id, in_course),
        *_differences("lab", before.lab_by_id, after.lab_by_id, in_lab),
    ]
    return Impact(tuple(changes), session.scalar(select(func.count()).select_from(Credential)) or 0)


def _differences(
    kind: str,
    before: Mapping[str, Course] | Mapping[str, Lab],
    after: Mapping[str, Course] | Mapping[str, Lab],
    learners: Mapping[str, int],
) -> list[Change]:
    found = []
    for key, new in after.items():
        old = before.get(key)
        if old is None:
            found.append(Change(kind, key, new.title, "added", 0))
        elif old != new:
            what = "text" if old.version == new.version else "substance"
            found.append(Change(kind, key, new.title, what, learners.get(key, 0)))
    gone = [old for key, old in before.items() if key not in after]
    return found + [Change(kind, old.id, old.title, "removed", learners.get(old.id, 0)) for old in gone]
