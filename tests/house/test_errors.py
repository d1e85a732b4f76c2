"""Every refusal has a status, and every status a page in words."""

import pytest

from lms import errors
from lms.errors import SlipwayError
from lms.web.refusals import STATUS, status_of


def kinds(parent=SlipwayError):
    for kind in parent.__subclasses__():
        yield kind
        yield from kinds(kind)


def named(kind):
    return kind.__module__.startswith("lms.")


def test_every_refusal_maps_to_a_status_of_its_own():
    drawn = {kind for name, kind in vars(errors).items() if isinstance(kind, type) and named(kind)} - {
        SlipwayError
    }
    assert set(STATUS) == drawn
    assert len(set(STATUS.values())) == len(STATUS)


def test_every_refusal_a_verb_may_raise_has_a_status():
    for kind in filter(named, kinds()):
        if kind.__name__ != "BadSettings":  # before there is a site
            assert issubclass(kind, tuple(STATUS)), kind


@pytest.mark.parametrize(("kind", "status"), STATUS.items())
def test_a_refusal_becomes_a_page_that_says_what_was_wrong(app, kind, status):
    def refuse():
        raise kind("Not <b>today</b>.")

    app.view_functions["health.alive"] = refuse
    answer = app.test_client().get("/healthz")
    assert answer.status_code == status == status_of(kind(""))
    assert "Not &lt;b&gt;today&lt;/b&gt;." in answer.text


def test_what_breaks_on_our_side_says_so_and_tells_nothing_of_the_inside(app):
    def broken():
        raise RuntimeError("password=hunter2")

    app.view_functions["health.alive"] = broken
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Something broke on our side" in answer.text


def test_unknown_addresses_and_wrong_methods_have_pages_too(app):
    stranger = app.test_client()
    assert stranger.get("/nowhere").status_code == 404
    assert stranger.delete("/courses").status_code == 405
    assert "<main" in stranger.get("/nowhere").text
