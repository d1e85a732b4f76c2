"""The site, assembled."""

from flask import Flask

from lms import services as composition
from lms.labs.evidence.pieces import MOST_BYTES, MOST_PIECES
from lms.labs.work.content import MOST_BYTES as MOST_FILE_BYTES
from lms.services import Services
from lms.settings import Settings, read_settings
from lms.web import (
    account,
    api,
    attestations,
    certificates,
    claims,
    companies,
    courses,
    desk,
    filters,
    front,
    handover,
    health,
    judging,
    labs,
    lessons,
    mentor,
    nodes,
    proofs,
    prospects,
    queue,
    refusals,
    regrades,
    request,
    runtime,
    security,
    staff,
    submissions,
    verify,
    workbench,
    workparts,
)


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """A WSGI application. Raises BadSettings or Unavailable when it must not or cannot serve."""
    services = services or composition.build(settings or read_settings())
    composition.refuse_demo_people(services)
    app = Flask("lms.web", static_folder=None)
    app.config.update(
        SECRET_KEY=services.secret,
        # A notebook with the files its code wrote (base64), or the pieces of a claim: whichever is more, and a megabyte for the rest.
        MAX_CONTENT_LENGTH=max(
            services.settings.upload_megabytes * 2**20 + MOST_FILE_BYTES * 4 // 3, MOST_PIECES * MOST_BYTES
        )
        + 2**20,
        MAX_FORM_MEMORY_SIZE=MOST_PIECES * MOST_BYTES,  # a log may be pasted
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=services.settings.is_https,
        REMEMBER_COOKIE_SECURE=services.settings.is_https,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    request.install(app, services)
    security.install(app, services.settings)
    filters.install(app)
    refusals.install(app)
    for room in (
        front,
        account,
        courses,
        lessons,
        labs,
        submissions,
        claims,
        mentor,
        judging,
        companies,
        prospects,
        attestations,
        staff,
        desk,
        handover,
        api,
        queue,
        regrades,
        certificates,
        proofs,
        verify,
        health,
        nodes,
        runtime,
        workbench,
        workparts,
    ):
        app.register_blueprint(room.pages)
    return app
