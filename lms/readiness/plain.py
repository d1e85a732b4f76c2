"""Evidence and decisions as plain data: what an evaluation keeps, and what it is made again from. Persons are numbers here. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from lms.certification.company import Attested, Company, Member, Passed
from lms.certification.decision import Decision, Finding
from lms.certification.policy import Policy
from lms.readiness.lapses import lapse_of_level, lapses

Plain = dict[str, Any]


def evidence_of(company: Company) -> Plain:
    """Who is in the company, what each has passed and what was attested: by reference, with dates, without names."""
    return {
        "members": [
            {
                "person": member.person_id,
                "lead": member.is_lead,
                "passed": [
                    _passed(each) for each in sorted(member.passed, key=lambda one: (one.kind, one.id))
                ],
            }
            for member in sorted(company.members, key=lambda one: one.person_id)
        ],
        "attested": [
            {
                "kind": word.kind,
                "on": word.on.isoformat(),
                "until": word.until.isoformat() if word.until else None,
                "by": word.by,
                "reference": word.reference,
            }
            for word in sorted(company.attested, key=lambda one: one.reference)
        ],
    }


def company_from(evidence: Mapping[str, Any]) -> Company:
    """The company that evidence was of, without names."""
    return Company(
        tuple(
            Member(
                each["person"],
                "",
                each["lead"],
                tuple(
                    Passed(
                        one["kind"], one["id"], date.fromisoformat(one["on"]), one["release"], one["major"],
                        one["on_slurm"], one["reference"],
                    )
                    for one in each["passed"]
                ),
            )
            for each in evidence["members"]
        ),
        tuple(
            Attested(
                each["kind"],
                date.fromisoformat(each["on"]),
                date.fromisoformat(each["until"]) if each["until"] else None,
                each["by"],
                each["reference"],
            )
            for each in evidence["attested"]
        ),
    )  # fmt: skip


def outcome_of(policy: Policy, company: Company, decision: Decision, today: date) -> Plain:
    """Each level by its id: whether it is earned, by whom or what each requirement is met, and from which day on it would not be."""
    known = lapses(policy, company, today)
    outcome: Plain = {}
    for each in decision.levels:
        lapse = lapse_of_level(policy, each.level, known) if each.earned else None
        outcome[each.level.id] = {
            "earned": each.earned,
            "blocked_by": each.blocked_by,
            "lapses_on": lapse.day.isoformat() if lapse else None,
            "lapses_by": lapse.requirement.id if lapse else None,
            "requirements": {finding.requirement.id: _found(finding) for finding in each.findings},
        }
    return outcome


def digest_of(plain: Mapping[str, Any]) -> str:
    """SHA-256, in hex, over plain data: of a policy, say."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def differences(stored: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    """Where two outcomes differ, a line each; [] when they are the same."""
    return [
        f"{level}: stored {json.dumps(stored.get(level), sort_keys=True)}, now {json.dumps(again.get(level), sort_keys=True)}"
        for level in sorted({*stored, *again})
        if stored.get(level) != again.get(level)
    ]


def _passed(each: Passed) -> Plain:
    return {
        "kind": each.kind,
        "id": each.id,
        "on": each.on.isoformat(),
        "release": each.release_id,
        "major": each.major,
        "on_slurm": each.on_slurm,
        "reference": each.reference,
    }


def _found(finding: Finding) -> Plain:
    return {
        "met": finding.is_met,
        "people": sorted(member.person_id for member in finding.met_by),
        "attested": finding.attested.reference if finding.attested else None,
    }
