"""Documents that a company's levels ask for, each once, for who may see to it."""

from dataclasses import dataclass

from lms.certification.attestation.attest import may_attest
from lms.certification.company import Attested
from lms.certification.decision import Decision
from lms.certification.policy import Authority, Document, Policy, Requirement


@dataclass(frozen=True)
class Wanted:
    """A document, the requirements it serves by level id, and the word that counts where it is met. `missing_for` are levels for which
    it does not count.
    """

    document: Document
    needs: tuple[tuple[str, Requirement], ...]
    attested: Attested | None
    missing_for: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        return not self.missing_for


def wanted(policy: Policy, decision: Decision) -> list[Wanted]:
    """Every document that a level asks for, in the order of the policy."""
    kinds = dict.fromkeys(
        need.document for level in policy.levels for need in level.requires if need.document
    )
    found = []
    for kind in kinds:
        findings = [
            (each.level.id, finding)
            for each in decision.levels
            for finding in each.findings
            if finding.requirement.document == kind
        ]
        found.append(
            Wanted(
                policy.document(kind),
                tuple((level_id, finding.requirement) for level_id, finding in findings),
                next((finding.attested for _level, finding in findings if finding.attested), None),
                tuple(level_id for level_id, finding in findings if not finding.is_met),
            )
        )
    return found


def attestable(policy: Policy, authority: Authority | None) -> list[Document]:
    """The kinds for which this word is enough somewhere."""
    kinds = dict.fromkeys(
        need.document for level in policy.levels for need in level.requires if need.document
    )
    return [policy.document(kind) for kind in kinds if may_attest(policy, kind, authority)]
