"""One file that authors write, read by itself: its front matter, its text as HTML, its questions, and what is wrong with it.

A `Page` depends on nothing but its bytes and its path, so it can be made in another process and kept for the next time. What
depends on other files (links, ids, sums) comes after, in links and rules.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal

from lms.content import schema
from lms.content.markdown import Link, Renderer, place_questions
from lms.content.marked import Marked, UnreadableError, front_matter
from lms.content.model import Heading, Question
from lms.content.problem import Problem, error
from lms.content.questions import read_question
from lms.content.renderer import renderer_digest
from lms.content.validate import validate

Kind = Literal["course", "lesson", "text"]


@dataclass
class Page:
    """`front` is the front matter with its defaults, or empty when it was not valid; the id it declares is kept even
    then, so that what points at it is not reported as well. `lines` has the line of each place in it
    ("outcomes/0/id"). `html` and the questions point at `links` by number.
    """

    path: str
    declared_id: str = ""
    front: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    html: str = ""
    headings: list[Heading] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def line(self, *place: str | int) -> int:
        return self.lines.get("/".join(map(str, place)), 1)


@dataclass(frozen=True)
class Source:
    """What a page is made of. A `text` has no front matter: a lab's introduction, found in line `first_line` of its notebook."""

    kind: Kind
    path: str
    text: str
    first_line: int = 1

    @property
    def key(self) -> str:
        """Two sources with the same key make the same page."""
        parts = (renderer_digest(), self.kind, self.path, str(self.first_line), self.text)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def make(source: Source, renderer: Renderer) -> Page:
    page = Page(source.path)
    renderer.links = page.links
    body, first_line = source.text, source.first_line
    if source.kind != "text":
        try:
            marked, body, first_line = front_matter(source.text)
        except UnreadableError as cause:
            page.problems.append(error(source.path, cause.line, cause.code, cause.message, cause.hint))
            return page
        _front(page, marked, schema.Course if source.kind == "course" else schema.Lesson)
    _body(page, body, first_line, renderer, questions_allowed=source.kind == "lesson")
    return page


def _front(page: Page, marked: Marked, model: type[schema.Course | schema.Lesson]) -> None:
    value, problems = validate(model, marked, page.path)
    page.problems += problems
    declared = marked.value.get("id") if isinstance(marked.value, dict) else None
    page.declared_id = declared if isinstance(declared, str) else ""
    page.front = value.model_dump() if value else {}
    page.lines = {"/".join(map(str, place)): line for place, line in marked.lines.items()}


def _body(page: Page, body: str, first_line: int, renderer: Renderer, *, questions_allowed: bool) -> None:
    text, scanned = renderer.render(body, page.path, first_line)
    page.headings, page.anchors = text.headings, text.anchors
    page.problems += text.problems
    ids: list[str] = []
    for block in scanned.questions:
        if not questions_allowed:
            page.problems.append(
                error(
                    page.path,
                    block.line - 1,
                    "question-place",
                    "Questions belong into lessons.",
                    "Move it to one.",
                )
            )
        question = read_question(block, page.path, renderer, page.problems)
        if question and any(question.id == other.id for other in page.questions):
            message = f"There are two questions '{question.id}' in this lesson."
            page.problems.append(
                error(page.path, block.line, "duplicate-id", message, "Give one another id.")
            )
            question = None
        if question:
            page.questions.append(question)
        ids.append(question.id if question else "")
    page.html = place_questions(text.html, ids)
