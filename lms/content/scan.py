"""One look over the lines of a Markdown text, before it is rendered: it takes the question blocks out, and finds what the renderer
would silently make something else of. The renderer knows no lines; this does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lms.content.boxes import check_boxes
from lms.content.problem import Problem, error
from lms.content.raw_html import check_html

_FENCE = re.compile(r"^(?P<indent>[> \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*?)[ \t]*$")
_INFO = re.compile(r"""^(?P<language>[\w#.+-]+)?(?P<options>(?:(?:^|[ \t]+)[a-z_]+=("|').*?\3)*)$""")
_OPTION = re.compile(r"""([a-z_]+)=("|')(.*?)\2""")
_HL_LINES = re.compile(r"\d+(-\d+)?([ \t]+\d+(-\d+)?)*")
_CODE = re.compile(r"(?<!\\)(?<!`)(`+)(?!`)((?:(?!\n[ \t]*\n).)+?)(?<!`)\1(?!`)", re.DOTALL)
_MATHS = re.compile(r"\$\$.+?\$\$|(?<!\\)\$(?!\s)(?:\\.|[^\\$\n])+?(?<!\s)\$", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6})(?!#)[ \t]*(\S.*)$")
_FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\](:?)")


@dataclass(frozen=True)
class Block:
    """The text of a question block and the line in which it begins."""

    text: str
    line: int


@dataclass(frozen=True)
class Scanned:
    """`body` is the text with a token for each question block; `visible` is it with all code blanked, for finding lines.
    Both have the lines of the source.
    """

    body: str
    visible: str
    first_line: int
    questions: tuple[Block, ...]
    problems: tuple[Problem, ...]

    def line_of(self, part: str) -> int:
        """The line in which a part of the text stands outside of code; the first line when it is not found as written."""
        at = self.visible.find(part)
        return self.first_line + (self.visible.count("\n", 0, at) if at >= 0 else 0)

    def lines_of(self, part: str) -> list[int]:
        found = [self.visible.count("\n", 0, at.start()) for at in re.finditer(re.escape(part), self.visible)]
        return [self.first_line + line for line in found] or [self.first_line]


def token(index: int) -> str:
    """Stands for the question block of that index while the text around it is rendered."""
    return f"slipwayquestionblock{index}x"


def scan(text: str, path: str, first_line: int = 1, *, headings_from: int = 2) -> Scanned:
    """Looks over a text whose first line is `first_line` of the file at `path`."""
    body, visible, questions, problems = _fences(text.split("\n"), path, first_line)
    shown = _blank(_COMMENT, _blank(_CODE, "\n".join(visible)))
    problems += check_boxes(visible, path, first_line)
    problems += _headings(shown.split("\n"), path, first_line, headings_from)
    problems += check_html(_blank(_MATHS, shown), path, first_line)
    problems += _footnotes(shown, path, first_line)
    return Scanned("\n".join(body), shown, first_line, tuple(questions), tuple(problems))


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text with what matches made blank, its lines kept."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _fences(
    lines: list[str], path: str, first: int
) -> tuple[list[str], list[str], list[Block], list[Problem]]:
    body, visible = list(lines), list(lines)
    questions: list[Block] = []
    problems: list[Problem] = []
    index = 0
    while index < len(lines):
        opened = _FENCE.match(lines[index])
        if opened is None or ("`" in opened["info"] and opened["fence"][0] == "`"):
            index += 1
            continue
        end = _fence_end(lines, index, opened["indent"] + opened["fence"])
        if end is None:
            problems.append(
                error(
                    path,
                    first + index,
                    "unclosed-fence",
                    "This code block is never closed.",
                    "End it with the same signs on a line of their own.",
                )
            )
            end = len(lines) - 1
        if opened["info"].strip() == "question":
            inner = [line.removeprefix(opened["indent"]) for line in lines[index + 1 : end]]
            body[index : end + 1] = ["", opened["indent"] + token(len(questions)), *[""] * (end - index - 1)][
                : end - index + 1
            ]
            questions.append(Block("\n".join(inner), first + index + 1))
        else:
            problems += _info(opened["info"].strip(), path, first + index)
        visible[index : end + 1] = [""] * (end - index + 1)
        index = end + 1
    return body, visible, questions, problems


def _fence_end(lines: list[str], start: int, fence: str) -> int | None:
    """The line that closes a block: the same signs as far from the margin. A block in a question's YAML is further in."""
    return next((index for index in range(start + 1, len(lines)) if lines[index].rstrip() == fence), None)


def _info(info: str, path: str, line: int) -> Iterator[Problem]:
    """What stands behind the signs that open a code block: a language, a title, marked lines."""
    hint = 'Write a language, then title="…" and hl_lines="2 4-6" as needed, with quotes.'
    read = _INFO.match(info)
    if read is None:
        yield error(path, line, "fence-options", f"The code block's options cannot be read: {info}", hint)
        return
    for name, _, value in _OPTION.findall(read["options"]):
        if name not in {"title", "hl_lines"}:
            yield error(path, line, "fence-options", f"Code blocks have no option '{name}'.", hint)
        elif name == "hl_lines" and not _HL_LINES.fullmatch(value):
            yield error(path, line, "fence-options", f"These are no lines to mark: {value!r}.", hint)


def _headings(lines: list[str], path: str, first: int, lowest: int) -> Iterator[Problem]:
    before = lowest - 1
    for number, text in enumerate(lines, start=first):
        found = _HEADING.match(text)
        if found is None:
            continue
        level = len(found[1])
        if level < lowest:
            yield error(
                path,
                number,
                "heading-level",
                f"Headings start at {'#' * lowest}; {'#' * level} is the title, which the front matter gives.",
                "If this is code, put it in a code block or in backticks.",
            )
        elif level > before + 1:
            yield error(
                path,
                number,
                "heading-jump",
                f"A {'#' * level} heading follows one of {'#' * before}.",
                f"Use {'#' * (before + 1)}: screen readers go by the levels.",
            )
        before = max(level, lowest)


def _footnotes(text: str, path: str, first: int) -> Iterator[Problem]:
    defined = {name for name, colon in _FOOTNOTE.findall(text) if colon}
    for found in _FOOTNOTE.finditer(text):
        if not found[2] and found[1] not in defined:
            line = first + text.count("\n", 0, found.start())
            yield error(
                path,
                line,
                "footnote",
                f"There is no footnote [^{found[1]}].",
                f"Write [^{found[1]}]: and its text on a line of its own.",
            )
