"""A Markdown text into safe HTML: boxes, tabs, code, tables, maths. Links are collected and numbered, and resolved later against
the whole tree (see links), so a rendered text depends on nothing but its source.

One `Renderer` renders many texts; building one takes longer than a lesson does. It is not for several threads at once.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from lms.content import listing
from lms.content.boxes import ADMONITIONS
from lms.content.maths import MathsError, mathml
from lms.content.model import Heading
from lms.content.problem import Problem, error
from lms.content.sanitise import LINK_SCHEME, sanitise
from lms.content.scan import Scanned, scan, token

# Thirty lessons' worth. The renderer takes time by the square of what is badly nested, so there is an end to it.
MAX_TEXT = 300_000

_TITLES = {"cloud": "Coming from the cloud", "mistake": "What goes wrong"}
_SPECIAL = re.compile(r"[\\`*_\[\]<>&$~^|\n#/\x02\x03]|^[\s:+\d-]|https?:")
_STASHED = re.compile("\x02[^\x03]*\x03")
_PARAGRAPH = re.compile(r"\A<p>((?:(?!</?p>).)*)</p>\Z", re.DOTALL)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True)
class Link:
    """What an author points at: `target` as written. `image` when it is to be shown here."""

    target: str
    path: str
    line: int
    image: bool = False


@dataclass
class Text:
    """One rendered text. `html` points at its links by number: `slipway-link:N` is the Nth of `links`."""

    html: str = ""
    headings: list[Heading] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Renderer:
    """Renders texts one after the other; `links` numbers on through all of them until it is given a new list."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self._finish = _Finish()
        self._markdown = Markdown(
            extensions=[
                "abbr",
                "def_list",
                "footnotes",
                "sane_lists",
                "tables",
                "pymdownx.arithmatex",
                "pymdownx.blocks.admonition",
                "pymdownx.blocks.details",
                "pymdownx.blocks.tab",
                "pymdownx.superfences",
                "pymdownx.tasklist",
            ],
            extension_configs={
                "pymdownx.arithmatex": {
                    "generic": True,
                    "inline_syntax": ["dollar"],
                    "block_syntax": ["dollar"],
                    "tex_inline_wrap": ["", ""],
                    "tex_block_wrap": ["", ""],
                },
                "pymdownx.blocks.admonition": {
                    "types": [
                        {"name": kind, "title": _TITLES.get(kind, kind.title())} for kind in ADMONITIONS
                    ]
                },
                "pymdownx.blocks.tab": {"alternate_style": True},
                "pymdownx.superfences": {
                    "disable_indented_code_blocks": True,
                    "custom_fences": [
                        {"name": "*", "class": "code", "format": _code, "validator": _code_options}
                    ],
                },
            },
        )
        self._finish.extend(self._markdown)

    def render(self, text: str, path: str, first_line: int = 1) -> tuple[Text, Scanned]:
        """Renders a text that begins in `first_line` of the file at `path`. A question block becomes an empty element that
        `place_questions` fills with an id.
        """
        if len(text) > MAX_TEXT:
            message = f"This text has {len(text):,} characters; at most {MAX_TEXT:,} are taken."
            problem = error(path, first_line, "text-too-large", message, "Make several lessons of it.")
            return Text(problems=[problem]), Scanned("", "", first_line, (), ())
        scanned = scan(text, path, first_line)
        result = Text(problems=list(scanned.problems))
        self._finish.begin(result, scanned, self.links, path)
        try:
            html = self._markdown.reset().convert(scanned.body)
        except RecursionError:
            result.problems.append(
                error(path, first_line, "too-deep", "Lists or quotes are nested too deep.")
            )
            html = ""
        html = html.replace(
            'type="checkbox" disabled checked/>', 'type="checkbox" disabled checked aria-label="done"/>'
        )
        html = html.replace('type="checkbox" disabled/>', 'type="checkbox" disabled aria-label="to do"/>')
        result.html = sanitise(html)
        return result, scanned

    def inline(self, text: str, path: str, line: int, problems: list[Problem]) -> str:
        """Renders a short text, as of a question; a single paragraph stands without its `<p>`."""
        text = text.strip()
        if not _SPECIAL.search(text):
            return escape(text, quote=False)
        result, _ = self.render(text, path, line)
        problems += result.problems
        html = result.html.strip()
        alone = _PARAGRAPH.match(html)
        return alone[1] if alone else html


def place_questions(html: str, ids: list[str]) -> str:
    """Puts `<div data-question="ID"></div>` where the question blocks stood; "" leaves nothing."""
    for index, question in enumerate(ids):
        element = f'<div data-question="{question}"></div>' if question else ""
        for stood in (f"<p>{token(index)}</p>", token(index)):
            html = html.replace(stood, element, 1)
    return html


def _code(source: str, language: str, class_name: str, options: Any, md: Markdown, **_: Any) -> str:  # noqa: ARG001
    return listing.figure(source, language, options)


