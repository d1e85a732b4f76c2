"""The hand-over's pages with something on them, by everybody. Nothing is sent: this site has no worker."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from lms.demo import PASSWORD
from lms.handover.tables import Delivery
from lms.people.register import register
from tests.browser.conftest import Visitor
from tests.browser.test_accessibility import can_be_used

LONG = "https://8.8.8.8/hooks/" + "a-long-name-without-an-end" * 6  # a number: nobody's name server is asked


@pytest.fixture
def sofia(browser, watched_site):
    """A function of a browser context's options: somebody of the staff, signed in."""
    with watched_site.services.database.transaction() as session:
        person = register(
            session, name="Sofia", email="sofia@example.org", password=PASSWORD, now=datetime.now(UTC)
        )
        person.is_staff = True
    visitors = []

    def come(**options):
        visitors.append(Visitor(browser, watched_site.address, **options))
        return visitors[-1].sign_in("sofia")

    yield come
    for visitor in visitors:
        visitor.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_who_is_told_and_who_may_ask_can_be_kept_by_everybody(sofia, watched_site, width, scheme):
    page = sofia(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    page.goto("/staff/handover")
    can_be_used(page, width)
    page.get_by_label("Web address").fill("http://8.8.8.8/")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("Only addresses that begin with https://").first.wait_for()
    can_be_used(page, width)
    page.get_by_label("Web address").fill(LONG)
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("The secret, shown this once").wait_for()
    can_be_used(page, width)
    for _number in range(2):
        page.get_by_role("button", name="Send a test").click()
        page.get_by_text("A test is on its way").wait_for()
    with watched_site.services.database.transaction() as session:
        session.execute(
            update(Delivery)
            .where(Delivery.id == 1)
            .values(attempts=10, tries_left=0, next_at=None, status=500, answer="x" * 300)
        )
    page.reload()
    page.get_by_text("The message").first.click()
    can_be_used(page, width)
    page.goto("/staff/handover")
    page.get_by_text("Make a token").click()
    page.get_by_label("Who will ask with it?").fill("The allocation desk")
    page.get_by_role("button", name="Make it").click()
    page.get_by_text("The new token, shown this once").wait_for()
    can_be_used(page, width)
