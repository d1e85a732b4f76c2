"""What authors write becomes HTML that is safe, accessible and the same every time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.content.load import load
from lms.content.markdown import Renderer
from lms.content.model import Heading
from lms.content.sanitise import sanitise


@pytest.fixture(scope="module")
def renderer():
    return Renderer()


@pytest.fixture
def html(renderer):
    return lambda text: renderer.render(text, "a.md")[0].html


def test_code_is_a_figure_with_its_title_and_marked_lines(html):
    shown = html('```bash title="job.sh" hl_lines="2"\n#!/bin/bash\nsrun x < y\n```')
    assert shown.startswith(
        '<figure class="code" data-language="bash"><figcaption>job.sh</figcaption><pre tabindex="0"><code>'
    )
    assert '<span class="hll">srun' in shown
    assert "&lt;" in shown
    assert "<button" not in shown


def test_a_language_that_nobody_knows_is_shown_as_text(html):
    assert "<code>x &lt; y\n</code>" in html("```klingon\nx < y\n```")


def test_a_table_scrolls_by_keyboard_and_is_named_by_its_columns(html):
    shown = html("| Node | GPUs |\n|---|--:|\n| a | 4 |")
    assert '<div aria-label="Node, GPUs" class="table-scroll" role="region" tabindex="0"><table>' in shown
    assert '<td class="align-right">4</td>' in shown


def test_maths_becomes_mathml_without_styles(html):
    shown = html("So $E = S/n$ and\n\n$$\n\\begin{aligned} a &< b \\\\ c &= d \\end{aligned}\n$$")
    assert '<span class="maths"><math><mi>E</mi>' in shown
    assert "</span> and" in shown
    assert '<math display="block"><mtable' in shown
    assert '<mtd class="math-right">' in shown


def test_headings_have_anchors_that_are_stable_and_different(renderer):
    text, _ = renderer.render(
        "## The `sbatch` rule\n\n### What it costs\n\n## The *sbatch* rule\n\n#### Deep", "a.md"
    )
    assert text.headings == [
        Heading(2, "the-sbatch-rule", "The sbatch rule"),
        Heading(3, "what-it-costs", "What it costs"),
        Heading(2, "the-sbatch-rule-2", "The sbatch rule"),
    ]
    assert text.anchors == ["the-sbatch-rule", "what-it-costs", "the-sbatch-rule-2", "deep"]
    assert '<h4 id="deep">' in text.html


def test_boxes_details_and_tabs(html):
    shown = html(
        "/// mistake\nx\n///\n\n/// details | More\ny\n///\n\n/// tab | LUMI\na\n///\n/// tab | MN5\nb\n///"
    )
    assert '<div class="admonition mistake">\n<p class="admonition-title">What goes wrong</p>' in shown
    assert "<details>\n<summary>More</summary>" in shown
    assert shown.count('type="radio"') == 2
    for number in (1, 2):
        assert f'id="__tabbed_1_{number}"' in shown
        assert f'for="__tabbed_1_{number}"' in shown


def test_a_box_in_a_box_has_fewer_slashes(renderer):
    text, _ = renderer.render("//// note | Outer\n/// tip | Inner\nx\n///\n////", "a.md")
    assert text.problems == []
    assert text.html.count("admonition-title") == 2


def test_task_lists_footnotes_and_definitions(html):
    shown = html("- [ ] stage\n- [x] run\n\nA[^1]\n\n[^1]: B\n\nTerm\n:   Meaning")
    assert '<input type="checkbox" disabled="" aria-label="to do"> stage' in shown
    assert '<input type="checkbox" disabled="" checked="" aria-label="done"> run' in shown
    assert 'href="#fn:1"' in shown
    assert 'id="fn:1"' in shown
    assert "<dt>Term</dt>\n<dd>Meaning</dd>" in shown


def test_one_text_leaves_no_trace_in_the_next(renderer):
    alone = renderer.render("A[^1]\n\n[^1]: B\n\n## Same\n\n/// tab | T\nx\n///", "a.md")[0]
    again = renderer.render("A[^1]\n\n[^1]: B\n\n## Same\n\n/// tab | T\nx\n///", "a.md")[0]
    assert alone == again


def test_links_lead_to_lessons_labs_assets_and_elsewhere(good, lesson):
    loaded = load(
        lesson(
            "[a](02-cost.md#the-rule) [b](course.md) [c](lab:L04) [d](images/stop-rule.svg) [e](https://x.org) [f](#here)\n\n## Here"
        ),
        workshop=None,
    )
    assert [problem.code for problem in loaded.problems] == []
    shown = loaded.blobs[loaded.draft.courses[0].lessons[0].html].decode()
    digest = loaded.draft.assets["courses/c01/images/stop-rule.svg"]
    assert re.findall(r"<a ([^>]*)>", shown) == [
        'href="/courses/C01/C01-2#the-rule"',
        'href="/courses/C01"',
        'href="/labs/L04"',
        f'href="/assets/{digest}.svg"',
        'href="https://x.org" rel="noopener noreferrer"',
        'href="#here"',
    ]


def test_an_image_is_a_figure_with_its_size_and_caption(good):
    loaded = load(good, workshop=None)
    shown = loaded.blobs[loaded.draft.courses[0].lessons[0].html].decode()
    assert re.search(
        r'<figure><img alt="A script and its two readers" loading="lazy" src="/assets/[0-9a-f]{64}\.svg" width="64" height="32">'
        r"<figcaption>Who reads what</figcaption></figure>",
        shown,
    )


def test_answers_and_explanations_are_not_in_the_lesson(good):
    loaded = load(good, workshop=None)
    for lesson in loaded.draft.courses[0].lessons:
        shown = loaded.blobs[lesson.html].decode()
        assert lesson.questions
        for question in lesson.questions:
            assert f'<div data-question="{question.id}"></div>' in shown
            secrets = [question.prompt, question.explanation, str(question.answer), *question.accept]
            secrets += [
                text for option in question.options for text in (option.id, option.text, option.feedback)
            ]
            assert not [secret for secret in secrets if secret and secret in shown]


def test_a_question_may_show_code(lesson):
    block = "```question\nid: q\ntype: order\nprompt: |\n  Order:\n\n  ```bash\n  srun x\n  ```\n"
    loaded = load(lesson(block + "options: [{text: a}, {text: b}]\nexplanation: x\n```\n"), workshop=None)
    assert [problem.code for problem in loaded.problems if problem.severity == "error"] == []
    (question,) = loaded.draft.courses[0].lessons[0].questions
    assert question.prompt.startswith('<p>Order:</p>\n<figure class="code" data-language="bash">')


def test_a_box_may_begin_with_code(renderer):
    text, _ = renderer.render("/// cloud | `kubectl`\n`kubectl apply` checks.\n///", "a.md")
    assert text.problems == []
    assert "<p><code>kubectl apply</code> checks.</p>" in text.html


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1) ",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "![x](javascript:alert(1))",
    '[x](https://x.org "\\" onmouseover=alert(1) \\"")',
    "<svg onload=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$$\n<script>alert(1)</script>\n$$",
    '```bash title="<script>alert(1)</script>"\nx\n```',
    '```bash title="x" onclick="alert(1)"\nx\n```',
    "```<script>alert(1)</script>\n</code><script>alert(1)</script>\n```",
    "/// note | <img src=x onerror=alert(1)>\n    attrs: {onclick: alert(1), style: 'x'}\n\nx\n///",
    "/// details | x\n    attrs: {ontoggle: alert(1)}\n\nx\n///",
    "## <b onclick=alert(1)>x</b>",
    '*[HPC]: x" onmouseover="alert(1)\n\nHPC',
    "[^1]\n\n[^1]: <iframe src=javascript:alert(1)>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<form action=https://x.org><input type=submit formaction=javascript:alert(1)></form>",
    "<b style='background:url(javascript:alert(1))'>x</b>",
    "<base href=https://x.org><link rel=stylesheet href=https://x.org/a.css><meta http-equiv=refresh content=0>",
    "<https://x.org/?'onclick='alert(1)>",
    "slipway-link:0 <a href='slipway-link:99'>x</a>",
]

WRITTEN_AS_HTML = ("<script", "<img", "<svg", "<form", "<base", "<a", "## ")
_TAGS = re.compile(r"<([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:=\"[^\"]*\")?)*)\s*/?>")


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_survives(text, lesson):
    loaded = load(lesson(text), workshop=None)
    shown = loaded.blobs[loaded.draft.courses[0].lessons[0].html].decode()
    for tag, attributes in _TAGS.findall(shown):
        assert tag not in {
            "script",
            "iframe",
            "svg",
            "style",
            "form",
            "base",
            "link",
            "meta",
            "object",
            "embed",
        }
        names = re.findall(r'([\w:-]+)="', attributes)
        assert not [
            name for name in names if name.startswith("on") or name in {"style", "formaction", "srcdoc"}
        ]
        assert not re.search(r'(href|src)="\s*(javascript|data|slipway-link):', attributes, re.IGNORECASE)
    assert len(_TAGS.findall(shown)) == shown.count("<") - shown.count("</"), shown


@pytest.mark.parametrize(
    "text",
    [text for text in HOSTILE if text.startswith(WRITTEN_AS_HTML)],
)
def test_hostile_html_is_reported_and_not_only_removed(text, lesson):
    assert {"unsafe-html", "raw-html"} & {
        problem.code for problem in load(lesson(text), workshop=None).problems
    }


def test_html_in_code_is_only_text(lesson):
    inline, block = "`<script>` and ``<b onclick='x'>``", "```html\n<script>x</script>\n```"
    listed = "- x\n\n    ```html\n    <script>\n    ```"
    assert load(lesson(f"{inline}\n\n{block}\n\n{listed}\n\n<!-- <script> -->"), workshop=None).problems == ()


@given(st.text(alphabet="<>&\"'/= abonscript:img*_`[]()!#$^|~-{}\\\n", max_size=120))
def test_whatever_is_written_comes_out_clean(text):
    shown = _RENDERER.render(text, "a.md")[0].html
    assert sanitise(shown) == shown
    assert "<script" not in shown.lower()


_RENDERER = Renderer()
