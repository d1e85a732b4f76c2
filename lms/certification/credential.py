"""What is signed: the words of an Open Badges 3.0 AchievementCredential, as a JWT whose payload is the whole credential. Pure.

A person's name is not in it: the subject is a urn:uuid and a salted hash of the e-mail, so that a badge outlives the erasure of its
holder's data. A company is no natural person: its name is. Source: Open Badges 3.0, sections 8 and 9; W3C VCDM 2.0.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms.certification.policy import Passed

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
SKILL_FRAMEWORK = "HPC Certification Forum Skill Tree"


@dataclass(frozen=True)
class Issuer:
    """The centre: its name, and the site's address, which makes its did:web."""

    name: str
    base_url: str

    @property
    def did(self) -> str:
        host = self.base_url.split("://", 1)[1]
        return "did:web:" + host.replace(":", "%3A")

    def key_url(self, kid: str) -> str:
        return f"{self.did}#{kid}"


@dataclass(frozen=True)
class Achieved:
    """What is certified: `kind` is course, track or level. `criteria` says in words what it took."""

    kind: str
    id: str
    title: str
    description: str
    criteria: str
    skills: tuple[str, ...] = ()

    @property
    def achievement_type(self) -> str:
        return {"course": "Course", "track": "Certification", "level": "QualityAssuranceCredential"}[
            self.kind
        ]


def person_subject(credential_id: str, email: str, salt: str) -> dict[str, Any]:
    """The subject of a personal credential. Whoever knows the e-mail can check the hash; nobody can read it off."""
    hashed = hashlib.sha256((email.casefold() + salt).encode()).hexdigest()
    return {
        "id": f"urn:uuid:{credential_id}",
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": f"sha256${hashed}",
                "identityType": "emailAddress",
                "salt": salt,
            }
        ],
    }


def company_subject(credential_id: str, name: str, url: str) -> dict[str, Any]:
    subject: dict[str, Any] = {
        "id": url or f"urn:uuid:{credential_id}",
        "type": ["AchievementSubject", "Profile"],
        "name": name,
    }
    return {**subject, "url": url} if url else subject


def evidence_of(base_url: str, passed: Passed, genre: str, release_digest: str) -> dict[str, Any]:
    """One piece of evidence, by reference: what was passed, how it was judged (`genre`), when, on which release. Never by whom."""
    return {
        "id": f"{base_url}/{passed.kind}s/{passed.id}",
        "type": ["Evidence"],
        "name": f"{passed.id}, passed on {passed.on.isoformat()}",
        "genre": genre,
        "description": f"Release {release_digest[:16]}",
    }


def compose(
    issuer: Issuer,
    achieved: Achieved,
    subject: dict[str, Any],
    evidence: list[dict[str, Any]],
    *,
    credential_id: str,
    issued_at: datetime,
    valid_until: datetime | None,
) -> dict[str, Any]:
    """The claims to sign: the credential and, for JWT readers, iss, sub, jti, nbf and exp saying the same."""
    url = f"{issuer.base_url}/credentials/{credential_id}"
    profile = {"id": issuer.did, "type": ["Profile"], "name": issuer.name, "url": issuer.base_url}
    achievement: dict[str, Any] = {
        "id": f"{issuer.base_url}/{achieved.kind}s/{achieved.id}",
        "type": ["Achievement"],
        "achievementType": achieved.achievement_type,
        "name": achieved.title,
        "description": achieved.description,
        "criteria": {"narrative": achieved.criteria},
        "creator": profile,
    }
    if achieved.skills:
        achievement["alignment"] = [
            {
                "type": ["Alignment"],
                "targetName": skill,
                "targetUrl": "https://www.hpc-certification.org/",
                "targetFramework": SKILL_FRAMEWORK,
                "targetCode": skill,
                "targetType": "ext:hpccf-skill",
            }
            for skill in achieved.skills
        ]
    claims: dict[str, Any] = {
        "@context": CONTEXT,
        "id": url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": profile,
        "validFrom": _iso(issued_at),
        "awardedDate": _iso(issued_at),
        "name": achieved.title,
        "credentialSubject": {**subject, "achievement": achievement},
        "iss": issuer.did,
        "sub": subject["id"],
        "jti": url,
        "nbf": int(issued_at.timestamp()),
    }
    if evidence:
        claims["evidence"] = evidence
    if valid_until is not None:
        claims["validUntil"] = _iso(valid_until)
        claims["exp"] = int(valid_until.timestamp())
    return claims


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
