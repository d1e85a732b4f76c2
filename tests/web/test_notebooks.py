"""A learner's notebook is shown to whoever marks it, and nothing in it runs, loads or hides there."""

import base64
import json
import re

import pytest

from lms.web.notebooks import MOST_CELLS, MOST_TEXT, cells_of
from lms.web.plain_markdown import rendered

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 20).decode()


def notebook(*cells):
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def output(**data):
    return {
        "output_type": "display_data",
        "data": {key.replace("_", "/"): value for key, value in data.items()},
    }


def code(*outputs, source="x"):
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "execution_count": 1,
        "outputs": list(outputs),
    }


def html_of(*cells):
    """Everything of it that stands in a page unescaped."""
    shown = cells_of(notebook(*cells))
    assert len(shown) == len(cells)
    return "".join(f"{cell.html}{''.join(cell.outputs)}" for cell in shown)


HOSTILE = [
    "<script>alert(1)</script>kept",
    "<img src=x onerror=alert(1)>kept",
    "<svg onload=alert(1)><script>alert(1)</script></svg>kept",
    "<svg/onload=alert(1)>kept</svg>kept",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>kept",
    "<a href='javascript:alert(1)'>kept</a>",
    "<a href='https://evil.example'>kept</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>kept",
    "<object data='https://evil.example'></object>kept",
    "<style>body{display:none}</style>kept",
    "<p style='position:fixed;inset:0'>kept</p>",
    "<p class='page' id='main' onclick='alert(1)'>kept</p>",
    "<form action='https://evil.example'><button>kept</button></form>",
    "<meta http-equiv='refresh' content='0;url=https://evil.example'>kept",
    "<base href='https://evil.example'>kept",
    "<link rel=stylesheet href='https://evil.example'>kept",
    "<table background='https://evil.example'><tr><td>kept</td></tr></table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></p></noscript>kept",
    "<template><script>alert(1)</script></template>kept",
    "<!--><script>alert(1)</script>-->kept",
    "</div></main><h1>kept</h1>",
    "<details open ontoggle=alert(1)>kept</details>",
    "<video><source onerror=alert(1)></video>kept",
    "<b><b>" * 2000 + "kept",
]
FORBIDDEN = re.compile(
    r"<\s*/?\s*(script|img|svg|math|a|iframe|object|style|form|button|input|meta|base|link|template|main|video|source)\b"
    r"|<[^>]*\b(on\w+|style|class|id|href|src|action|background|srcdoc)\s*="
    r"|<[^>]*(javascript:|evil\.example)",
    re.IGNORECASE,
)


def without_our_own_frame(html):
    assert html.startswith('<div class="output-html table-scroll" tabindex="0">')
    return html.removeprefix('<div class="output-html table-scroll" tabindex="0">')


@pytest.mark.parametrize("html", HOSTILE, ids=lambda html: html[:40])
def test_html_that_was_put_out_cannot_run_load_or_cover_anything(html):
    shown = without_our_own_frame(html_of(code(output(text_html=html))))
    assert "kept" in shown or "noscript" in html or "template" in html or "<!--" in html
    assert not FORBIDDEN.search(shown), shown
    assert shown.count("<div") + 1 == shown.count("</div>")


@pytest.mark.parametrize(
    "text", [*HOSTILE, "[kept](javascript:alert(1))", "![kept](https://evil.example/x.png)"]
)
def test_markdown_of_a_learner_is_words_and_nothing_else(text):
    for shown in (
        html_of({"cell_type": "markdown", "source": text}),
        html_of(code(output(text_markdown=text))),
    ):
        assert "kept" in shown
        assert not re.search(r"<\s*(script|img|svg|a|iframe|style|form|input|link|meta)\b|<[^>]*=", shown), (
            shown
        )


def test_what_a_table_needs_is_kept():
    shown = html_of(
        code(output(text_html="<table><tr><th scope='row' colspan='2'>a</th><td>1</td></tr></table>"))
    )
    assert '<th scope="row" colspan="2">a</th>' in shown or '<th colspan="2" scope="row">a</th>' in shown


