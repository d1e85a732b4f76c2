"""A stored evaluation made again: the same policy, the same evidence, the same day, and so the same outcome."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lms.certification.decision import decide
from lms.certification.policy import read_policy
from lms.content.shelf import Shelf
from lms.errors import NotFound
from lms.readiness.plain import company_from, differences, digest_of, outcome_of
from lms.readiness.tables import Evaluation
from lms.words import gettext as _


@dataclass(frozen=True)
class Replayed:
    """`differences` is empty when the outcome is the same to the byte."""

    evaluation: Evaluation
    differences: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return not self.differences


def replay(session: Session, shelf: Shelf, evaluation_id: int) -> Replayed:
    """Raises NotFound."""
    evaluation = session.get(Evaluation, evaluation_id)
    if evaluation is None:
        raise NotFound(_("There is no evaluation %(number)s.", number=evaluation_id))
    plain = shelf.edition(session, evaluation.release_id).catalogue.policy
    if digest_of(plain) != evaluation.policy_digest:
        return Replayed(evaluation, (_("The policy of its release is not the one it was made by."),))
    policy, company = read_policy(plain), company_from(evaluation.evidence)
    decision = decide(policy, company, evaluation.day)
    again = outcome_of(policy, company, decision, evaluation.day)
    return Replayed(evaluation, tuple(differences(evaluation.outcome, again)))
