"""Is it up, is it ready: for whoever watches over the site."""

from flask import Blueprint
from sqlalchemy import text

from lms.content.publish import live_release
from lms.web.request import reading

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> dict[str, str]:
    return {"status": "ok"}


@pages.get("/readyz")
def ready() -> tuple[dict[str, str | int | None], int]:
    """200 once the database answers and something is published."""
    reading().execute(text("SELECT 1"))
    release = live_release(reading())
    return {
        "status": "ok" if release else "nothing is published",
        "release": release,
    }, 200 if release else 503
