"""A tree as its author sees it while writing: pages as learners will see them, with the problems on top and every right answer marked."""

import posixpath
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from watchfiles import watch

from lms.content.load import Loaded, load
from lms.content.model import Course, Lab, Lesson, Question
from lms.content.problem import Problem, error
from lms.content.tree import ROOTS, Tree
from lms.errors import Invalid

STYLES = ("fonts", "slipway", "components", "prose", "pages")


@dataclass
class Draft:
    """What is served. `edition` counts up whenever the files have changed and were read again."""

    root: Path
    loaded: Loaded = field(init=False)
    edition: int = 0
    _cache: dict[str, bytes] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.read()

    def read(self) -> None:
        """Reads the tree again. A tree that cannot be read at all is shown as its one problem."""
        try:
            self.loaded = load(Tree.from_folder(self.root), workshop=None, cache=self._cache)
        except Invalid as refused:
            nothing = Tree(problems=(error(".", 1, "unreadable", refused.message),))
            self.loaded = load(nothing, workshop=None)
        with self._changed:
            self.edition += 1
            self._changed.notify_all()

    def follow(self, stop: threading.Event) -> None:
        folders = [self.root / name for name in ROOTS if (self.root / name).is_dir()]
        for _ in watch(*folders, stop_event=stop):
            self.read()

    def wait(self, edition: int, seconds: float) -> bool:
        """Waits until there is a newer edition; False when there was none in that time."""
        with self._changed:
            return self._changed.wait_for(lambda: self.edition > edition, seconds)

    def page(self, path: str) -> str | None:
        """The HTML of an address, or None when there is no such page."""
        draft = self.loaded.draft
        match path.strip("/").split("/"):
            case [""]:
                return self._frame("Preview", "".join(_contents(self.loaded)), self.loaded.problems)
            case ["courses", course_id] if course := draft.course_by_id.get(course_id):
                body = f"<p>{escape(course.summary)}</p>{self._html(course.html)}{_lessons(course)}"
                return self._frame(course.title, body, self._about(course.path))
            case ["courses", course_id, lesson_id] if course := draft.course_by_id.get(course_id):
                lesson = next((lesson for lesson in course.lessons if lesson.id == lesson_id), None)
                if lesson:
                    return self._frame(lesson.title, self._lesson(lesson), self._about(lesson.path))
            case ["labs", lab_id] if lab := draft.lab_by_id.get(lab_id):
                return self._frame(lab.title, self._lab(lab), self._about(posixpath.dirname(lab.path)))
        return None

    def asset(self, name: str) -> bytes | None:
        return self.loaded.blobs.get(posixpath.splitext(name)[0])

    def _html(self, digest: str) -> str:
        return self.loaded.blobs[digest].decode()

    def _about(self, path: str) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.loaded.problems if problem.path.startswith(path))

    def _lesson(self, lesson: Lesson) -> str:
        html = self._html(lesson.html)
        for question in lesson.questions:
            html = html.replace(f'<div data-question="{question.id}"></div>', _question(question))
        return html

    def _lab(self, lab: Lab) -> str:
        facts = f"{lab.points} points, {lab.auto_points} of them by tests; {lab.minutes} minutes"
        return f"<p>{escape(lab.summary)}</p><p>{facts}</p>{self._html(lab.html)}"

    def _frame(self, title: str, body: str, problems: tuple[Problem, ...]) -> str:
        styles = "".join(f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in STYLES)
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{styles}'
            f'<script type="module" src="/static/js/slipway.js"></script><script defer src="/reload.js"></script></head>'
            f'<body><main class="page"><p><a href="/">All courses and labs</a></p>{_problems(problems)}'
            f'<article class="prose"><h1>{escape(title)}</h1>{body}</article></main></body></html>'
        )


def _contents(loaded: Loaded) -> Iterator[str]:
    for course in loaded.draft.courses:
        yield f'<h2><a href="/courses/{course.id}">{escape(course.title)}</a></h2>{_lessons(course)}'
    if loaded.draft.labs:
        yield "<h2>Labs</h2><ul>"
        yield from (f'<li><a href="/labs/{lab.id}">{escape(lab.title)}</a></li>' for lab in loaded.draft.labs)
        yield "</ul>"


def _lessons(course: Course) -> str:
    items = (
        f'<li><a href="/courses/{course.id}/{lesson.id}">{escape(lesson.title)}</a>, {lesson.minutes} minutes</li>'
        for lesson in course.lessons
    )
    return f"<ol>{''.join(items)}</ol>"


def _problems(problems: tuple[Problem, ...]) -> str:
    if not problems:
        return ""
    items = "".join(
        f"<li><code>{escape(p.path)}:{p.line}</code> {p.severity}: {escape(p.message)} {escape(p.hint)}</li>"
        for p in problems
    )
    tone = "bad" if any(p.severity == "error" for p in problems) else "warn"
    return f'<div class="notice" data-tone="{tone}"><ul>{items}</ul></div>'


def _question(question: Question) -> str:
    right = {
        "number": f"{question.answer:g} {question.unit} ± {question.tolerance:g}"
        if question.answer is not None
        else "",
        "text": " or ".join(question.accept),
    }.get(question.kind, "")
    ordered = question.kind == "order"
    options = "".join(
        f"<li>{'✓ ' if option.correct else ''}{option.text}"
        f"{f'<br><small>{option.feedback}</small>' if option.feedback else ''}</li>"
        for option in question.options
    )
    listed = f"<{'ol' if ordered else 'ul'}>{options}</{'ol' if ordered else 'ul'}>" if options else ""
    hint = f"<p><small>Hint: {question.hint}</small></p>" if question.hint else ""
    answer = f"<p>✓ <code>{escape(right)}</code></p>" if right else ""
    return (
        f'<section class="panel question" id="{question.id}"><p><strong>{question.id}</strong>, {question.kind}, '
        f"{question.points} point{'s' * (question.points != 1)}</p><div>{question.prompt}</div>{hint}{listed}{answer}"
        f"<div>{question.explanation}</div></section>"
    )
