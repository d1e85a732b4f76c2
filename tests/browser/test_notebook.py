"""A lab in the browser: solved from start to finish, by mouse and by keys, graded by the server, and usable by everybody."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LABS
from tests.browser.test_accessibility import can_be_used

SHOWN = """import sys; print('\\x1b[31mred\\x1b[32mgreen\\x1b[34mblue\\x1b[0m', file=sys.stderr)
from IPython.display import HTML, Markdown, display
display(HTML('<table><tr><th>a</th></tr><tr><td>1</td></tr></table>'), Markdown('# x\\n\\n- $y$'))
1/0"""


def answers_of(folder):
    """The author's answers, by grade_id."""
    cells = json.loads((LABS / folder / "lab.ipynb").read_text())["cells"]
    marked = [(cell["metadata"].get("nbgrader", {}), "".join(cell["source"])) for cell in cells]
    return {marks["grade_id"]: text for marks, text in marked if marks.get("solution")}


def cell(page, grade_id):
    return page.locator(f"[data-grade='{grade_id}']")


def write(page, grade_id, text):
    found = cell(page, grade_id)
    invite = found.get_by_role("button", name=re.compile("your answer"))
    if invite.count():
        invite.click()
    found.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Escape")


def run(page, where):
    where.locator(".nb-run").click()
    expect(where).to_have_attribute("data-state", re.compile("done|failed"), timeout=60_000)


def own_cell(page, code):
    """A new cell of the learner's own, at the end."""
    page.get_by_role("button", name="Add code").click()
    made = page.locator("#cells .nb-cell").last
    made.locator(".cm-content").click()
    page.keyboard.insert_text(code)
    return made


