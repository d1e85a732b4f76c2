"""What a submission says of the rung on Slurm can be used by everybody, and nothing of the script's runs in the page."""

import pytest
from playwright.sync_api import expect

from lms.labs.slurm.present import missing
from tests.browser.conftest import solution_of
from tests.browser.test_accessibility import can_be_used
from tests.conftest import unavailable


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_rung_on_slurm_can_be_read_by_everybody(visit, width, scheme):
    if absent := missing():
        unavailable(absent)
    visitor = visit(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    page = visitor.sign_in("lead")
    solution = solution_of("l04-fix-the-first-script") + b"\n" * width  # not twice the same file
    visitor.hand_in("L04", solution)
    rung = page.locator("#on-slurm")
    expect(rung).to_contain_text("On a real Slurm your script does what this lab is about", timeout=90_000)
    expect(rung.locator("pre")).to_contain_text("sbatch: Job 1 to start at")
    can_be_used(page, width)
    page.goto("/labs/L04")
    expect(page.locator("#on-slurm")).to_contain_text("Proved")
    can_be_used(page, width)
