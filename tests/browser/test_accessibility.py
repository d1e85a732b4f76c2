"""Every page, in both colour schemes, at phone and desktop width, against axe's rules for WCAG 2.2 AA."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect

from tests.verification.issuers import Issuer, World

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAGES = {
    None: [
        "/",
        "/sign-in",
        "/courses",
        "/courses/C01",
        "/credentials",
        "/verify",
        "/accessibility",
        "/no-such-page",
    ],
    "engineer": [
        "/home",
        "/courses/C03",
        "/courses/C03/C03-1",
        "/courses/C03/C03-4",
        "/labs/L06",
        "/labs/L17",
        "/labs/L04/evidence",
        "/account",
    ],
    "lead": ["/companies/nordlys-robotics", "/companies/nordlys-robotics/documents"],
    "tomas": ["/labs/L17", "/evidence/1"],
    "mentor": ["/home", "/mentor", "/mentor/evidence/1", "/mentor/companies"],
    "staff": [
        "/staff",
        "/staff/credentials",
        "/staff/queue",
        "/staff/regrades",
        "/staff/readiness",
        "/staff/handover",
        "/companies/fjordlight-ai",
        "/companies/skagen-vision",
        "/companies/skagen-vision/documents",
        "/companies/skagen-vision/history",
        "/companies/skagen-vision/what-if?who=8&passes=C03",
    ],
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("who", PAGES)
def test_pages_can_be_used_by_everybody(visit, who, width, scheme):
    visitor = visit(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    if who:
        visitor.sign_in(who)
    for address in PAGES[who]:
        visitor.page.goto(address)
        can_be_used(visitor.page, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_true_of_a_badge_can_be_read_by_everybody(visit, width, scheme):
    visitor = visit(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    page, issuer = visitor.page, Issuer(World(), "did:key")
    badges = {
        "neither JSON nor a signed token": "hello",
        "Not everything about this badge could be told": json.dumps(issuer.proved()),
        "Do not rely on this badge": json.dumps({**issuer.proved(), "name": "x" * 300}),
    }
    for told, badge in badges.items():
        page.goto("/verify")
        page.get_by_label("The badge, or a link to it").fill(badge)
        page.get_by_role("button", name="Check it").click()
        expect(page.get_by_text(told).first).to_be_visible()
        can_be_used(page, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_regrade_can_be_followed_by_everybody(visit, width, scheme):
    """From asking for it to the result, and the submission it was about."""
    visitor = visit(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    page = visitor.sign_in("staff")
    page.goto("/staff/regrades")
    page.get_by_role("button", name="Grade anew").click()  # the browser holds it back: a field is empty
    page.get_by_label("Lab or submission").fill("L07")
    page.get_by_label("Why?").fill("To see whether it comes out the same.")
    page.get_by_role("button", name="Grade anew").click()
    page.wait_for_url("**/staff/regrades/*")
    try:
        can_be_used(page, width)
    except Error as refusal:  # it was done in the middle of that, and shows itself anew
        if "navigation" not in refusal.message:
            raise
    expect(page.get_by_text("Every grade came out as it was")).to_be_visible(timeout=60_000)
    can_be_used(page, width)
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text("Closed, nothing changed").first).to_be_visible()
    page.goto("/staff/queue")
    expect(page.get_by_role("img", name="The last 12 hours")).to_be_visible()
    can_be_used(page, width)
    page.goto("/submissions/1")
    expect(page.get_by_role("heading", name="What this grade rests on")).to_be_visible()
    can_be_used(page, width)


def can_be_used(page, width):
    violations = Axe().run(page, options=RULES).response["violations"]
    found = [
        f"{page.url}: {each['id']}: {node['html'][:200]}"
        for each in violations
        for node in each["nodes"]
        if each["id"] != "target-size" or is_small(page, node["target"][0])
    ]
    assert found == []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the screen at {width} px"


def is_small(page, target):
    """Whether it is where nothing lies over it: a bar that stays while the page scrolls may hide half of it, and is no fault."""
    page.locator(target).evaluate("each => each.scrollIntoView({ block: 'center' })")
    return bool(Axe().run(page, context=target, options={"runOnly": ["target-size"]}).response["violations"])
