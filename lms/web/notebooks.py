"""A learner's notebook as harmless HTML: nothing in it can run in the page of whoever looks at it.

Everything in a notebook was written by the learner or by their code. Texts are escaped, HTML and SVG go through an allow-list, images are
shown only from data we decoded ourselves, and the page's policy forbids scripts that are not our own files.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

import nh3
from markupsafe import Markup, escape

from lms.web.plain_markdown import rendered

MOST_CELLS = 400
MOST_TEXT = 60_000
IMAGES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
_ANSI = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.?)", re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """A cell to show. `outputs` are safe HTML. `grade_id` is '' for a cell that is not graded."""

    kind: str
    source: str
    html: Markup
    outputs: tuple[Markup, ...]
    count: str
    grade_id: str


def cells_of(data: bytes) -> list[Cell]:
    """The cells of a notebook file, at most MOST_CELLS; none when it is no notebook."""
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        return []
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    return (
        [_cell(each) for each in cells[:MOST_CELLS] if isinstance(each, dict)]
        if isinstance(cells, list)
        else []
    )


def _cell(cell: dict[str, Any]) -> Cell:
    kind = (
        "markdown"
        if cell.get("cell_type") == "markdown"
        else "code"
        if cell.get("cell_type") == "code"
        else "raw"
    )
    source = _text(cell.get("source"))
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    outputs = cell.get("outputs") if kind == "code" else None
    return Cell(
        kind=kind,
        source=source,
        html=rendered(source) if kind == "markdown" else Markup(),
        outputs=tuple(_output(each) for each in outputs if isinstance(each, dict))
        if isinstance(outputs, list)
        else (),
        count=_text(cell.get("execution_count") or "", limit=20),
        grade_id=_text(marks.get("grade_id"), limit=100)
        if isinstance(marks, dict) and marks.get("solution")
        else "",
    )


def _output(output: dict[str, Any]) -> Markup:
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return _pre(_text(output.get("text")), name)
        case "error":
            trace = output.get("traceback")
            lines = [f"{line}\n" for line in trace] if isinstance(trace, list) else []
            return _pre(_text(lines or f"{output.get('ename')}: {output.get('evalue')}"), "error")
        case "display_data" | "execute_result":
            data = output.get("data")
            return _bundle(data) if isinstance(data, dict) else Markup()
        case _:
            return Markup()


def _bundle(data: dict[str, Any]) -> Markup:
    for kind, magic in IMAGES.items():
        if kind in data:
            try:
                raw = base64.b64decode(_text(data[kind], limit=None), validate=False)
            except (binascii.Error, ValueError):
                continue
            if raw.startswith(magic):
                encoded = base64.b64encode(raw).decode()
                return Markup('<img class="output-image" alt="{}" src="data:{};base64,{}">').format(
                    "Output of the cell", kind, encoded
                )
    if "text/html" in data:
        return Markup('<div class="output-html table-scroll" tabindex="0">{}</div>').format(
            Markup(_clean(_text(data["text/html"])))  # noqa: S704 - what _clean is for
        )
    if "text/markdown" in data:
        return rendered(_text(data["text/markdown"]))
    return _pre(_text(data.get("text/plain")), "result")


def _clean(html: str) -> str:
    # An image could only point at some server that then learns who looks, and when: out-of-page addresses go.
    return nh3.clean(
        html,
        tags=nh3.ALLOWED_TAGS - {"img", "a", "style"},
        clean_content_tags={
            "script",
            "style",
            "template",
            "noscript",
            "iframe",
            "object",
            "embed",
            "svg",
            "math",
        },
        attributes={"th": {"colspan", "rowspan", "scope"}, "td": {"colspan", "rowspan"}},
        link_rel=None,
    )


def _pre(text: str, kind: str) -> Markup:
    return Markup('<pre class="output" data-kind="{}" tabindex="0">{}</pre>').format(
        kind, escape(_ANSI.sub("", text))
    )


def _text(value: Any, limit: int | None = MOST_TEXT) -> str:
    """A notebook's multi-line string, whole or as a list of lines."""
    text = (
        "".join(str(line) for line in value)
        if isinstance(value, list)
        else ""
        if value is None
        else str(value)
    )
    text = text.encode(errors="replace").decode()  # half a surrogate pair is JSON, but no page
    if limit is not None and len(text) > limit:
        return text[:limit] + "\n[…]"
    return text
