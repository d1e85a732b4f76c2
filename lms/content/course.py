"""A folder with a course.md into a `Course`."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lms.content.gathering import Gathering, version_of
from lms.content.links import Addresses
from lms.content.model import Course, EscoSkill, Lesson, Outcome, Question
from lms.content.page import Page, Source
from lms.content.problem import warning

_LESSON = re.compile(r"(\d+)-.+\.md")
_TRANSLATION = re.compile(r"\d+-.+\.[a-z]{2}(-[A-Z]{2})?\.md")


@dataclass(frozen=True)
class CoursePages:
    course: Page
    lessons: tuple[Page, ...]


def find_sources(files: Mapping[str, bytes], gathering: Gathering) -> dict[str, list[Source]]:
    """The texts of each course folder: course.md first, then its lessons in their order."""
    folders = sorted(
        posixpath.dirname(path)
        for path in files
        if path.startswith("courses/") and posixpath.basename(path) == "course.md"
    )
    numbered: dict[str, list[tuple[int, str]]] = {folder: [] for folder in folders}
    for path in files:
        folder, name = posixpath.split(path)
        if not path.startswith("courses/") or not name.endswith(".md") or name in {"course.md", "README.md"}:
            continue
        number = _LESSON.fullmatch(name)
        if _TRANSLATION.fullmatch(name) and folder in numbered:
            gathering.problems.append(warning(path, 1, "translation", "Translations are not shown yet."))
        elif number and folder in numbered:
            numbered[folder].append((int(number[1]), path))
        else:
            where = (
                "its name does not begin with a number"
                if folder in numbered
                else "its folder has no course.md"
            )
            gathering.problems.append(
                warning(
                    path,
                    1,
                    "orphan",
                    f"This text is in no course: {where}.",
                    "Name it NN-name.md beside a course.md.",
                )
            )
    sources = {}
    for folder, lessons in numbered.items():
        paths = [(f"{folder}/course.md", True), *((path, False) for _, path in sorted(lessons))]
        sources[folder] = [
            source for path, head in paths if (source := _source(path, files[path], gathering, head=head))
        ]
    return sources


def _source(path: str, data: bytes, gathering: Gathering, *, head: bool) -> Source | None:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as cause:
        line = data.count(b"\n", 0, cause.start) + 1
        gathering.error(path, line, "encoding", "This file is not UTF-8 text.", "Save it as UTF-8.")
        return None
    gathering.keep(data, path)
    return Source("course" if head else "lesson", path, text)


def build_course(
    pages: CoursePages, addresses: Addresses, labs: Iterable[str], gathering: Gathering
) -> Course | None:
    """The course with everything in it, or None when its course.md is not valid. Every lesson that can be is in it."""
    _check(pages, set(labs), gathering)
    lessons = tuple(_lesson(page, addresses, gathering) for page in pages.lessons if page.front)
    html, _ = addresses.resolve(pages.course)
    front = pages.course.front
    if not front:
        return None
    outcomes = tuple(Outcome(outcome["id"], outcome["text"]) for outcome in front["outcomes"])
    return Course(
        id=front["id"],
        title=front["title"],
        summary=front["summary"],
        outcomes=outcomes,
        minutes=front["minutes"],
        level=front["level"],
        prerequisites=tuple(front["prerequisites"]),
        skills=tuple(front["skills"]),
        authors=tuple(front["authors"]),
        path=pages.course.path,
        html=gathering.keep(html.encode()),
        lessons=lessons,
        pass_mark=front["pass_mark"],
        version=version_of(
            {
                "outcomes": [outcome.id for outcome in outcomes],
                "pass_mark": front["pass_mark"],
                "lessons": [
                    [lesson.id, [_what_counts(question) for question in lesson.questions]]
                    for lesson in lessons
                ],
                # A first version's digest is as it was before there were others.
                **({"major": front["major"]} if front["major"] > 1 else {}),
            }
        ),
        jupyterhub=front["jupyterhub"] or "",
        esco=tuple(EscoSkill(each["uri"], each["title"]) for each in front["esco"]),
        eqf=front["eqf"],
        major=front["major"],
    )


def _lesson(page: Page, addresses: Addresses, gathering: Gathering) -> Lesson:
    html, questions = addresses.resolve(page)
    front = page.front
    return Lesson(
        id=front["id"],
        title=front["title"],
        minutes=front["minutes"],
        outcomes=tuple(front["outcomes"]),
        labs=tuple(front["labs"]),
        path=page.path,
        source=gathering.manifest[page.path],
        html=gathering.keep(html.encode()),
        summary=front["summary"].strip(),
        headings=tuple(page.headings),
        questions=questions,
    )


def _what_counts(question: Question) -> list[object]:
    """What makes an answer right, without a word of prose: mending a typo is no new version."""
    right = [option.correct for option in question.options]
    return [
        question.id,
        question.kind,
        question.points,
        right,
        question.answer,
        question.tolerance,
        question.unit,
        question.accept,
    ]


def _check(pages: CoursePages, labs: set[str], gathering: Gathering) -> None:
    course = pages.course
    outcomes = [outcome["id"] for outcome in course.front.get("outcomes", ())]
    _check_sums(pages, outcomes, gathering)
    for index, outcome in enumerate(outcomes):
        if outcome in outcomes[:index]:
            gathering.error(
                course.path,
                course.line("outcomes", index, "id"),
                "duplicate-id",
                f"There are two outcomes '{outcome}'.",
                "Give one another id.",
            )
    for lesson in pages.lessons:
        for index, outcome in enumerate(lesson.front.get("outcomes", ())):
            if course.front and outcome not in outcomes:
                gathering.unknown(lesson.path, lesson.line("outcomes", index), "outcome", outcome, outcomes)
        for index, lab in enumerate(lesson.front.get("labs", ())):
            if lab not in labs:
                gathering.unknown(lesson.path, lesson.line("labs", index), "lab", lab, labs)
    if not pages.lessons:
        gathering.error(
            course.path,
            1,
            "no-lessons",
            "This course has no lessons.",
            "Put NN-name.md files beside course.md.",
        )


def _check_sums(pages: CoursePages, outcomes: list[str], gathering: Gathering) -> None:
    course = pages.course
    if not course.front or not pages.lessons or not all(lesson.front for lesson in pages.lessons):
        return  # what follows would only repeat what is wrong with the lessons
    served = {outcome for lesson in pages.lessons for outcome in lesson.front["outcomes"]}
    for index, outcome in enumerate(outcomes):
        if outcome not in served:
            gathering.problems.append(
                warning(
                    course.path,
                    course.line("outcomes", index, "id"),
                    "outcome-unserved",
                    f"No lesson serves the outcome '{outcome}'.",
                    "Name it in the lesson that does.",
                )
            )
    total = sum(lesson.front["minutes"] for lesson in pages.lessons)
    if course.front["minutes"] != total:
        gathering.error(
            course.path,
            course.line("minutes"),
            "minutes",
            f"minutes is {course.front['minutes']}, but its lessons take {total}.",
            f"Write minutes: {total}",
        )
