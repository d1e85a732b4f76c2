"""What an achievement is aligned with: skills of the HPC Certification Forum, ESCO skills, a level of the EQF. Pure.

The forum's tree changes, so its version stands in every alignment. We align with it; we do not claim its certification.
"""

import re
from dataclasses import dataclass

from lms.content.model import Course, EscoSkill

HPCCF = "HPC Certification Forum Skill Tree v2025.12"
_HPCCF_PAGES = "https://www.hpc-certification.org/wiki/skill-tree/"
_EQF_PAGE = "https://europass.europa.eu/en/description-eight-eqf-levels"


@dataclass(frozen=True)
class Alignment:
    """One place in one framework. `url` is the page that describes it, `type` an extension of Open Badges' target types."""

    name: str
    url: str
    framework: str
    code: str
    type: str


def alignments_of(course: Course) -> tuple[Alignment, ...]:
    """Everything the course says it is aligned with."""
    found = [hpccf(skill) for skill in course.skills] + [esco(skill) for skill in course.esco]
    return (*found, eqf(course.eqf)) if course.eqf is not None else tuple(found)


def hpccf(skill: str) -> Alignment:
    """`AI1.4` has its page at `ai/1/4/b`, b for the basic level of the tree; an id of another form is pointed at the tree."""
    url = _HPCCF_PAGES
    if re.fullmatch(r"[A-Z]+\d+(\.\d+)*", skill):
        root = re.match(r"[A-Z]+", skill)
        assert root
        url += "/".join([root[0].lower(), *skill[root.end() :].split("."), "b"])
    return Alignment(skill, url, HPCCF, skill, "ext:hpccf-skill")


def esco(skill: EscoSkill) -> Alignment:
    """The concept's own URI is its page, and its last part its code."""
    return Alignment(skill.title, skill.uri, "ESCO", skill.uri.rpartition("/")[2], "ext:esco-skill")


def eqf(level: int) -> Alignment:
    framework = "European Qualifications Framework"
    return Alignment(f"EQF level {level}", _EQF_PAGE, framework, str(level), "ext:eqf-level")