def _code_options(language: str, inputs: Any, options: Any, attrs: Any, md: Markdown) -> bool:  # noqa: ARG001
    options.update({name: value for name, value in inputs.items() if name in {"title", "hl_lines"}})
    return True


class _Finish(Treeprocessor):
    """What is done to the whole text once its inline marks are elements: anchors, links, images, tables, maths."""

    def extend(self, md: Markdown) -> None:
        self.md = md
        md.treeprocessors.register(self, "slipway-finish", -1)  # after escapes are undone

    def begin(self, result: Text, scanned: Scanned, links: list[Link], path: str) -> None:
        self.result, self.scanned, self.links, self.path = result, scanned, links, path
        self.seen: Counter[str] = Counter()

    def run(self, root: Element) -> None:
        for parent in list(root.iter()):
            for index, child in enumerate(list(parent)):
                tag = child.tag
                if tag in _HEADINGS:
                    self._heading(child, _HEADINGS[tag])
                elif tag == "a":
                    self._link(child)
                elif tag == "img":
                    self._image(child, parent)
                elif tag == "table":
                    parent[index] = _scrollable(child)
                elif child.get("class") == "arithmatex":
                    self._maths(child)

    def _heading(self, element: Element, level: int) -> None:
        text = _text(element)
        anchor = slug = slugify(text)
        count = 1
        while anchor in self.result.anchors:
            count += 1
            anchor = f"{slug}-{count}"
        element.set("id", anchor)
        self.result.anchors.append(anchor)
        if level in (2, 3):
            self.result.headings.append(Heading(level, anchor, text))

    def _link(self, element: Element) -> None:
        href = _plain(element.get("href", ""))
        if "footnote-ref" in element.get("class", "") or "footnote-backref" in element.get("class", ""):
            return
        element.set("href", self._numbered(href, image=False))
        if not _text(element) and element.find(".//img") is None:
            self._problem("link-text", f"The link to {href} has no text.", "Say where it leads.")

    def _image(self, element: Element, parent: Element) -> None:
        source = _plain(element.get("src", ""))
        element.set("src", self._numbered(source, image=True))
        element.set("loading", "lazy")
        if not _plain(element.get("alt", "")).strip():
            self._problem(
                "image-alt",
                f"The image {source} has no description.",
                "Write ![what it shows](path), for those who cannot see it.",
            )
        caption = element.attrib.pop("title", "")
        if parent.tag == "p" and len(parent) == 1 and not _text(parent):
            parent.tag = "figure"
            if caption:
                SubElement(parent, "figcaption").text = caption

    def _maths(self, element: Element) -> None:
        latex = unescape("".join(element.itertext())) if element.tag == "div" else "".join(element.itertext())
        try:
            html = mathml(latex.strip(), display=element.tag == "div")
        except MathsError as cause:
            self.result.problems.append(
                error(
                    self.path,
                    self.scanned.line_of(latex.strip().split("\n")[0]),
                    "maths",
                    f"This formula cannot be read: {cause}",
                    "Dollar signs that are no maths are written \\$, or in backticks.",
                )
            )
            html = escape(latex)
        tail = element.tail
        element.clear()
        element.tail = tail
        element.set("class", "maths")
        element.text = self.md.htmlStash.store(html)

    def _numbered(self, target: str, *, image: bool) -> str:
        lines = (
            self.scanned.lines_of(f"]({target}")
            if f"]({target}" in self.scanned.visible
            else self.scanned.lines_of(target)
        )
        line = lines[min(self.seen[target], len(lines) - 1)]
        self.seen[target] += 1
        self.links.append(Link(target, self.path, line, image))
        return f"{LINK_SCHEME}:{len(self.links) - 1}"

    def _problem(self, code: str, message: str, hint: str) -> None:
        self.result.problems.append(error(self.path, self.links[-1].line, code, message, hint))


def slugify(text: str) -> str:
    """The anchor of a heading: its words in lower case, joined by -."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", text.casefold())).strip("-") or "section"


def _text(element: Element) -> str:
    """The words of an element, without footnote marks."""
    parts = [element.text or ""]
    for child in element:
        if child.tag != "sup":
            parts.append(_text(child))
        parts.append(child.tail or "")
    return " ".join(_plain("".join(parts)).split())


def _plain(text: str) -> str:
    return unescape(_STASHED.sub("", text.replace("\x02amp\x03", "&")))


def _scrollable(table: Element) -> Element:
    """A wide table scrolls by itself, by keyboard too; it is named by its columns. Alignment becomes a class."""
    for cell in table.iter():
        side = cell.attrib.pop("style", "").removeprefix("text-align: ").rstrip(";")
        if side in {"left", "center", "right"}:
            cell.set("class", f"align-{side}")
    columns = ", ".join(filter(None, (_text(cell) for cell in table.iter("th"))))
    region = Element(
        "div", {"class": "table-scroll", "tabindex": "0", "role": "region", "aria-label": columns or "Table"}
    )
    region.append(table)
    region.tail, table.tail = table.tail, ""
    return region
