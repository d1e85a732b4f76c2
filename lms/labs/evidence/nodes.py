"""Lists of nodes as Slurm writes them, `nid[000001-000003,000007]`. Kept as ranges, never written out: a line may name billions."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from lms.labs.evidence.quantities import QuantityError, is_open

MOST_PREFIXES = 200
"""Names with brackets before their last one are written out that far: racks."""

_PARTS = re.compile(r"\[([^\[\]]*)\]")
_RANGE = re.compile(r"(\d{1,12})(?:-(\d{1,12}))?", re.ASCII)
_PLAIN = re.compile(r"[\w.-]*", re.ASCII)
_LAST_DIGITS = re.compile(r"\d{1,12}(?=\D*\Z)", re.ASCII)


@dataclass(frozen=True, order=True)
class Range:
    """Names that differ in a number of `length` digits, padded with zeros: `before`, number, `after`. Without a number `length` is 0."""

    before: str
    after: str
    length: int
    first: int
    last: int

    @property
    def kind(self) -> tuple[str, str, int]:
        return self.before, self.after, self.length


@dataclass(frozen=True)
class Nodes:
    """A set of nodes; `ranges` are in order and apart from each other."""

    ranges: tuple[Range, ...]

    def __len__(self) -> int:
        return sum(each.last - each.first + 1 for each in self.ranges)

    def covers(self, other: "Nodes") -> bool:
        """Whether every node of the other is one of these."""
        return not self.missing(other)

    def missing(self, other: "Nodes") -> tuple[Range, ...]:
        """Those of the other's ranges that are not wholly among these."""
        return tuple(each for each in other.ranges if not self._has(each))

    def _has(self, wanted: Range) -> bool:
        at = bisect_right(self.ranges, Range(*wanted.kind, wanted.first, 10**13)) - 1
        found = self.ranges[at] if at >= 0 else None
        return found is not None and found.kind == wanted.kind and wanted.last <= found.last

    def names(self, most: int) -> tuple[str, ...]:
        """The first names, at most so many."""
        return tuple(islice(self._names(), most))

    def _names(self) -> Iterator[str]:
        for each in self.ranges:
            if not each.length:
                yield each.before
            else:
                for number in range(each.first, each.last + 1):
                    yield f"{each.before}{number:0{each.length}}{each.after}"


def nodes_of(text: str) -> Nodes | None:
    """None where none was assigned, or a narrow column cut the list. Raises QuantityError."""
    if is_open(text) or text.strip().endswith("+"):
        return None
    found = [each for word in _words(text.strip()) for each in _ranges(word)]
    return Nodes(tuple(_joined(sorted(found))))


def node_of(name: str) -> Nodes:
    """One node by its name, without its domain. Raises QuantityError."""
    return nodes_of(name.partition(".")[0]) or Nodes(())


def _joined(ranges: list[Range]) -> Iterator[Range]:
    """Ranges that touch or overlap become one."""
    held: Range | None = None
    for each in ranges:
        if held is not None and held.kind == each.kind and each.first <= held.last + 1:
            held = Range(*held.kind, held.first, max(held.last, each.last))
            continue
        if held is not None:
            yield held
        held = each
    if held is not None:
        yield held


def _words(text: str) -> list[str]:
    """Split at the commas outside brackets."""
    words, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            words.append(text[start:at])
            start = at + 1
    if depth:
        raise QuantityError(text)
    return [*words, text[start:]]


def _ranges(word: str) -> Iterator[Range]:
    parts = _PARTS.split(word)
    if not all(_PLAIN.fullmatch(each) for each in parts[::2]) or not word:
        raise QuantityError(word)
    if len(parts) == 1:
        digits = _LAST_DIGITS.search(word)
        if digits is None:
            yield Range(word, "", 0, 0, 0)
        else:
            number = int(digits[0])
            yield Range(word[: digits.start()], word[digits.end() :], len(digits[0]), number, number)
        return
    for before in _befores(parts[:-2]):
        for length, first, last in _numbers(parts[-2]):
            yield Range(before, parts[-1], length, first, last)


def _befores(parts: list[str]) -> list[str]:
    """What stands before the last bracket, each bracket in it written out."""
    choices, size = [], 1
    for at, part in enumerate(parts):
        if at % 2:
            spans = list(_numbers(part))
            size *= sum(last - first + 1 for _length, first, last in spans)
            if size > MOST_PREFIXES:
                raise QuantityError(part)
            choices.append(
                [f"{n:0{length}}" for length, first, last in spans for n in range(first, last + 1)]
            )
        else:
            choices.append([part])
    return ["".join(each) for each in product(*choices)]


def _numbers(ranges: str) -> Iterator[tuple[int, int, int]]:
    """`8-12` as (1, 8, 9) and (2, 10, 12): names of one length each, so that a name has one place only."""
    for part in ranges.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise QuantityError(ranges)
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise QuantityError(ranges)
        length = len(match[1])
        while first <= last:
            end = min(last, 10**length - 1)
            yield length, first, end
            first, length = end + 1, length + 1
