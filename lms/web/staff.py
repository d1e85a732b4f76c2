"""The centre's desk: all companies, what is published, what was certified."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms.certification.decision import decide
from lms.certification.evidence import companies_of
from lms.certification.policy import read_policy
from lms.certification.register import credential_of, resume, revoke, suspend
from lms.certification.standing import State, state_of
from lms.certification.tables import Credential
from lms.content.publish import releases, roll_back
from lms.errors import Conflict, Invalid
from lms.labs.watch import count_broken
from lms.people.access import require_staff
from lms.people.register import found
from lms.people.tables import Membership, Organisation, Person
from lms.readiness.evaluate import evaluate
from lms.web.request import now, reading, services, transaction, viewer
from lms.words import gettext as _

pages = Blueprint("staff", __name__)

PER_PAGE = 25


@pages.before_request
def staff_only() -> None:
    require_staff(viewer())


@pages.get("/staff")
def overview() -> str:
    return _overview({})


@pages.post("/staff/companies")
def add_company() -> tuple[str, int] | Response:
    form = request.form
    try:
        with transaction() as session:
            organisation = found(
                session, name=form.get("name", ""), url=form.get("url", ""), now=now(), actor_id=viewer().id
            )
    except Invalid as refusal:
        return _overview(refusal.fields), 422
    except Conflict as refusal:
        return _overview({"name": refusal.message}), 409
    flash(_("%(name)s is here. Invite its lead by link.", name=organisation.name), "success")
    return redirect(url_for("companies.company", slug=organisation.slug))


@pages.get("/staff/credentials")
def credentials() -> str:
    session = reading()
    wanted, page = (
        request.args.get("q", "").strip(),
        min(max(1, request.args.get("page", 1, type=int)), 10**6),
    )
    query = (
        select(Credential, Person, Organisation)
        .outerjoin(Person, Person.id == Credential.person_id)
        .outerjoin(Organisation, Organisation.id == Credential.organisation_id)
    )
    if wanted:
        like = f"%{wanted}%"
        query = query.where(
            Credential.title.ilike(like)
            | Person.name.ilike(like)
            | Organisation.name.ilike(like)
            | Credential.id.ilike(like)
        )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.execute(
        query.order_by(Credential.issued_at.desc(), Credential.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return render_template(
        "staff/credentials.html",
        rows=[
            (credential, person or organisation, state_of(credential, now()))
            for credential, person, organisation in rows
        ],
        wanted=wanted,
        page=page,
        last=max(1, -(-total // PER_PAGE)),
        total=total,
    )


@pages.post("/staff/credentials/<credential_id>/revoke")
def revoke_credential(credential_id: str) -> Response:
    with transaction() as session:
        credential = credential_of(session, credential_id)
        revoke(session, credential, by=viewer(), reason=request.form.get("reason", ""), now=now())
        _look(session, credential)
    flash(_("Revoked. The public page says so from now on."), "success")
    return redirect(url_for("certificates.credential", credential_id=credential_id))


@pages.post("/staff/credentials/<credential_id>/suspend")
def suspend_credential(credential_id: str) -> Response:
    reason = request.form.get("reason", "")
    with transaction() as session:
        credential = credential_of(session, credential_id)
        suspend(session, credential, by=viewer(), reason=reason, now=now())
        _look(session, credential)
    flash(_("Suspended. The public page and the status list say so from now on."), "success")
    return redirect(url_for("certificates.credential", credential_id=credential_id))


@pages.post("/staff/credentials/<credential_id>/resume")
def resume_credential(credential_id: str) -> Response:
    with transaction() as session:
        credential = credential_of(session, credential_id)
        resume(session, credential, by=viewer(), now=now())
        _look(session, credential)
    flash(_("It counts again."), "success")
    return redirect(url_for("certificates.credential", credential_id=credential_id))


@pages.post("/staff/releases/<int:release_id>/live")
def make_live_again(release_id: int) -> Response:
    with transaction() as session:
        roll_back(session, release_id, by=viewer().id, now=now())
    flash(_("Release %(number)s is live again, for everybody.", number=release_id), "success")
    return redirect(url_for("staff.overview"))


def _look(session: Session, credential: Credential) -> None:
    """A company stands elsewhere with a level whose certificate was ended or came back."""
    if credential.organisation_id is not None:
        evaluate(
            session,
            services().shelf,
            credential.organisation_id,
            cause="certificate",
            by=viewer().id,
            now=now(),
        )


def _overview(errors: dict[str, str]) -> str:
    session, shelf = reading(), services().shelf
    policy = read_policy(shelf.live(session).catalogue.policy)
    wanted = request.args.get("q", "").strip()
    query = (
        select(Organisation, func.count(Membership.id))
        .outerjoin(Membership, (Membership.organisation_id == Organisation.id) & Membership.left_at.is_(None))
        .group_by(Organisation.id)
        .order_by(Organisation.name)
    )
    if wanted:
        query = query.where(Organisation.name.ilike(f"%{wanted}%"))
    rows = session.execute(query.limit(200)).all()
    held: dict[int, list[str]] = {}
    for credential in session.scalars(select(Credential).where(Credential.kind == "level")):
        if state_of(credential, now()) is State.VALID and credential.organisation_id is not None:
            held.setdefault(credential.organisation_id, []).append(credential.achievement_id)
    members = companies_of(session, shelf, [organisation.id for organisation, _ in rows])
    companies = [
        (
            organisation,
            count,
            decide(policy, members[organisation.id], now().date()),
            held.get(organisation.id, []),
        )
        for organisation, count in rows
    ]
    return render_template(
        "staff/overview.html",
        companies=companies,
        releases=releases(session)[:10],
        broken=count_broken(session),
        wanted=wanted,
        errors=errors,
        form=request.form,
    )
