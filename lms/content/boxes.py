"""Boxes and tabs: that each kind is known and each one closed. The renderer shows what is not as plain text."""

import difflib
import re
from collections.abc import Iterator

from lms.content.problem import Problem, error

ADMONITIONS = ("note", "tip", "warning", "cloud", "mistake", "summary", "sources")
BOXES = (*ADMONITIONS, "details", "tab")

_BOX_START = re.compile(r"^[> \t]*(/{3,})[ ]*([\w-]+)[ ]*(?:\|(.*))?$")
_BOX_END = re.compile(r"^[> \t]*(/{3,})[ ]*$")
_BOX_OPTION = re.compile(r"^(?: {4,}|\t)(?!\s)(.*)$")
_KNOWN_OPTION = re.compile(r"(open|new|select): *(true|false)\s*$")


def check_boxes(lines: list[str], path: str, first: int) -> Iterator[Problem]:
    opened: list[tuple[int, int]] = []  # slashes, line
    for number, text in enumerate(lines, start=first):
        if end := _BOX_END.match(text):
            if not opened or opened[-1][0] != len(end[1]):
                yield error(
                    path,
                    number,
                    "box-end",
                    "No box with that many slashes is open here.",
                    "Close the inner box first.",
                )
            else:
                opened.pop()
        elif start := _BOX_START.match(text):
            yield from _box(start, opened, path, number)
            opened.append((len(start[1]), number))
            following = lines[number - first + 1] if number - first + 1 < len(lines) else ""
            option = _BOX_OPTION.match(following)
            if option and not _KNOWN_OPTION.match(option[1]):
                yield error(
                    path,
                    number + 1,
                    "box-option",
                    "Boxes have no such option.",
                    "Leave a line empty after the box's first line.",
                )
    for _, number in opened:
        yield error(
            path,
            number,
            "unclosed-box",
            "This box is never closed.",
            "End it with the same slashes on a line of their own.",
        )


def _box(start: re.Match[str], opened: list[tuple[int, int]], path: str, number: int) -> Iterator[Problem]:
    kind = start[2]
    if kind not in BOXES:
        close = difflib.get_close_matches(kind, BOXES, n=1)
        meant = f" Did you mean '{close[0]}'?" if close else ""
        yield error(
            path, number, "unknown-box", f"There is no box '{kind}'.{meant}", f"Boxes are {', '.join(BOXES)}."
        )
    if kind in {"tab", "details"} and not (start[3] or "").strip():
        yield error(path, number, "box-title", f"A {kind} needs a title.", f"Write /// {kind} | Title")
    if opened and len(start[1]) >= opened[-1][0]:
        yield error(
            path,
            number,
            "box-nesting",
            f"The box opened in line {opened[-1][1]} is still open here.",
            "Close it first; or, for a box in a box, give the outer one more slashes: ////",
        )
