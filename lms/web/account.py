"""Sign in and out, join by invitation, one's own profile."""

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms.errors import Conflict, Invalid
from lms.people.invite import accept, invitation_of
from lms.people.register import change_password
from lms.people.register import register as register_person
from lms.people.sign_in import Throttled, WrongCredentials, remember_failure
from lms.people.sign_in import sign_in as check_sign_in
from lms.people.tables import Person
from lms.people.viewer import find_viewer
from lms.readiness.evaluate import evaluate
from lms.web.filters import time_zones
from lms.web.refusals import status_of
from lms.web.request import SignedIn, now, reading, services, transaction, viewer
from lms.web.security import safe_target
from lms.words import gettext as _
from lms.words import languages

pages = Blueprint("account", __name__)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> str | tuple[str, int] | Response:
    onward = safe_target(request.values.get("next"))
    if current_user.is_authenticated:
        return redirect(onward or url_for("front.home"))
    if request.method == "GET":
        return render_template("account/sign_in.html", onward=onward, email="")
    email, address = request.form.get("email", ""), request.remote_addr or ""
    try:
        # Only read: hashing a password takes long, and no writer should wait for it.
        person = check_sign_in(
            reading(), email=email, password=request.form.get("password", ""), address=address, now=now()
        )
        _welcome(reading(), person)
    except Throttled as refusal:
        return render_template("account/sign_in.html", onward=onward, email=email, error=refusal.message), 429
    except WrongCredentials as refusal:
        with transaction() as session:
            remember_failure(session, email=email, address=address, now=now())
        return render_template("account/sign_in.html", onward=onward, email=email, error=refusal.message), 422
    return redirect(onward or url_for("front.home"))


@pages.post("/sign-out")
def sign_out() -> Response:
    logout_user()
    flash(_("You are signed out."), "success")
    return redirect(url_for("front.welcome"))


@pages.get("/join/<token>")
def join(token: str) -> str:
    """The page behind an invitation: register, or sign in, or simply accept."""
    invitation, organisation = invitation_of(reading(), token, now=now())
    return render_template(
        "account/join.html", token=token, invitation=invitation, organisation=organisation, form={}, errors={}
    )


@pages.post("/join/<token>")
def accept_invitation(token: str) -> Response:
    with transaction() as session:
        organisation = accept(session, token, session.get_one(Person, viewer().id), now=now())
        evaluate(session, services().shelf, organisation.id, cause="joined", by=viewer().id, now=now())
    flash(_("Welcome to %(name)s.", name=organisation.name), "success")
    return redirect(url_for("front.home"))


@pages.post("/join/<token>/register")
def register(token: str) -> tuple[str, int] | Response:
    form = request.form
    try:
        with transaction() as session:
            invitation_of(session, token, now=now())
            person = register_person(
                session,
                name=form.get("name", ""),
                email=form.get("email", ""),
                password=form.get("password", ""),
                now=now(),
            )
            organisation = accept(session, token, person, now=now())
            evaluate(session, services().shelf, organisation.id, cause="joined", by=person.id, now=now())
            _welcome(session, person)
    except (Invalid, Conflict) as refusal:
        invitation, organisation = invitation_of(reading(), token, now=now())
        page = render_template(
            "account/join.html",
            token=token,
            invitation=invitation,
            organisation=organisation,
            form=form,
            errors=refusal.fields if isinstance(refusal, Invalid) else {"email": refusal.message},
        )
        return page, status_of(refusal)
    flash(_("Welcome to Slipway, and to %(name)s.", name=organisation.name), "success")
    return redirect(url_for("front.home"))


@pages.route("/account", methods=["GET", "POST"])
def profile() -> str | tuple[str, int] | Response:
    if request.method == "GET":
        return _profile_page({})
    form = request.form
    errors = {}
    if not form.get("name", "").strip() or len(form["name"]) > 120:
        errors["name"] = _("Between 1 and 120 characters, please.")
    if form.get("time_zone") not in ("", *time_zones()):
        errors["time_zone"] = _("Choose a zone from the list.")
    if form.get("language") not in languages():
        errors["language"] = _("Choose a language from the list.")
    if errors:
        return _profile_page(errors), 422
    with transaction() as session:
        person = session.get_one(Person, viewer().id)
        person.name, person.language = form["name"].strip(), form["language"]
        person.time_zone = ZoneInfo(form["time_zone"]).key if form["time_zone"] else ""
    flash(_("Saved."), "success")
    return redirect(url_for("account.profile"))


@pages.post("/account/password")
def password() -> tuple[str, int] | Response:
    form = request.form
    try:
        with transaction() as session:
            person = session.get_one(Person, viewer().id)
            change_password(
                session, person, current=form.get("current", ""), new=form.get("new", ""), now=now()
            )
            _welcome(session, person)
    except Invalid as refusal:
        return _profile_page(refusal.fields), 422
    flash(_("Your password is changed, and you are signed out everywhere else."), "success")
    return redirect(url_for("account.profile"))


def _profile_page(errors: dict[str, str]) -> str:
    return render_template(
        "account/profile.html", errors=errors, form=request.form, zones=time_zones(), languages=languages()
    )


def _welcome(session: Session, person: Person) -> None:
    """Begin a session for somebody who has just shown who they are."""
    session.flush()
    found = find_viewer(session, person.id, person.session_version)
    assert found is not None
    login_user(SignedIn(found), remember=True)
