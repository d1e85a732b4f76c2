"""Where links lead. Authors point at files; readers get addresses: lessons, courses, labs, and files by their digest."""

import hashlib
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from html import escape
from urllib.parse import SplitResult, unquote, urlsplit

from lms.content import images
from lms.content.markdown import Link
from lms.content.model import Option, Question
from lms.content.page import Page
from lms.content.problem import Problem, error
from lms.content.sanitise import LINK_SCHEME

IMAGES = frozenset({".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"})
# Files that a learner may take along. Nothing that a browser would run as a page of ours.
DOWNLOADS = frozenset(
    {
        ".csv",
        ".def",
        ".ipynb",
        ".json",
        ".md",
        ".mmd",
        ".pdf",
        ".py",
        ".sbatch",
        ".sh",
        ".slurm",
        ".toml",
        ".tsv",
        ".txt",
    }
    | {".yaml", ".yml", ".zip"}
)

_PLACEHOLDER = re.compile(rf'(href|src)="{LINK_SCHEME}:(\d+)"')


@dataclass
class Addresses:
    """The address of everything that can be linked to, and what was linked to so far: `assets`, path to digest."""

    files: Mapping[str, bytes]
    pages: dict[str, tuple[str, Page]] = field(default_factory=dict)
    labs: dict[str, str] = field(default_factory=dict)
    assets: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _told: set[tuple[str, int, str]] = field(default_factory=set)
    _attributes: dict[str, str] = field(default_factory=dict)

    def resolve(self, page: Page) -> tuple[str, tuple[Question, ...]]:
        """The page's HTML and questions with real addresses. Broken links become problems and lead nowhere."""
        attributes = [self._image(link) if link.image else self._link(link, page) for link in page.links]

        def put(html: str) -> str:
            return (
                _PLACEHOLDER.sub(lambda found: _attribute(found, attributes), html)
                if LINK_SCHEME in html
                else html
            )

        return put(page.html), tuple(_resolved(question, put) for question in page.questions)

    def _link(self, link: Link, page: Page) -> str:
        url = urlsplit(link.target)
        if url.scheme or url.netloc:
            return self._elsewhere(link, url)
        path = self._path(link, unquote(url.path)) if url.path else link.path
        if path is None:
            return 'href="#"'
        if url.path and path not in self.pages:
            return self._file(link, path, DOWNLOADS | IMAGES, "href")
        address, target = self.pages[path] if url.path else ("", page)
        if url.fragment and unquote(url.fragment) not in target.anchors:
            close = get_close_matches(unquote(url.fragment), target.anchors, n=1)
            hint = f"Did you mean #{close[0]}?" if close else f"It has {_listed(target.anchors)}."
            return self._broken(
                link, "broken-anchor", f"There is no heading #{url.fragment} in {path}.", hint
            )
        return f'href="{escape(address)}{"#" + escape(url.fragment) if url.fragment else ""}"'

    def _elsewhere(self, link: Link, url: SplitResult) -> str:
        if url.scheme in {"http", "https"} and url.netloc:
            return f'href="{escape(link.target)}" rel="noopener noreferrer"'
        if url.scheme == "mailto":
            return f'href="{escape(link.target)}"'
        if url.scheme == "lab":
            return self._lab(link, url.path)
        kind = f"Links that begin with {url.scheme or '/'}{':' if url.scheme else '/'} are not taken."
        return self._broken(link, "link-scheme", kind, "Use https, or the path of a file.")

    def _lab(self, link: Link, lab: str) -> str:
        if lab in self.labs:
            return f'href="{escape(self.labs[lab])}"'
        known = ", ".join(sorted(self.labs)) or "none yet"
        return self._broken(link, "unknown-lab", f"There is no lab {lab!r}.", f"Labs are {known}.")

    def _image(self, link: Link) -> str:
        if urlsplit(link.target).scheme or link.target.startswith("//"):
            return self._broken(
                link,
                "image-elsewhere",
                f"The image {link.target} is on another site.",
                "Put it beside the lesson: readers are not sent elsewhere unasked.",
                "src",
            )
        path = self._path(link, unquote(urlsplit(link.target).path), "missing-image")
        return 'src=""' if path is None else self._file(link, path, IMAGES, "src")

    def _path(self, link: Link, target: str, code: str = "broken-link") -> str | None:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(link.path), target))
        if target.startswith("/"):
            self._broken(
                link,
                code,
                f"{target} is an address, not a file.",
                "Write the path of the file from here, such as ../c01/02-habits.md, or lab:ID.",
            )
        elif path not in self.files or path.startswith("../"):
            name = posixpath.basename(path)
            near = [other for other in self.files if posixpath.basename(other) == name] or get_close_matches(
                path, self.files, n=1, cutoff=0.8
            )
            hint = f"Is it {posixpath.relpath(near[0], posixpath.dirname(link.path))}?" if near else ""
            self._broken(link, code, f"There is no file {target} here.", hint)
        else:
            return path
        return None

    def _file(self, link: Link, path: str, allowed: frozenset[str], attribute: str) -> str:
        extension = posixpath.splitext(path)[1].lower()
        data = self.files[path]
        if extension not in allowed:
            return self._broken(
                link,
                "file-kind",
                f"{path} is not of a kind that can be used here.",
                f"Kinds are {', '.join(sorted(allowed))}.",
                attribute,
            )
        if extension == ".svg" and (unsafe := images.unsafe_svg(data)):
            return self._broken(
                link,
                "unsafe-svg",
                f"{path} would run something: {unsafe}",
                "Export it as a plain picture.",
                attribute,
            )
        if attribute == "src" and len(data) > images.MAX_BYTES:
            return self._broken(
                link,
                "image-too-large",
                f"{path} has {len(data) / 1e6:.1f} MB; at most 1 MB is taken.",
                "Scale it down, or draw it as SVG.",
                attribute,
            )
        key = f"{attribute} {path}"
        if key not in self._attributes:
            digest = self.assets[path] = hashlib.sha256(data).hexdigest()
            size = images.size_of(data, extension) if attribute == "src" else None
            extent = f' width="{size[0]}" height="{size[1]}"' if size else ""
            self._attributes[key] = f'{attribute}="/assets/{digest}{extension}"{extent}'
        return self._attributes[key]

    def _broken(self, link: Link, code: str, message: str, hint: str, attribute: str = "href") -> str:
        if (link.path, link.line, message) not in self._told:
            self._told.add((link.path, link.line, message))
            self.problems.append(error(link.path, link.line, code, message, hint))
        return 'href="#"' if attribute == "href" else 'src=""'


def _attribute(found: re.Match[str], attributes: list[str]) -> str:
    """Raw HTML may name a number that there is not; it leads nowhere."""
    number = int(found[2])
    fits = number < len(attributes) and attributes[number].startswith(found[1])
    return attributes[number] if fits else f'{found[1]}=""'


def _resolved(question: Question, put: Callable[[str], str]) -> Question:
    return replace(
        question,
        prompt=put(question.prompt),
        explanation=put(question.explanation),
        hint=put(question.hint),
        options=tuple(
            Option(option.id, put(option.text), option.correct, put(option.feedback))
            for option in question.options
        ),
    )


def _listed(anchors: list[str]) -> str:
    return ", ".join(f"#{anchor}" for anchor in anchors[:8]) or "none"
