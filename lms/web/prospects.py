"""A company looks ahead and back: what would be if somebody left or passed something, and how its levels came to stand where they do."""

from flask import Blueprint, render_template, request

from lms.certification.evidence import company_of
from lms.certification.policy import read_policy
from lms.people.access import access_organisation, members_of
from lms.readiness.desk import changes, evaluations
from lms.readiness.what_if import Change, Leaves, Passes, suppose
from lms.web.outlook import labs_of
from lms.web.request import now, reading, services, viewer

pages = Blueprint("prospects", __name__)


@pages.get("/companies/<slug>/what-if")
def what_if(slug: str) -> str:
    """A form that is sent by GET: its address can be kept, and nothing is written down."""
    session, shelf = reading(), services().shelf
    organisation = access_organisation(session, viewer(), slug)
    catalogue = shelf.live(session).catalogue
    policy, company = read_policy(catalogue.policy), company_of(session, shelf, organisation.id)
    things = {course.id: course.title for course in catalogue.courses}
    things |= {lab.id: lab.title for lab in catalogue.labs}
    leaves = {each for each in request.args.getlist("leaves", type=int) if company.member(each)}
    who, what = request.args.get("who", 0, type=int), request.args.get("passes", "")
    supposed: list[Change] = [Leaves(each) for each in sorted(leaves)]
    if company.member(who) and what in things:
        supposed.append(Passes(who, what))
    return render_template(
        "companies/what_if.html",
        organisation=organisation,
        members=members_of(session, organisation.id),
        things=things,
        leaves=leaves,
        who=who,
        what=what,
        supposed=supposed,
        seen=suppose(policy, company, now().date(), supposed, labs_of=labs_of(catalogue)),
    )


@pages.get("/companies/<slug>/history")
def history(slug: str) -> str:
    session = reading()
    organisation = access_organisation(session, viewer(), slug)
    return render_template(
        "companies/history.html",
        organisation=organisation,
        changes=changes(session, organisation.id),
        evaluations=evaluations(session, organisation.id),
    )
