"""Regions of a cell between a BEGIN and an END line: solutions, hidden tests, mark schemes. Pure.

As in nbgrader, any line that contains the words is a marker, whatever comment it stands in: `### BEGIN SOLUTION`, `# BEGIN SOLUTION`,
`<!-- BEGIN SOLUTION -->`, `=== BEGIN MARK SCHEME ===`. Lines end at a line feed and nowhere else, as Python counts them: a form feed or
a U+2028 in a string must not shift the numbers of the lines that are hidden.
"""

import re
from collections.abc import Iterator
from typing import Literal

Region = Literal["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"]
REGIONS: tuple[Region, ...] = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
# `## Begin solution` in a comment of its own is no marker, and what follows it would be handed out.
_NEARLY = re.compile(
    r"^\s*(?:#+|=+|//+|<!--+)\s*(?:begin|end)[\s_-]+(?:solutions?|hidden[\s_-]+tests?|mark(?:ing)?[\s_-]+scheme)\b",
    re.IGNORECASE,
)


def marked_lines(source: str, region: Region) -> frozenset[int]:
    """Numbers, from 1, of the lines of such a region; the markers are among them."""
    found, inside = set(), False
    for number, line in enumerate(source.split("\n"), 1):
        begins, ends = _markers(line, region)
        if inside or begins or ends:
            found.add(number)
        inside = begins or (inside and not ends)
    return frozenset(found)


def without(source: str, region: Region) -> str:
    """The text without these regions and their markers."""
    marked = marked_lines(source, region)
    return "\n".join(line for number, line in enumerate(source.split("\n"), 1) if number not in marked)


def replaced(source: str, stub: str) -> str | None:
    """Each solution as a `stub`, indented like its BEGIN line; None where there is none."""
    shown, inside, found = [], False, False
    for line in source.split("\n"):
        begins, ends = _markers(line, "SOLUTION")
        if begins:
            inside = found = True
            indent = line[: len(line) - len(line.lstrip())]
            shown += [indent + part for part in stub.split("\n")]
        elif ends:
            inside = False
        elif not inside:
            shown.append(line)
    return "\n".join(shown) if found else None


def flaws(source: str, allowed: frozenset[Region], where: str) -> Iterator[str]:
    """What is wrong with the markers of a cell; `where` says what kind of cell it is."""
    for region in REGIONS:
        yield from _unpaired(source, region) if region in allowed else _misplaced(source, region, where)
    for number, line in enumerate(source.split("\n"), 1):
        if _NEARLY.match(line) and not any(any(_markers(line, region)) for region in REGIONS):
            yield (
                f"line {number} looks like the marker of a region but is none, so nothing would be taken out: write it as in "
                f"`### BEGIN SOLUTION`, `### END HIDDEN TESTS`, in capitals and with single spaces"
            )


def _markers(line: str, region: Region) -> tuple[bool, bool]:
    """Whether the line begins, and whether it ends, such a region. As in nbgrader a line that says both only begins one."""
    begins = f"BEGIN {region}" in line
    return begins, f"END {region}" in line and not begins


def _misplaced(source: str, region: Region, where: str) -> Iterator[str]:
    marked = marked_lines(source, region)
    if marked:
        yield f"line {min(marked)} marks a region ({region}) that has no meaning in {where}"


def _unpaired(source: str, region: Region) -> Iterator[str]:
    begun = 0
    for number, line in enumerate(source.split("\n"), 1):
        begins, ends = _markers(line, region)
        if begins and begun:
            yield f"line {number}: BEGIN {region} within the region that line {begun} begins"
            return
        if ends and not begun:
            yield f"line {number}: END {region} without BEGIN {region}"
            return
        begun = number if begins else 0 if ends else begun
    if begun:
        yield f"line {begun}: BEGIN {region} without END {region}"
