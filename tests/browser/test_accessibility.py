"""Every page, in both colour schemes, at phone and desktop width, against axe's rules for WCAG 2.2 AA."""

import pytest
from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAGES = {
    None: ["/", "/sign-in", "/courses", "/courses/C01", "/credentials", "/accessibility", "/no-such-page"],
    "engineer": [
        "/home",
        "/courses/C03",
        "/courses/C03/C03-1",
        "/courses/C03/C03-4",
        "/labs/L06",
        "/account",
    ],
    "lead": ["/companies/nordlys-robotics"],
    "mentor": ["/home", "/mentor"],
    "staff": ["/staff", "/staff/credentials", "/staff/queue", "/staff/regrades", "/companies/fjordlight-ai"],
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("who", PAGES)
def test_pages_can_be_used_by_everybody(visit, who, width, scheme):
    visitor = visit(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    if who:
        visitor.sign_in(who)
    axe, found = Axe(), []
    for address in PAGES[who]:
        visitor.page.goto(address)
        result = axe.run(visitor.page, options=RULES)
        found += [
            f"{address}: {each['id']}: {each['nodes'][0]['html'][:200]}"
            for each in result.response["violations"]
        ]
        wide = visitor.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{address} is {wide} px wider than the screen at {width} px"
    assert found == []
