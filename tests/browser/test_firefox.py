"""The notebook page in Firefox: what learners do most, and what a notebook must not do, as the tests of those do it in Chromium."""

import pytest

from tests.browser.test_hostile_notebook import open_it_as_learner_and_as_mentor
from tests.browser.test_keeping import meet_in_two_tabs
from tests.browser.test_notebook import solve_and_hand_in, stop_an_endless_loop


@pytest.fixture(scope="session")
def browser(firefox):
    return firefox


def test_in_firefox_a_lab_is_solved_checked_handed_in_and_graded(visit, newcomer):
    solve_and_hand_in(visit(), newcomer("fenna"))


def test_in_firefox_two_tabs_meet_and_an_endless_loop_is_stopped(visit, newcomer):
    _first, page = meet_in_two_tabs(visit(), newcomer("femke"))
    assert page.evaluate("crossOriginIsolated")
    stop_an_endless_loop(page)


def test_in_firefox_a_hostile_notebook_reaches_nothing(firefox, watched_site, elsewhere):
    open_it_as_learner_and_as_mentor(firefox, watched_site, elsewhere)
