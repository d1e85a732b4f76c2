"""Everything works without JavaScript; it only spares reloads."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import solution_of


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
