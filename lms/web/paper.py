"""What a certificate says on paper: what was signed, whose it is, and days as they are at the centre."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lms.certification.document import Certificate
from lms.certification.tables import Credential
from lms.web.request import services


def on_paper(found: Credential, claims: dict[str, Any], holder: str) -> Certificate:
    """`claims` is what was signed; `holder` is '' when nobody is named any more."""
    issuer = services().press.issuer
    subject = claims["credentialSubject"]
    achievement = subject["achievement"]
    scored = zip(achievement.get("resultDescription", ()), subject.get("result", ()), strict=True)
    return Certificate(
        kind=found.kind,
        holder=holder,
        title=found.title,
        description=achievement["description"],
        criteria=(achievement["criteria"]["narrative"], *(_score(told, result) for told, result in scored)),
        issuer=issuer.name,
        issued_on=_day(found.issued_at),
        awarded_on=_day(datetime.fromisoformat(claims["awardedDate"])),
        valid_until=None if found.valid_until is None else _day(found.valid_until),
        number=found.id,
        address=issuer.credential_url(found.id),
        signed=found.document or found.jwt,
    )


def _score(told: dict[str, Any], result: dict[str, Any]) -> str:
    of = " %" if told["resultType"] == "Percent" else f" / {told['valueMax']}"
    return f"{told['name']}: {result['value']}{of}"


def _day(moment: datetime) -> date:
    """The day in the site's zone: paper is the same for every reader."""
    return moment.astimezone(ZoneInfo(services().settings.time_zone)).date()
