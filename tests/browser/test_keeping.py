"""Nothing typed is ever lost: two tabs, no network, a server that fails, a session that ends, somebody else at the same machine."""

import re

from playwright.sync_api import expect

from lms.demo import PASSWORD
from tests.browser.test_notebook import cell, saved, write

WORK = "/labs/L07/work"


def text_of(page):
    """The answer `grant` as it stands on the page."""
    return cell(page, "grant").locator(".cm-content").inner_text()


def open_work(page):
    page.goto(WORK)
    page.wait_for_selector("html[data-notebook=ready]")


def stands_at_the_server(page, text):
    """What a fresh look at the server's copy holds."""
    answer = page.context.request.get(f"{WORK}/notebook")
    return text in answer.text()


def test_two_tabs_meet_and_both_versions_are_kept(visit, newcomer):
    first, _second = meet_in_two_tabs(visit(), newcomer("kees"))

    # The first tab meets the second's version now, and takes it; its own words stay in the history.
    write(first, "grant", "# the first tab again")
    dialog = first.get_by_role("dialog", name="This lab was saved elsewhere meanwhile")
    dialog.get_by_role("button", name="Take the other").click(timeout=20_000)
    expect(cell(first, "grant").locator(".cm-content")).to_contain_text("from the second tab")
    first.get_by_text("More", exact=True).click()
    first.get_by_role("button", name="Earlier versions").click()
    history = first.get_by_role("dialog", name="Earlier versions")
    beside = history.locator("li", has_text="Saved in another window").first
    beside.get_by_role("button", name="Compare").click()
    expect(history).to_contain_text("# the first tab again")
    beside.get_by_role("button", name="Restore").click()
    expect(first.locator("#say")).to_contain_text("Restored")
    assert "the first tab again" in text_of(first)
    assert stands_at_the_server(first, "the first tab again")

    first.get_by_text("More", exact=True).click()
    first.get_by_role("button", name="Begin anew").click()
    first.get_by_role("dialog").get_by_role("button", name="Begin anew").click()
    expect(first.locator("#say")).to_contain_text("Begun anew")
    assert "raise NotImplementedError" in text_of(first)


def meet_in_two_tabs(visitor, who):
    """Two tabs: the second's version stands at the server, and the first does not know yet."""
    visitor.sign_in(who)
    first = visitor.work_on("L07")
    second = visitor.context.new_page()
    open_work(second)
    expect(first.locator("#other-tab")).to_be_visible()
    expect(second.locator("#other-tab")).to_be_visible()
    write(first, "grant", "# from the first tab")
    saved(first)
    write(second, "grant", "# from the second tab")
    dialog = second.get_by_role("dialog", name="This lab was saved elsewhere meanwhile")
    expect(dialog).to_contain_text("# from the first tab", timeout=20_000)
    expect(dialog).to_contain_text("# from the second tab")
    dialog.get_by_role("button", name="Go on with what is here").click()
    saved(second)
    assert stands_at_the_server(second, "from the second tab")
    return first, second


def test_without_a_network_or_with_a_failing_server_it_waits_and_goes_on(visit, newcomer):
    visitor = visit()
    visitor.sign_in(newcomer("kim"))
    page = visitor.work_on("L07")
    # Else Python, which starts meanwhile, would complain as well.
    expect(page.locator("#python-status")).to_have_attribute("data-state", "ready", timeout=60_000)
    visitor.context.set_offline(True)
    write(page, "grant", "# typed on a train")
    expect(page.locator("#status")).to_contain_text("you are offline", timeout=10_000)
    # The page is closed meanwhile: what was typed is in this browser.
    page.route(
        f"**{WORK}",
        lambda route: (
            route.fulfill(status=503, json={}) if route.request.method == "PUT" else route.continue_()
        ),
    )
    visitor.context.set_offline(False)
    open_work(page)
    expect(page.locator("#status")).to_contain_text("Not saved yet; trying again", timeout=10_000)
    assert "typed on a train" in text_of(page)
    expect(page.locator("#alert")).not_to_be_empty()
    page.unroute(f"**{WORK}")
    saved(page)
    assert stands_at_the_server(page, "typed on a train")
    open_work(page)
    assert "typed on a train" in text_of(page)


def test_a_session_that_ended_keeps_the_text_and_nobody_elses_work_is_touched(visit, newcomer):
    visitor = visit()
    me, other = newcomer("kaja"), newcomer("kurt")
    visitor.sign_in(other)
    visitor.work_on("L07")
    sign_out(visitor.page)
    visitor.sign_in(me)
    page = visitor.work_on("L07")
    elsewhere = visitor.context.new_page()
    elsewhere.goto("/home")
    sign_out(elsewhere)
    write(page, "grant", "# typed after the session ended")
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_contain_text("What you typed is here", timeout=20_000)

    # Somebody else signs in on the same machine: nothing of mine goes into their work.
    sign_in(elsewhere, other)
    dialog.get_by_role("button", name="I have signed in").click()
    expect(dialog).to_contain_text("You are not signed in as yourself yet")
    assert not stands_at_the_server(elsewhere, "after the session ended")
    sign_out(elsewhere)

    sign_in(elsewhere, me)
    dialog.get_by_role("button", name="I have signed in").click()
    saved(page)
    expect(dialog).to_be_hidden()
    assert stands_at_the_server(page, "after the session ended")


def sign_out(page):
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"/($|sign-in)"))


def sign_in(page, who):
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(f"{who}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home")
