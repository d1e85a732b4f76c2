"""Everything works without JavaScript; it only spares reloads."""

import json
import re

from playwright.sync_api import expect

from tests.browser.conftest import solution_of
from tests.verification.issuers import Issuer, World


def test_a_question_is_answered_and_a_notebook_graded_without_any_script(visit):
    visitor = visit(java_script_enabled=False)
    page = visitor.sign_in("lead")
    page.goto("/courses/C01/C01-1")
    question = page.locator("section.question").first
    question.get_by_role("textbox").fill("17")
    question.get_by_role("button", name="Check my answer").click()
    expect(page.locator("section.question").first.locator(".explanation")).to_be_visible()

    visitor.hand_in("L07", solution_of("l07-read-the-bill"))
    page.wait_for_url("**/submissions/*")
    for _ in range(60):
        if page.get_by_role("heading", name="Result").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("#result .score")).to_have_text(re.compile("20"))


def test_the_page_of_a_notebook_offers_a_way_without_scripts_and_nothing_that_needs_them(visit, newcomer):
    visitor = visit(java_script_enabled=False)
    page = visitor.sign_in(newcomer("uma"))
    page.goto("/labs/L07")
    begin = page.get_by_role("button", name="Begin this lab")
    begin.click()
    begin.wait_for(state="detached")
    page.goto("/labs/L07/work")
    # Not drawn here: how a test turns scripts off, Chromium's parser does not hear of it.
    assert "Python in the browser needs JavaScript" in page.locator("noscript").inner_html()
    expect(page.locator("#run-all")).to_be_hidden()
    expect(page.get_by_text("From elsewhere")).to_be_hidden()


def test_evidence_is_brought_and_judged_without_any_script(visit):
    page = visit(java_script_enabled=False).sign_in("lead")
    page.goto("/labs/L04/evidence")
    record = "JobID|JobName|State|ExitCode|Start|End|Elapsed|NNodes\n4711|train|COMPLETED|0:0|{0}08:00:00|{0}08:12:31|00:12:31|2\n"
    page.get_by_label("Or its text: What Slurm recorded").fill(record.format("yesterday "))
    page.get_by_label("Or its text: The job's log").fill("a log that must not be lost")
    page.get_by_role("button", name="Hand in as evidence").click()
    expect(page.get_by_role("alert")).to_contain_text("line 2")
    expect(page.get_by_label("Or its text: The job's log")).to_have_value("a log that must not be lost")
    page.get_by_label("Or its text: What Slurm recorded").fill(record.format("2026-11-20T"))
    page.get_by_role("button", name="Hand in as evidence").click()
    page.wait_for_url("**/evidence/*")
    expect(page.get_by_text("We read: job 4711 on 2 nodes, COMPLETED, 0:12:31.")).to_be_visible()
    claim = page.url.rsplit("/", 1)[-1]

    desk = visit(java_script_enabled=False).sign_in("mentor")
    desk.goto("/mentor")
    desk.locator(f"a[href='/mentor/evidence/{claim}']").click()
    desk.get_by_text("checks found it consistent").click()
    expect(desk.get_by_text("Durations add up")).to_be_visible()
    desk.get_by_label("Accepted as evidence").check()
    desk.get_by_role("button", name="Decide").click()
    expect(desk.get_by_text("Your decision is with the learner")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Accepted as evidence by Miriam Brandt")).to_be_visible()


def test_a_badge_is_checked_without_any_script(visit, tmp_path):
    page = visit(java_script_enabled=False).page
    badge = tmp_path / "badge.json"
    badge.write_text(json.dumps(Issuer(World(), "did:key").proved()))
    page.goto("/verify")
    page.get_by_label("Or its file").set_input_files(badge)
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_text("Not everything about this badge could be told")).to_be_visible()
    page.get_by_text("Its identifiers").click()
    expect(page.get_by_text("signed with a proof inside (eddsa-rdfc-2022)")).to_be_visible()
