"""A question block of a lesson into a `Question`, and what no format can say: that there is a right answer, and a wrong one."""

import re

from lms.content import schema
from lms.content.markdown import Renderer
from lms.content.marked import Marked, Place, UnreadableError, read
from lms.content.model import Option, Question
from lms.content.patterns import refusal
from lms.content.problem import Problem, error
from lms.content.quiz import option_id
from lms.content.scan import Block
from lms.content.validate import validate_question


def read_question(block: Block, path: str, renderer: Renderer, problems: list[Problem]) -> Question | None:
    """The question of a block, or None; adds all that is wrong with it to `problems`."""
    try:
        marked = read(block.text, block.line)
    except UnreadableError as cause:
        problems.append(error(path, cause.line, cause.code, cause.message, cause.hint))
        return None
    written, refused = validate_question(marked, path)
    problems += refused
    if written is None:
        return None
    problems += [
        error(path, marked.line_of(place), code, f"Question {written.id}: {message}", hint)
        for place, code, message, hint in _flaws(written)
    ]
    return _built(written, marked, path, renderer, problems)


def _built(
    written: schema.Question, marked: Marked, path: str, renderer: Renderer, problems: list[Problem]
) -> Question:
    def html(text: str, *place: str | int) -> str:
        return renderer.inline(text, path, marked.line_of(place), problems) if text.strip() else ""

    options = tuple(
        Option(
            option_id(written.id, option.text.strip()),
            html(option.text, "options", index, "text"),
            isinstance(option, schema.Option) and option.correct,
            html(option.feedback, "options", index, "feedback"),
        )
        for index, option in enumerate(getattr(written, "options", ()))
    )
    number = written if isinstance(written, schema.Number) else None
    return Question(
        id=written.id,
        kind=written.type,
        points=written.points,
        prompt=html(written.prompt, "prompt"),
        explanation=html(written.explanation, "explanation"),
        options=options,
        answer=number.answer if number else None,
        tolerance=_tolerance(number) if number else 0.0,
        unit=number.unit if number else "",
        accept=tuple(written.accept) if isinstance(written, schema.TextAnswer) else (),
        example=written.example if isinstance(written, schema.TextAnswer) else "",
        hint=html(written.hint, "hint"),
    )


def _tolerance(number: schema.Number) -> float:
    if isinstance(number.tolerance, str):
        return abs(number.answer) * float(number.tolerance.rstrip(" %")) / 100
    return number.tolerance


_Flaw = tuple[Place, str, str, str]


def _flaws(question: schema.Question) -> list[_Flaw]:
    match question:
        case schema.Single() | schema.Multiple():
            return [
                *_same_texts([o.text for o in question.options]),
                *_rights(question),
                *_feedback(question),
            ]
        case schema.Order():
            return _same_texts([option.text for option in question.options])
        case schema.TextAnswer():
            return _expressions(question)
        case schema.Number():
            return []


def _same_texts(texts: list[str]) -> list[_Flaw]:
    return [
        (("options", index), "option-twice", "two options have the same text.", "Make them differ.")
        for index, text in enumerate(texts)
        if text in texts[:index]
    ]


def _rights(question: schema.Single | schema.Multiple) -> list[_Flaw]:
    right = sum(option.correct for option in question.options)
    place = ("options",)
    if right == 0:
        return [(place, "no-right-answer", "no option is right.", "Give one `correct: true`.")]
    if right == len(question.options):
        return [
            (
                place,
                "all-right",
                "every option is right, so there is nothing to find out.",
                "Add a wrong one.",
            )
        ]
    if isinstance(question, schema.Single) and right > 1:
        message = f"{right} options are right, but one can be chosen."
        return [(place, "several-right", message, "Make it `type: multiple`, or leave one `correct: true`.")]
    return []


def _feedback(question: schema.Single | schema.Multiple) -> list[_Flaw]:
    return [
        (
            ("options", index),
            "missing-feedback",
            f"option {index + 1} has no feedback.",
            "Say why it is right or wrong: this is where people learn.",
        )
        for index, option in enumerate(question.options)
        if not option.feedback.strip()
    ]


def _expressions(question: schema.TextAnswer) -> list[_Flaw]:
    flaws: list[_Flaw] = []
    for index, pattern in enumerate(question.accept):
        reason = refusal(pattern)
        if reason:
            flaws.append(
                (
                    ("accept", index),
                    "pattern",
                    f"the expression {pattern!r} {reason}.",
                    "Write it more simply.",
                )
            )
    example = " ".join(question.example.split())
    if not flaws and not any(re.fullmatch(pattern, example, re.IGNORECASE) for pattern in question.accept):
        message = f"the example {question.example!r} matches none of `accept`."
        flaws.append((("example",), "example", message, "An expression must match the whole answer."))
    return flaws