@pytest.mark.parametrize(
    "made",
    [
        {"output_type": "stream", "name": "stdout", "text": "<script>alert(1)</script>"},
        {"output_type": "stream", "name": '"><script>', "text": ["<script>", "alert(1)"]},
        {"output_type": "error", "ename": "<script>", "evalue": "</pre><script>", "traceback": []},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31m<script>\x1b[0m"]},
        {"output_type": "execute_result", "data": {"text/plain": "<script>"}},
        {
            "output_type": "execute_result",
            "data": {"image/svg+xml": "<svg onload=alert(1)>", "text/plain": "<script>"},
        },
        {
            "output_type": "execute_result",
            "data": {"application/javascript": "alert(1)", "text/plain": "<script>"},
        },
        {"output_type": "execute_result", "data": {"text/html": ["<scr", "ipt>alert(1)</script>"]}},
    ],
)
def test_what_was_printed_is_text(made):
    shown = html_of(code(made))
    assert "<script" not in shown
    assert "\x1b" not in shown


def test_an_image_is_shown_only_when_it_is_one():
    assert f'src="data:image/png;base64,{PNG}"' in html_of(code(output(image_png=PNG)))
    svg = base64.b64encode(b"<svg onload=alert(1)>").decode()
    for wrong in (svg, "not base64 \x00", '"><script>', "é", 5, {"a": 1}):
        shown = html_of(code(output(image_png=wrong, text_plain="instead")))
        assert "<img" not in shown
        assert "instead" in shown


def test_colours_and_cursor_moves_of_a_terminal_are_left_out():
    made = {
        "output_type": "stream",
        "text": "\x1b[1;31mred\x1b[0m \x1b[2J\x1b[?25lplain \x1b]8;;https://evil\x07link",
    }
    assert re.search(r"red plain [^\x1b]*link", html_of(code(made)))


def test_a_huge_output_is_cut_and_a_huge_notebook_is_shown_in_part():
    made = {"output_type": "stream", "text": "x" * (MOST_TEXT * 5)}
    assert len(html_of(code(made))) < MOST_TEXT + 500
    assert len(cells_of(notebook(*[code()] * (MOST_CELLS + 50)))) == MOST_CELLS


@pytest.mark.parametrize(
    "data",
    [
        b"", b"null", b"[]", b'{"cells": 5}', b'{"cells": {"a": 1}}', b"\xff\xfe", b"[" * 100_000, b"NaN",
        b'{"cells": [1, null, "x", []]}', b'{"cells": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_notebook_has_no_cells(data):
    assert cells_of(data) == []


@pytest.mark.parametrize(
    "cell",
    [
        {"cell_type": "code", "source": None, "outputs": 5, "execution_count": {"a": 1}, "metadata": []},
        {"cell_type": ["code"], "source": {"a": 1}},
        {"cell_type": "code", "source": [1, None], "outputs": [1, None, {"output_type": 5}, {"output_type": "stream"}]},
        {"cell_type": "markdown", "source": 5, "metadata": {"nbgrader": {"solution": True, "grade_id": ["x"]}}},
        {"cell_type": "code", "source": "x", "outputs": [{"output_type": "display_data", "data": [1]}]},
        {"cell_type": "code", "source": "x", "outputs": [{"output_type": "display_data", "data": {}}]},
        {"cell_type": "code", "source": "\ud800", "outputs": [{"output_type": "stream", "text": "\udfff"}]},
        {"cell_type": "markdown", "source": "a \ud800 b"},
        {"cell_type": "code", "source": "x", "outputs": [output(text_html="<b>\ud800</b>")]},
        {"cell_type": "markdown", "source": "> " * 3000 + "deep"},
        {"cell_type": "markdown", "source": "\n".join("    " * n + "- x" for n in range(400))},
        {"cell_type": "markdown", "source": "[" * 20_000 + "*" * 5000 + "`" * 5001 + "_" * 5000},
        {"cell_type": "markdown", "source": "|" * 3000 + "\n" + "|-" * 3000},
        {},
    ],
)  # fmt: skip
def test_no_cell_breaks_the_page(cell):
    (shown,) = cells_of(notebook(cell))
    page = f"{shown.source}{shown.html}{shown.count}{shown.grade_id}{''.join(shown.outputs)}"
    assert page.encode().decode() == page


def test_a_mentors_comment_keeps_its_shape_and_no_html():
    shown = rendered("**Good**, but `a < b` & <script>alert(1)</script>\n\n> quoted\n\n- one\n- two")
    assert "<strong>Good</strong>" in shown
    assert "<blockquote>" in shown
    assert "<li>one</li>" in shown
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