def stop_an_endless_loop(page):
    loop = own_cell(page, "while True:\n    pass")
    loop.locator(".nb-run").click()
    expect(loop).to_have_attribute("data-state", "running", timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect(loop.locator(".nb-error")).to_contain_text("KeyboardInterrupt", timeout=20_000)
    expect(page.locator("#say")).to_have_text("Stopped. Variables are as they were.")


def saved(page):
    expect(page.locator("#status")).to_have_attribute("data-state", "saved", timeout=20_000)


def test_python_starts_with_the_page_but_waits_for_a_cell_where_data_are_saved(visit, newcomer):
    visitor = visit()
    visitor.sign_in(newcomer("olga"))
    page = visitor.work_on("L04")
    saves = []
    page.on("request", lambda request: saves.append(request.url) if request.method == "PUT" else None)
    expect(page.locator("#python-status")).to_have_attribute("data-state", "ready", timeout=60_000)
    page.wait_for_timeout(2000)  # longer than a change waits to be saved
    assert saves == []

    page.add_init_script("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
    page.reload()
    page.wait_for_selector("html[data-notebook=ready]")
    page.wait_for_timeout(500)
    expect(page.locator("#python-status")).to_have_text("Python starts with the first cell you run")
    run(page, page.locator("#cells .nb-cell:has(.nb-run)").first)


def test_a_lab_is_solved_checked_handed_in_and_graded_without_leaving_the_page(visit, newcomer):
    solve_and_hand_in(visit(), newcomer("nina"))


def solve_and_hand_in(visitor, who):
    visitor.sign_in(who)
    page = visitor.work_on("L04")
    expect(page.get_by_text("Tried on the server only: slurm-takes")).to_be_visible()
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#check-result")).to_contain_text("of 9 visible tests pass here", timeout=60_000)
    expect(page.locator("#check-result")).to_contain_text("The mark comes from the server")
    expect(cell(page, "faults-form")).to_have_attribute("data-verdict", "wrong")
    expect(cell(page, "faults-form")).to_contain_text("there are eight faults in job.sh")

    # The hand-out as it was is refused, and costs nothing.
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("alert").filter(has_text="no answer was changed")).to_contain_text(
        "It cost no attempt"
    )
    expect(page.locator("#attempts")).to_have_text("You may hand in 5 more times.")

    for grade_id, answer in answers_of("l04-fix-the-first-script").items():
        write(page, grade_id, answer)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#check-result")).to_contain_text("9 of 9 visible tests pass here", timeout=30_000)
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#result")).to_contain_text("Handed in as no. 1")
    expect(page.locator("#result .score")).to_have_text(re.compile(r"20\s*of 20 points"), timeout=60_000)
    expect(cell(page, "faults-meant")).to_contain_text("When you handed in: 2 of 2 points")
    expect(page.locator("#attempts")).to_have_text("You may hand in 4 more times.")

    page.reload()
    expect(page.locator("#result .score")).to_have_text(re.compile(r"20\s*of 20 points"))
    write(page, "faults", "faults = {}")
    expect(page.locator("#result")).to_contain_text("You have changed the notebook since")
    saved(page)


def test_a_written_answer_a_formula_a_question_and_files(visit, newcomer):
    visitor = visit()
    visitor.sign_in(newcomer("nils"))
    page = visitor.work_on("L17")
    write(page, "framework", "It saves the **optimiser** and $x^2$.")
    expect(cell(page, "framework").locator("strong")).to_have_text("optimiser")
    expect(cell(page, "framework").locator("math msup")).to_have_count(1)

    asking = own_cell(page, "name = input('Who? ')\nprint('Hello', name)")
    asking.locator(".nb-run").click()
    page.get_by_label("Who?").fill("Ada")
    page.keyboard.press("Enter")
    expect(asking.locator(".nb-outputs")).to_contain_text("Hello Ada", timeout=60_000)

    stop_an_endless_loop(page)

    # What was known is known still.
    flood = own_cell(page, "for i in range(100_000): print(name, i, 'x' * 50)")
    run(page, flood)
    expect(flood.locator(".nb-outputs")).to_contain_text("the rest is not shown")

    table = own_cell(
        page,
        "open('made.txt', 'w').write('by ' + name)\nfrom IPython.display import HTML\nHTML('<table><tr><td>7</td></tr></table>')",
    )
    run(page, table)
    expect(table.locator("td")).to_have_text("7")
    page.get_by_text("Files", exact=True).click()
    made = page.locator(".nb-files li", has_text="made.txt")
    made.get_by_role("button", name="Look").click()
    expect(made.locator("pre")).to_have_text("by Ada")
    saved(page)

    # Everything is there again: text, outputs, and the file in Python's folder.
    page.reload()
    page.wait_for_selector("html[data-notebook=ready]")
    expect(cell(page, "framework").locator("strong")).to_have_text("optimiser")
    again = page.locator("#cells .nb-cell").last
    expect(again.locator("td")).to_have_text("7")
    reading = own_cell(page, "print(open('made.txt').read())")
    run(page, reading)
    expect(reading.locator(".nb-outputs")).to_have_text("by Ada")


def test_everything_goes_by_keys(visit, newcomer):
    visitor = visit()
    visitor.sign_in(newcomer("nora"))
    page = visitor.work_on("L07")
    cells = page.locator("#cells .nb-cell")
    before = cells.count()
    cells.first.focus()
    page.keyboard.press("j")
    expect(cells.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("b")
    expect(cells).to_have_count(before + 1)
    page.keyboard.type("1 + 1")
    page.keyboard.press("Control+Enter")
    expect(cells.nth(1).locator(".nb-outputs")).to_have_text("2", timeout=60_000)
    page.keyboard.press("Escape")
    expect(cells.nth(1)).to_be_focused()
    page.keyboard.press("m")
    page.keyboard.press("y")
    page.keyboard.press("Shift+ArrowDown")
    expect(cells.nth(2)).to_be_focused()
    page.keyboard.press("d")
    page.keyboard.press("d")
    expect(cells).to_have_count(before)
    page.keyboard.press("z")
    expect(cells).to_have_count(before + 1)
    # What belongs to the lab stays.
    page.locator("[data-kind=solution]").first.focus()
    page.keyboard.press("d")
    page.keyboard.press("d")
    expect(cells).to_have_count(before + 1)
    expect(page.locator("#say")).to_have_text("This cell belongs to the lab: it stays.")
    # Tab indents in the text; after Escape it leads on.
    page.keyboard.press("Enter")
    expect(page.locator("[data-kind=solution]").first.locator(".cm-content")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator("[data-kind=solution]").first.locator(".nb-run")).to_be_focused()
    page.locator("[data-kind=solution]").first.focus()
    page.keyboard.press("h")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.get_by_role("dialog").get_by_label("Text").fill("billed_gpu_hours")
    expect(page.get_by_role("dialog")).to_contain_text("Found")
    page.keyboard.press("Escape")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_can_be_used_by_everybody(visit, newcomer, width, scheme):
    visitor = visit(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    visitor.sign_in(newcomer(f"nel{width}"))
    page = visitor.work_on("L04")
    can_be_used(page, width)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#check-result")).to_contain_text("visible tests pass", timeout=60_000)
    shown = own_cell(page, SHOWN)
    run(page, shown)
    page.get_by_text("Files", exact=True).click()
    can_be_used(page, width)
    # However short the words beside them are, the buttons of the bar keep their room.
    saved(page)
    assert all(
        page.locator(f"#{name}").bounding_box()["width"] > 50 for name in ("run-all", "check", "hand-in")
    )
    for name in ("Keys", "Earlier versions", "Begin anew", "Find", "Restart Python"):
        page.get_by_text("More", exact=True).click()
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        can_be_used(page, width)
        page.keyboard.press("Escape")
    # The other scheme, without another start.
    page.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
    can_be_used(page, width)
