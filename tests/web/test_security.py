"""Headers on every answer, nobody sent elsewhere, nothing odd that breaks a page."""

from dataclasses import replace

import pytest

from lms.app import create_app
from lms.web.security import safe_target
from tests.conftest import PASSWORD, new_person
from tests.web.conftest import sign_in

PAGES = (
    "/",
    "/courses",
    "/courses/S01",
    "/sign-in",
    "/credentials",
    "/accessibility",
    "/nowhere",
    "/healthz",
    "/.well-known/jwks.json",
)


@pytest.mark.parametrize("page", PAGES)
def test_every_answer_forbids_what_pages_do_not_need(stranger, page):
    headers = stranger.get(page).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_what_one_person_sees_is_kept_by_no_cache_and_files_of_the_interface_are(visitor, stranger):
    assert visitor("Ada").get("/home").headers["Cache-Control"] == "private, no-store"
    page = stranger.get("/").text
    style = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    for address, is_exact in ((style, True), (style.replace("/static/", "/static/x"), False)):
        with stranger.get(address) as file:
            assert file.status_code == 200
            assert ("immutable" in file.headers["Cache-Control"]) == is_exact
    assert stranger.get("/static/x/../../security.py").status_code == 404


def test_over_https_cookies_and_visits_stay_there(site, app):
    base = replace(site.settings, base_url="https://slipway.test")
    ada = new_person(site, "Ada")
    secure = create_app(services=replace(site, settings=base))
    secure.config["WTF_CSRF_ENABLED"] = app.config["WTF_CSRF_ENABLED"] = False
    answers = [sign_in(each.test_client(), ada) for each in (secure, app)]
    assert ["Strict-Transport-Security" in each.headers for each in answers] == [True, False]
    for answer, is_secure in zip(answers, (True, False), strict=True):
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert ("Secure" in cookie) == is_secure
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
     "/\n/evil.example", "javascript:alert(1)", "evil.example", "", " //evil.example", "/..//\\evil"],
)  # fmt: skip
def test_nobody_is_sent_to_another_site_after_signing_in(app, site, stranger, target):
    assert safe_target(target) is None
    ada = new_person(site, "Ada")
    form = {"email": ada.email, "password": PASSWORD, "next": target}
    assert stranger.post("/sign-in", data=form).location == "/home"


def test_one_goes_on_to_where_one_was_going(stranger, site):
    ada = new_person(site, "Ada")
    first = stranger.get("/labs/SL1?a=1&b=2")
    assert first.location == "/sign-in?next=/labs/SL1?a%3D1%26b%3D2"
    page = stranger.get(first.location)
    assert 'name="next" value="/labs/SL1?a=1&amp;b=2"' in page.text
    answer = stranger.post(first.location, data={"email": ada.email, "password": PASSWORD})
    assert answer.location == "/labs/SL1?a=1&b=2"


def test_a_forged_session_is_nobodys(app, visitor):
    ada = visitor("Ada")
    assert ada.get("/home").status_code == 200
    ada.set_cookie("session", "eyJfdXNlcl9pZCI6IjE6MSJ9.x.y")
    ada.set_cookie("remember_token", "1:1|0000")
    assert ada.get("/home").status_code == 302


def test_changing_the_password_ends_the_sessions_elsewhere_and_not_this_one(app, visitor):
    here = visitor("Ada")
    elsewhere = app.test_client()
    sign_in(elsewhere, here.person)
    assert elsewhere.get("/home").status_code == 200
    changed = here.post("/account/password", data={"current": PASSWORD, "new": "staple staple staple"})
    assert changed.status_code == 302
    assert here.get("/home").status_code == 200
    assert elsewhere.get("/home").status_code == 302
    sign_in(elsewhere, here.person, "staple staple staple")


def test_signing_out_is_signing_out(visitor):
    ada = visitor("Ada")
    assert ada.get("/sign-out").status_code == 405
    assert ada.post("/sign-out").status_code == 302
    assert ada.get("/home").status_code == 302


def test_guessing_is_stopped_on_the_page_too(stranger, site):
    ada = new_person(site, "Ada")
    wrong = {"email": ada.email, "password": "wrong horse battery"}
    statuses = [stranger.post("/sign-in", data=wrong).status_code for _ in range(9)]
    assert statuses == [422] * 8 + [429]
    page = stranger.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    assert page.status_code == 429
    assert f'value="{ada.email}"' in page.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/submissions/{10**30}", 404),
        (f"/submissions/{2**31}", 404),
        ("/submissions/-1", 404),
        ("/submissions/٣", 404),
        (f"/mentor/submissions/{2**63}", 404),
        (f"/staff/credentials?page={10**30}", 200),
        ("/staff/credentials?page=-5&q=%25%27%22", 200),
        ("/staff?q=%00", 400),
        ("/credentials/%00", 400),
        ("/credentials?number=%00", 400),
        ("/credentials?number=" + "x" * 5000, 200),
        ("/courses/%00/x", 400),
        ("/courses/S01/" + "x" * 5000, 404),
        ("/courses?q=%F0%9F%A6%8A%FF", 200),
        ("/join/%C3%28", 404),
        ("/keys/x", 404),
        ("/assets/" + "0" * 64 + ".svg", 404),
        ("/assets/x", 404),
        ("/companies/../staff", 404),
    ],
)
def test_odd_addresses_are_pages_that_are_not_there_and_never_our_fault(visitor, address, status):
    everybody = visitor("Sofia", staff=True, mentor=True)
    assert everybody.get(address).status_code == status


def test_odd_forms_are_refused_in_words(visitor):
    ada = visitor("Ada")
    question = "/courses/S01/S01-2/questions/order"
    assert ada.post(question, data={f"rank:{n}": "9" * 5000 for n in range(3)}).status_code == 422
    assert ada.post("/courses/S01/S01-2/questions/word", data={"answer": "a\0b"}).status_code == 400
    assert ada.post("/courses/S01/S01-2/questions/word", data={"answer": "x" * 5000}).status_code == 422
    assert ada.post("/account", data={"name": "A", "language": "xx", "time_zone": "../x"}).status_code == 422
    assert (
        ada.post(
            "/account", data={"name": " Ada L. ", "language": "en", "time_zone": "Asia/Tokyo"}
        ).status_code
        == 302
    )
    assert "Ada L." in ada.get("/account").text
