"""What the source itself must not do."""

import re
from pathlib import Path

import lms

ROOT = Path(lms.__file__).parent
TEMPLATES = ROOT / "web" / "templates"

RENDERED = {
    "introduction|safe",
    "question.hint|safe",
    "question.explanation|safe",
    "question.prompt|safe",
    "option.text|safe",
    "option.feedback|safe",
}
"""Fields the content room sanitised when they were published."""


def templates():
    found = sorted(TEMPLATES.rglob("*.html"))
    assert len(found) > 20
    return found


def lines(pattern, files):
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_only_the_edges_transactions_commit():
    sources = [path for path in ROOT.rglob("*.py") if path.name != "db.py"]
    assert lines(r"\.commit\(", sources) == []
    assert lines(r"\.begin\(", [ROOT / "db.py"])


def test_no_clock_is_read_below_the_edges():
    rooms = ("content", "people", "learning", "verification", "certification")
    verbs = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    verbs += [path for path in (ROOT / "readiness").glob("*.py") if path.name != "sweep.py"]
    verbs += [ROOT / "labs" / f"{name}.py" for name in ("submit", "queue", "review", "standings", "marks")]
    assert lines(r"datetime\.now|utcnow|date\.today", verbs) == []


def test_templates_trust_only_what_was_sanitised_when_it_was_published():
    trusted = {
        found.strip().replace(" ", "")
        for path in templates()
        for found in re.findall(r"[\w.]+\s*\|\s*safe\b", path.read_text())
    }
    assert trusted <= RENDERED
    assert trusted
    assert lines(r"autoescape\s+false|Markup\(", templates()) == []


def test_templates_hold_neither_styles_nor_scripts_nor_handlers():
    scripts = r"<script(?![^>]*(\ssrc=|\stype=.application/json))"  # JSON is data, and runs nowhere
    assert lines(rf"<style|\sstyle\s*=|{scripts}|\son[a-z]+\s*=|javascript:", templates()) == []


def test_every_form_that_changes_something_carries_a_token():
    for path in templates():
        text = path.read_text()
        for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
            assert "token()" in form or "csrf_token" in form, path


def test_every_room_says_what_it_is():
    for path in [ROOT, *(each for each in ROOT.iterdir() if (each / "__init__.py").exists())]:
        text = (path / "__init__.py").read_text().strip()
        assert text.startswith('"""'), path
        assert text.count('"""') == 2, f"{path}: nothing but its docstring"
