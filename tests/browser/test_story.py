"""The whole main job in a real browser, on the shipped courses, with real grading: one story, told in the order it happens."""

import json
import re
import urllib.request

from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.sync_api import expect

from tests.browser.conftest import solution_of


def test_an_engineer_learns_is_graded_and_a_company_is_certified(visit, demo_site, tmp_path):
    engineer = visit()
    page = engineer.sign_in("engineer")
    read_a_lesson(page)
    answer_its_questions(page)

    # The hand-out as it was given is refused and costs nothing; the solution scores full marks.
    page.goto("/labs/L04")
    page.get_by_role("button", name="Begin this lab").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the notebook").click()
    handout = download.value.path().read_bytes()
    assert b"BEGIN SOLUTION" not in handout
    assert b"HIDDEN" not in handout
    engineer.hand_in("L04", handout)
    expect(page.get_by_text("no answer was changed")).to_be_visible()
    expect(page.get_by_text("It cost no attempt")).to_be_visible()
    expect(page.get_by_text("5 of 5 left")).to_be_visible()
    engineer.hand_in("L04", solution_of("l04-fix-the-first-script"))
    expect(page.get_by_role("heading", name="Result")).to_be_visible(timeout=60_000)
    expect(page.locator("#result")).to_contain_text("Passed")
    expect(page.locator("#result .score")).to_have_text(re.compile(r"20\s*of 20 points"))

    # L06 has a written part: the machine's points show at once, the mark waits for a mentor.
    engineer.hand_in("L06", solution_of("l06-triage-five-failed-jobs"))
    expect(page.get_by_text("A mentor reads your written part")).to_be_visible(timeout=60_000)
    submission = page.url.rsplit("/", 1)[-1]
    a_mentor_marks(visit, submission)
    page.reload()
    expect(page.locator("#result")).to_contain_text("Passed")
    expect(page.get_by_text("Well argued from the log")).to_be_visible()

    a_lead_sees_what_is_missing(visit)
    address = staff_issue_a_certificate(visit)
    a_stranger_checks_it(visit, demo_site, address, says="This certificate is valid")
    staff_revoke_it(visit, address)
    a_stranger_checks_it(visit, demo_site, address, says="This certificate was revoked")


def read_a_lesson(page):
    page.goto("/courses")
    page.get_by_role("link", name="Slurm for cloud engineers").click()
    page.get_by_role("button", name="Begin this course").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anatomy of a batch script")
    expect(page.get_by_role("navigation", name="Contents of the course")).to_be_visible()


def answer_its_questions(page):
    """A wrong answer teaches, a right one closes the question; nothing told the answer before."""
    question = page.locator("section.question").filter(has=page.locator("input[type=radio]")).first
    assert "Not quite" not in page.content()
    for choice in range(question.get_by_role("radio").count()):
        question.get_by_role("radio").nth(choice).check()
        question.evaluate("question => question.dataset.before = 'true'")
        question.get_by_role("button", name=re.compile("Check my answer|Try again")).click()
        expect(question).not_to_have_attribute("data-before", "true")  # the answer swapped it for a new one
        expect(question.locator(".explanation")).to_be_visible()
        if question.get_attribute("data-state") == "right":
            break
    expect(question).to_have_attribute("data-state", "right")
    page.get_by_role("button", name="Done, on to lab L04").click()
    page.wait_for_url("**/labs/L04")


def a_mentor_marks(visit, submission):
    page = visit().sign_in("mentor")
    page.goto("/mentor")
    page.locator(f"a[href='/mentor/submissions/{submission}']").click()
    expect(page.get_by_text("The learner's answer").first).to_be_visible()
    page.get_by_role("button", name="Give this mark").click()  # no level chosen: told so, and nothing is lost
    for group in page.get_by_role("group").all():
        if group.get_by_role("radio").count():
            group.get_by_role("radio").last.check()
    page.get_by_label("A word to the learner").fill("Well argued from the log.")
    page.get_by_role("button", name="Give this mark").click()
    expect(page.get_by_text("Your mark is with the learner")).to_be_visible()


def a_lead_sees_what_is_missing(visit):
    page = visit().sign_in("lead")
    page.goto("/companies/nordlys-robotics")
    expect(page.get_by_text("No level is earned yet")).to_be_visible()
    expect(page.locator("#level-R1")).to_contain_text("Closest is Elena")


def staff_issue_a_certificate(visit):
    page = visit().sign_in("staff")
    page.goto("/staff")
    page.get_by_role("link", name="Fjordlight AI").click()
    page.get_by_role("button", name="Issue R1 to Fjordlight AI").click()
    page.wait_for_url("**/credentials/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Fjordlight AI")
    return page.url


def a_stranger_checks_it(visit, demo_site, address, says):
    page = visit().page
    page.goto("/credentials")
    page.get_by_label("Number or address").fill(address)
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_text(says)).to_be_visible()
    # Without trusting the page: the signed file against the published key.
    with urllib.request.urlopen(f"{address}.jwt") as response:
        token = response.read().decode()
    with urllib.request.urlopen(f"{demo_site}/.well-known/did.json") as response:
        method = json.load(response)["verificationMethod"][0]
    keys = KeySet.import_key_set({"keys": [{**method["publicKeyJwk"], "kid": method["id"]}]})
    claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
    assert claims["credentialSubject"]["name"] == "Fjordlight AI"


def staff_revoke_it(visit, address):
    page = visit().sign_in("staff")
    page.goto(address)
    page.get_by_text("Revoke this certificate").click()
    page.get_by_label("Why?").fill("Issued to show how it is revoked.")
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("Issued to show how it is revoked.")).to_be_visible()
