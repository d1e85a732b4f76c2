"""A company, for its leads and the centre's staff: where its levels stand, what is missing, what runs out; colleagues come and go."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.certification.evidence import dossiers_of
from lms.certification.register import credentials_of
from lms.certification.standing import state_of
from lms.people.access import access_organisation, members_of, require_staff
from lms.people.invite import invite, open_invitations, withdraw
from lms.people.register import leave
from lms.people.tables import Organisation, Person
from lms.readiness.confirm import grant, may_decide
from lms.readiness.evaluate import evaluate
from lms.readiness.wanted import wanted
from lms.web.outlook import ends_of, outlook
from lms.web.request import now, reading, services, transaction, viewer
from lms.words import gettext as _

pages = Blueprint("companies", __name__)


@pages.get("/companies/<slug>")
def company(slug: str) -> str:
    return _page(access_organisation(reading(), viewer(), slug))


@pages.post("/companies/<slug>/invitations")
def invite_colleague(slug: str) -> str:
    """The link is shown once, on the page that answers: we keep only its hash."""
    with transaction() as session:
        organisation = access_organisation(session, viewer(), slug)
        token = invite(
            session,
            organisation,
            by=viewer().id,
            note=request.form.get("note", ""),
            as_lead=bool(request.form.get("as_lead")),
            now=now(),
        )
    link = services().settings.base_url + url_for("account.join", token=token)
    return _page(access_organisation(reading(), viewer(), slug), link=link)


@pages.post("/companies/<slug>/invitations/<int:invitation_id>/withdraw")
def withdraw_invitation(slug: str, invitation_id: int) -> Response:
    with transaction() as session:
        withdraw(
            session, access_organisation(session, viewer(), slug), invitation_id, by=viewer().id, now=now()
        )
    flash(_("The link no longer works."), "success")
    return redirect(url_for("companies.company", slug=slug))


@pages.post("/companies/<slug>/members/<int:person_id>/leave")
def say_goodbye(slug: str, person_id: int) -> Response:
    with transaction() as session:
        organisation = access_organisation(session, viewer(), slug)
        leave(session, organisation.id, person_id, by=viewer().id, now=now())
        name = session.get_one(Person, person_id).name
        evaluate(session, services().shelf, organisation.id, cause="left", by=viewer().id, now=now())
    flash(_("%(name)s works here no more. What changes by it is on this page.", name=name), "success")
    return redirect(url_for("companies.company", slug=slug))


@pages.post("/companies/<slug>/levels/<level_id>")
def issue(slug: str, level_id: str) -> Response:
    """The centre confirms what the policy proposes."""
    require_staff(viewer())
    with transaction() as session:
        credential = grant(
            session,
            services().shelf,
            services().press,
            access_organisation(session, viewer(), slug),
            level_id,
            by=viewer(),
            reason=request.form.get("reason", ""),
            now=now(),
        )
    flash(_("Issued. The certificate has its own page, which anybody can check."), "success")
    return redirect(url_for("certificates.credential", credential_id=credential.id))


def _page(organisation: Organisation, link: str = "") -> str:
    session, shelf = reading(), services().shelf
    catalogue = shelf.live(session).catalogue
    members = members_of(session, organisation.id)
    dossiers = dossiers_of(session, shelf, [person.id for person, _ in members])
    found = outlook(session, organisation.id, catalogue, dossiers, now())
    policy = found.look.policy
    asked = dict.fromkeys(
        each for level in policy.levels for need in level.requires for each in (*need.courses, *need.labs)
    )
    return render_template(
        "companies/company.html",
        organisation=organisation,
        outlook=found,
        ends_of=ends_of,
        documents=wanted(policy, found.look.decision),
        members=members,
        dossiers=dossiers,
        asked=[each for each in asked if each in catalogue.course_by_id or each in catalogue.lab_by_id],
        catalogue=catalogue,
        invitations=open_invitations(session, organisation.id, now()),
        credentials=[
            (each, state_of(each, now())) for each in credentials_of(session, organisation_id=organisation.id)
        ],
        may_decide=may_decide(viewer(), organisation.id),
        link=link,
    )
