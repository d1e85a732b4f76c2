"""Is this answer right? Pure rules over a question and what was given.

What is `given`, by the question's kind: single the id of an option; multiple and order a list of ids; number and text what
was typed.
"""

import hashlib
import math
import re
from dataclasses import dataclass

from lms.content.model import Option, Question
from lms.content.patterns import MAX_ANSWER
from lms.errors import Invalid
from lms.words import gettext as _

Given = str | list[str]

MAX_NUMBER = 64


@dataclass(frozen=True)
class Verdict:
    """`points` of `out_of` were earned: all of them or none. `feedback` is (option id, HTML) for each option chosen."""

    correct: bool
    points: int
    out_of: int
    feedback: tuple[tuple[str, str], ...] = ()


def judge(question: Question, given: Given) -> Verdict:
    """Judges one answer. Raises `Invalid`, with a sentence for the learner, when it is no answer: nothing chosen, an option
    that is not one of the question's, or text where a number belongs. Such a thing must not cost an attempt.
    """
    match question.kind:
        case "single":
            chosen = _chosen(question, [given] if isinstance(given, str) and given else given)
            if len(chosen) != 1:
                raise Invalid(_("Choose one answer."))
            return _verdict(question, chosen[0].correct, chosen)
        case "multiple":
            chosen = _chosen(question, given)
            right = {option.id for option in question.options if option.correct}
            return _verdict(question, {option.id for option in chosen} == right, chosen)
        case "order":
            chosen = _chosen(question, given)
            if len(chosen) != len(question.options):
                raise Invalid(_("Put all the lines in order."))
            return _verdict(question, tuple(chosen) == question.options, chosen)
        case "number":
            readings = read_number(_typed(given), question.unit)
            assert question.answer is not None
            return _verdict(question, any(_close(question, reading) for reading in readings))
        case "text":
            answer = " ".join(_typed(given).split())
            if len(answer) > MAX_ANSWER:
                raise Invalid(_("Write at most %(number)s characters.", number=MAX_ANSWER))
            right_answer = any(re.fullmatch(pattern, answer, re.IGNORECASE) for pattern in question.accept)
            return _verdict(question, right_answer)


def shown_order(question: Question, seed: str) -> tuple[Option, ...]:
    """The options of an `order` question as a learner sees them: the same for the same seed, never the right order.
    Options of other kinds keep their order.
    """
    if question.kind != "order" or len(question.options) < 2:
        return question.options

    def place(option: Option) -> str:
        return hashlib.sha256(f"{seed}\0{question.id}\0{option.id}".encode()).hexdigest()

    shuffled = tuple(sorted(question.options, key=place))
    return shuffled if shuffled != question.options else (*shuffled[1:], shuffled[0])


def option_id(question_id: str, text: str) -> str:
    """An id that tells nothing: neither whether an option is right nor which place it has."""
    return hashlib.sha256(f"{question_id}\0{text}".encode()).hexdigest()[:10]


def read_number(typed: str, unit: str = "") -> tuple[float, ...]:
    """What a person can have meant: "1.5", "1,5", "1 250", "1'250.5", "−3e6", with or without the unit.

    A single separator before three digits is read both ways ("1,250" is 1.25 and 1250), so there may be two readings.
    Raises `Invalid` when it is not a number.
    """
    text = typed.strip()
    refusal = Invalid(
        _("Write a number in %(unit)s, such as 1250 or 0.5, and no calculation.", unit=unit)
        if unit
        else _("Write a number, such as 1250 or 0.5, and no calculation.")
    )
    if len(text) > MAX_NUMBER:
        raise refusal
    text = text.replace("\u2212", "-")
    plain_unit = unit.strip().casefold()
    if plain_unit and text.casefold().endswith(plain_unit):
        text = text[: len(text) - len(unit.strip())].strip()
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise refusal
    sign, digits, exponent = found["sign"], found["digits"], found["exponent"] or ""
    readings = tuple(
        value
        for reading in dict.fromkeys(_readings(digits))
        if math.isfinite(value := float(f"{sign}{reading}{exponent}"))
    )
    if not readings:
        raise refusal
    return readings


_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>[0-9.,](?:[0-9.,]|[ '’\u00a0\u2009\u202f_](?=[0-9]))*)(?P<exponent>[eE][+-]?[0-9]{1,3})?"
)
_GROUPED = re.compile(r"[0-9]{1,3}([ '’\u00a0\u2009\u202f_.,])[0-9]{3}(?:\1[0-9]{3})*")


def _readings(digits: str) -> list[str]:
    """The digits with a point for the decimals, for each way to read the separators."""
    readings = []
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0 and digits.count(digits[last]) == 1:
        whole, decimals = digits[:last], digits[last + 1 :]
        plain = re.fullmatch(r"[0-9]*", whole) or _GROUPED.fullmatch(whole)
        if plain and re.fullmatch(r"[0-9]*", decimals) and (whole or decimals):
            readings.append(f"{_bare(whole) or '0'}.{decimals or '0'}")
    if re.fullmatch(r"[0-9]+", digits) or _GROUPED.fullmatch(digits):
        readings.append(_bare(digits))
    return readings


def _bare(digits: str) -> str:
    return re.sub(r"[^0-9]", "", digits)


def _chosen(question: Question, given: Given) -> list[Option]:
    if isinstance(given, str) or not given:
        raise Invalid(_("Choose an answer first."))
    options = {option.id: option for option in question.options}
    if len(set(given)) != len(given) or any(choice not in options for choice in given):
        raise Invalid(_("This is not one of the answers. Load the page again and choose once more."))
    return [options[choice] for choice in given]


def _typed(given: Given) -> str:
    if not isinstance(given, str) or not given.strip():
        raise Invalid(_("Write an answer first."))
    return given


def _close(question: Question, value: float) -> bool:
    assert question.answer is not None
    rounding = 1e-9 * max(
        1.0, abs(question.answer)
    )  # 0.1 + 0.2 is not 0.3, and nobody should lose a point for it
    return abs(value - question.answer) <= question.tolerance + rounding


def _verdict(question: Question, correct: bool, chosen: "list[Option] | tuple[()]" = ()) -> Verdict:  # noqa: FBT001
    feedback = tuple((option.id, option.feedback) for option in chosen if option.feedback)
    return Verdict(correct, question.points if correct else 0, question.points, feedback)
