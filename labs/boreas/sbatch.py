"""Reads the `#SBATCH` lines of a batch script by the rules of sbatch itself.

The rules (F§4.1; the reader of sbatch, SchedMD/slurm src/sbatch/opt.c):

- The first line must begin with `#!`, and lines must end in a plain newline.
- A directive begins with `#SBATCH` in the very first column. Any other comment, and a blank line, is passed
  over.
- Reading stops at the first line that is neither blank nor a comment. Directives below it are comments to
  Slurm.
- Words are split at white space; quotes group, a backslash protects the next character (but no blank outside
  quotes), an unprotected `#` ends the line. Nothing is expanded: no variable, no `~`, no command.
- The words of all directives together form one command line, so a forgotten value is taken from the line
  below.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from boreas.findings import Code, Finding
from boreas.options import LETTERS, Option, candidates

MARK = "#SBATCH"
# What C's isspace() takes for white space. Python's own isspace() knows dozens more, which sbatch does not.
BLANKS = " \t\n\v\f\r"

_LOOKALIKE = re.compile(r"([ \t]+#SBATCH|#[ \t]+SBATCH|#sbatch)[ \t]+-")
_TRAILING_BACKSLASH = re.compile(r"(?<!\\)(?:\\\\)*\\(?P<blanks>[ \t]*)\Z")


@dataclass(frozen=True)
class Directive:
    """One option as sbatch understood it: its long name, its value ("" when it takes none), the line it
    stands in.
    """

    line: int
    option: str
    value: str


@dataclass(frozen=True)
class Script:
    """A batch script, read. `first_command` is the line at which sbatch stopped reading, or 0."""

    lines: tuple[str, ...]
    directives: tuple[Directive, ...]
    first_command: int
    findings: tuple[Finding, ...]

    def find(self, *options: str) -> Directive | None:
        """The directive that counts: of several with these names, the last."""
        return next((each for each in reversed(self.directives) if each.option in options), None)

    def value(self, option: str, default: str = "") -> str:
        found = self.find(option)
        return found.value if found else default

    @property
    def commands(self) -> str:
        """What the shell will run: everything from the first command on."""
        return "\n".join(self.lines[self.first_command - 1 :]) if self.first_command else ""


@dataclass(frozen=True)
class _Word:
    line: int
    text: str


def parse(text: str) -> Script:
    """The script as sbatch reads it. Never raises: whatever is wrong becomes a finding."""
    lines = tuple(text.split("\n"))
    first_command = next((n for n, line in enumerate(lines, 1) if _is_command(line)), 0)
    findings = [*_first_look(text), *_odd_lines(lines, first_command)]
    words: list[_Word] = []
    for number, line in enumerate(lines[: first_command or None], 1):
        if line.startswith(MARK):
            found, closed = _words(line.removeprefix(MARK))
            words += (_Word(number, word) for word in found)
            if not closed:
                findings.append(Finding(number, Code.UNMATCHED_QUOTE, "a quote is opened and never closed"))
    directives: list[Directive] = []
    for each in _options(words):
        match each:
            case Finding():
                findings.append(each)
            case Directive():
                directives.append(each)
    findings += (
        Finding(
            each.line,
            Code.VARIABLE,
            "Slurm expands no variables in directives: it takes $ and the name literally",
        )
        for each in directives
        if "$" in each.value
    )
    return Script(lines, tuple(directives), first_command, tuple(sorted(findings)))


def _is_command(line: str) -> bool:
    rest = line.lstrip(BLANKS)
    return bool(rest) and not rest.startswith("#")


def _first_look(text: str) -> Iterator[Finding]:
    """What sbatch checks before it reads a directive. The messages it gives are quoted in F§4.2."""
    if not text.strip(BLANKS):
        yield Finding(0, Code.EMPTY, "there is nothing in the script")
    elif not text.startswith("#!"):
        yield Finding(
            1, Code.NO_SHEBANG, "the first line must start with #! followed by the path to an interpreter"
        )
    if "\r\n" in text:
        line = text.count("\n", 0, text.index("\r\n")) + 1
        yield Finding(
            line,
            Code.DOS_LINES,
            "lines end in \\r\\n, as on Windows, instead of \\n; sbatch refuses the file",
        )


def _odd_lines(lines: tuple[str, ...], first_command: int) -> Iterator[Finding]:
    for number, line in enumerate(lines, 1):
        directive = line.startswith(MARK)
        if directive and 0 < first_command < number:
            yield Finding(
                number, Code.AFTER_COMMAND, "below the first command sbatch reads no directive any more"
            )
        if _LOOKALIKE.match(line):
            yield Finding(
                number, Code.LOOKALIKE, f"only {MARK} in the first column is a directive; this is a comment"
            )
        if (end := _TRAILING_BACKSLASH.search(line)) is None:
            continue
        if directive:
            yield Finding(
                number, Code.CONTINUED, "a directive ends with its line; a backslash does not continue it"
            )
        elif end["blanks"] and _is_command(line):
            yield Finding(
                number, Code.BACKSLASH, "a blank after the last backslash splits the command in two"
            )


def _words(text: str) -> tuple[list[str], bool]:
    """The words of one directive, and whether every quote was closed. An empty word ends the line, as in
    sbatch.
    """
    words: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at] in BLANKS:
            at += 1
        word, quote, escaped = "", "", False
        while at < len(text) and (quote or text[at] not in BLANKS):
            char = text[at]
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
                at += 1
                continue
            elif quote:
                if char == quote:
                    quote = ""
                    at += 1
                    continue
            elif char in "\"'":
                quote = char
                at += 1
                continue
            elif char == "#":
                break
            word += char
            at += 1
        if quote:
            return words, False
        if not word:
            return words, True
        words.append(word)


def _options(words: list[_Word]) -> Iterator[Directive | Finding]:
    """The words as getopt_long takes them: one command line over all the directives."""
    rest = iter(words)
    for word in rest:
        if word.text == "--":
            return
        if word.text.startswith("--"):
            yield _long(word, rest)
        elif word.text.startswith("-") and len(word.text) > 1:
            yield from _short(word, rest)
        else:
            yield Finding(
                word.line, Code.NOT_AN_OPTION, "a word that belongs to no option; sbatch passes over it"
            )


def _long(word: _Word, rest: Iterator[_Word]) -> Directive | Finding:
    name, equals, value = word.text[2:].partition("=")
    match candidates(name):
        case ():
            return Finding(word.line, Code.UNKNOWN_OPTION, "sbatch: unrecognized option")
        case (option,):
            if not equals:
                return _with_value(option, word, rest)
            if option.takes == "nothing":
                return Finding(word.line, Code.NEEDLESS_VALUE, f"--{option.name} takes no value")
            return Directive(word.line, option.name, value)
        case _:
            return Finding(word.line, Code.AMBIGUOUS_OPTION, "the beginning of more than one option")


def _short(word: _Word, rest: Iterator[_Word]) -> Iterator[Directive | Finding]:
    letters = word.text[1:]
    for at, letter in enumerate(letters, 1):
        option = LETTERS.get(letter)
        if option is None:
            yield Finding(word.line, Code.UNKNOWN_OPTION, "sbatch: invalid option")
        elif option.takes == "nothing":
            yield Directive(word.line, option.name, "")
        elif letters[at:]:
            yield Directive(word.line, option.name, letters[at:])
            return
        else:
            yield _with_value(option, word, rest)


def _with_value(option: Option, word: _Word, rest: Iterator[_Word]) -> Directive | Finding:
    """The value of an option that stands without `=`: the next word, even if that is another option."""
    if option.takes != "value":
        return Directive(word.line, option.name, "")
    value = next(rest, None)
    if value is None:
        return Finding(word.line, Code.MISSING_VALUE, f"--{option.name} needs a value")
    return Directive(word.line, option.name, value.text)
