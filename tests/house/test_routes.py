"""Closed by default: what is open was opened by name, and reviewed here."""

import pytest

from lms.web.security import PUBLIC, TOKENLESS

OPEN = {
    "front.welcome",
    "front.catalogue",
    "front.accessibility",
    "front.static",
    "front.asset",
    "account.sign_in",
    "account.join",
    "account.register",
    "courses.course",
    "certificates.lookup",
    "certificates.credential",
    "certificates.file",
    "certificates.endorsements",
    "proofs.did",
    "proofs.jwks",
    "proofs.key",
    "proofs.status",
    "proofs.badge",
    "verify.form",
    "verify.check",
    "api.company",
    "api.companies",
    "health.alive",
    "health.ready",
    "nodes.task",
    "nodes.beat",
    "nodes.verdict",
    "runtime.frame",
    "runtime.file",
}
WITHOUT_FORM_TOKEN = {"nodes.beat", "nodes.verdict"}
SAFE = {"GET", "HEAD", "OPTIONS"}


def addresses(app):
    """(endpoint, method, an address of it) of every route."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            values = {name: 1 if "int:" + name in rule.rule else "x" for name in rule.arguments}
            address = app.url_map.bind("localhost").build(rule.endpoint, values, method=None)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, address


def test_the_pages_a_stranger_may_reach_are_these_and_no_others(app):
    assert set(PUBLIC) == OPEN
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= OPEN


def test_every_other_page_sends_strangers_to_sign_in(app, stranger):
    closed = [each for each in addresses(app) if each[0] not in OPEN]
    assert len(closed) > 25
    for endpoint, method, address in closed:
        answer = stranger.open(address, method=method)
        assert answer.status_code == 302, endpoint
        assert answer.location.startswith("/sign-in"), endpoint
        assert ("next=" in answer.location) == (method == "GET"), endpoint


def test_every_unsafe_request_without_a_token_is_refused_to_whomever(app, visitor):
    signed_in = visitor("Sofia", staff=True, mentor=True)
    app.config["WTF_CSRF_ENABLED"] = True
    unsafe = [each for each in addresses(app) if each[1] not in SAFE and each[0] not in WITHOUT_FORM_TOKEN]
    assert len(unsafe) > 15
    for client in (signed_in, app.test_client()):
        for endpoint, method, address in unsafe:
            answer = client.open(address, method=method, data={"csrf_token": "forged"})
            assert answer.status_code == 400, endpoint
            assert "no longer good" in answer.text


def test_what_asks_for_no_form_token_asks_for_a_token_of_its_own_and_looks_at_no_cookie(app, visitor):
    assert set(TOKENLESS) == WITHOUT_FORM_TOKEN
    signed_in = visitor("Sofia", staff=True, mentor=True)
    app.config["WTF_CSRF_ENABLED"] = True
    for client in (signed_in, app.test_client()):
        for endpoint, method, address in addresses(app):
            if endpoint.startswith("nodes."):
                answer = client.open(address, method=method, headers={"Authorization": "Bearer forged"})
                assert (answer.status_code, answer.text) == (403, "No grading has this token.\n"), endpoint
                assert client.open(address, method=method).status_code == 403, endpoint


def test_what_a_desk_asks_by_a_program_asks_for_a_token_and_looks_at_no_cookie(app, visitor):
    signed_in = visitor("Sofia", staff=True, mentor=True)
    for client in (signed_in, app.test_client()):
        for endpoint, method, address in addresses(app):
            if endpoint.startswith("api."):
                for headers in ({}, {"Authorization": "Bearer forged"}, {"Authorization": "Basic Zm9v"}):
                    answer = client.open(address, method=method, headers=headers)
                    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), (
                        endpoint
                    )


@pytest.mark.parametrize(
    "desk",
    [
        "/staff",
        "/staff/credentials",
        "/staff/queue",
        "/staff/regrades",
        "/staff/readiness",
        "/staff/readiness.csv",
        "/staff/handover",
        "/mentor",
        "/mentor/companies",
        "/mentor/submissions/1",
        "/mentor/evidence/1",
    ],
)
def test_a_desk_is_no_page_at_all_for_who_does_not_sit_at_it(visitor, desk):
    assert visitor("Ada").get(desk).status_code == 404


def test_every_address_of_the_staffs_desk_asks_for_staff(app, visitor):
    ada = visitor("Ada")
    desk = [each for each in addresses(app) if each[2].startswith("/staff")]
    assert len(desk) >= 13
    for endpoint, method, address in desk:
        assert ada.open(address, method=method).status_code == 404, endpoint
