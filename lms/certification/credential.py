"""What is signed: the words of an Open Badges 3.0 AchievementCredential. Pure.

A person's name is not in it: the subject is a urn:uuid and a salted hash of the e-mail, so that a badge outlives the erasure of its
holder's data. A company is no natural person: its name is. One document is signed twice, with an embedded proof and as a JWT whose
payload is the whole credential. Source: Open Badges 3.0, sections 8 and 9; W3C VCDM 2.0.

Members are arrays where 1EdTech's schema wants arrays, even of one. Every member is one that a named context defines: whatever is not
would be left out of what an embedded proof covers.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms.certification.alignment import Alignment
from lms.certification.company import Attested, Passed

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    # Defines the type of `credentialSchema` below; without it a careful verifier refuses the whole credential.
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
]
SCHEMA = {
    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
    "type": "1EdTechJsonSchemaValidator2019",
}


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

    def credential_url(self, credential_id: str) -> str:
        return f"{self.base_url}/credentials/{credential_id}"

    def status_url(self, purpose: str, number: int) -> str:
        return f"{self.base_url}/status/{purpose}/{number}"


@dataclass(frozen=True)
class Scored:
    """A result that can be told: of what, how many points of how many, and how many were needed."""

    id: str
    name: str
    points: float
    of: float
    needed: float
    is_percent: bool = False


@dataclass(frozen=True)
class Achieved:
    """What is certified: `kind` is course, track or level. `criteria` says in words what it took, `version` of which edition."""

    kind: str
    id: str
    title: str
    description: str
    criteria: str
    version: str = ""
    alignments: tuple[Alignment, ...] = ()
    results: tuple[Scored, ...] = ()

    @property
    def achievement_type(self) -> str:
        return {"course": "Course", "track": "Certification", "level": "QualityAssuranceCredential"}[
            self.kind
        ]


@dataclass(frozen=True)
class StatusPlace:
    """Where a verifier finds what became of a credential: bit `index` of the status list `number` of this purpose."""

    purpose: str
    number: int
    index: int


@dataclass(frozen=True)
class Term:
    """When: `awarded_at` is of the first of its kind, however often it was renewed since."""

    issued_at: datetime
    awarded_at: datetime
    valid_until: datetime | None


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
        "description": f"Release {release_digest}",
    }


def document_evidence(title: str, word: Attested) -> dict[str, Any]:
    """A document that somebody vouched for: what was asked, in which office they spoke, since when; not the document itself."""
    who = {
        "lead": "declared by a lead of the company",
        "mentor": "seen by a mentor",
        "staff": "seen by the centre",
    }
    return {
        "type": ["Evidence"],
        "name": f"{title.rstrip('.')}: {who[word.by]}, {word.on.isoformat()}",
        "genre": "document",
    }


def compose(
    issuer: Issuer,
    achieved: Achieved,
    subject: dict[str, Any],
    evidence: list[dict[str, Any]],
    *,
    credential_id: str,
    term: Term,
    status: StatusPlace,
) -> dict[str, Any]:
    """The credential, before it is signed."""
    profile = {"id": issuer.did, "type": ["Profile"], "name": issuer.name, "url": issuer.base_url}
    status_list = issuer.status_url(status.purpose, status.number)
    told = {**subject, "achievement": _achievement(issuer, profile, achieved)}
    if achieved.results:
        told["result"] = [_result(issuer, achieved, each) for each in achieved.results]
    document: dict[str, Any] = {
        "@context": CONTEXT,
        "id": issuer.credential_url(credential_id),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": profile,
        "validFrom": _iso(term.issued_at),
        "awardedDate": _iso(term.awarded_at),
        "name": achieved.title,
        "description": achieved.description,
        "credentialSubject": told,
        "credentialSchema": [SCHEMA],
        # One entry, since 1EdTech's schema knows one: see `status.PURPOSE`.
        "credentialStatus": {
            "id": f"{status_list}#{status.index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": status.purpose,
            "statusListIndex": str(status.index),
            "statusListCredential": status_list,
        },
    }
    if evidence:
        document["evidence"] = evidence
    if term.valid_until is not None:
        document["validUntil"] = _iso(term.valid_until)
    return document


def token_claims(document: dict[str, Any], term: Term) -> dict[str, Any]:
    """The same credential as a JWT's payload: with iss, sub, jti, nbf and exp, which say what the document says."""
    issuer = document["issuer"]
    claims = {
        **document,
        "iss": issuer if isinstance(issuer, str) else issuer["id"],
        "sub": document["credentialSubject"]["id"],
        "jti": document["id"],
        "nbf": int(term.issued_at.timestamp()),
    }
    return claims if term.valid_until is None else {**claims, "exp": int(term.valid_until.timestamp())}


def _achievement(issuer: Issuer, profile: dict[str, Any], achieved: Achieved) -> dict[str, Any]:
    achievement: dict[str, Any] = {
        "id": _achievement_url(issuer, achieved),
        "type": ["Achievement"],
        "achievementType": achieved.achievement_type,
        "name": achieved.title,
        "description": achieved.description,
        "criteria": {"narrative": achieved.criteria},
        "creator": profile,
        "image": {"id": f"{issuer.base_url}/badges/{achieved.kind}.png", "type": "Image"},
    }
    if achieved.version:
        achievement["version"] = achieved.version
    if achieved.alignments:
        achievement["alignment"] = [
            {
                "type": ["Alignment"],
                "targetName": each.name,
                "targetUrl": each.url,
                "targetFramework": each.framework,
                "targetCode": each.code,
                "targetType": each.type,
            }
            for each in achieved.alignments
        ]
    if achieved.results:
        achievement["resultDescription"] = [
            {
                "id": _result_url(issuer, achieved, each),
                "type": ["ResultDescription"],
                "name": each.name,
                "resultType": "Percent" if each.is_percent else "RawScore",
                "valueMin": "0",
                "valueMax": f"{each.of:g}",
                "requiredValue": f"{each.needed:g}",
            }
            for each in achieved.results
        ]
    return achievement


def _result(issuer: Issuer, achieved: Achieved, scored: Scored) -> dict[str, Any]:
    return {
        "type": ["Result"],
        "resultDescription": _result_url(issuer, achieved, scored),
        "value": f"{scored.points:g}",
        "status": "Completed",
    }


def _achievement_url(issuer: Issuer, achieved: Achieved) -> str:
    return f"{issuer.base_url}/{achieved.kind}s/{achieved.id}"


def _result_url(issuer: Issuer, achieved: Achieved, scored: Scored) -> str:
    return f"{_achievement_url(issuer, achieved)}#{scored.id}"


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
