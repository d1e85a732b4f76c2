"""Python's side of the notebook page, outside of a browser: beside the IPython that graded notebooks have, and in a process of its own,
since it takes the place of input, of sleep and of what is printed to.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lms.runtime
from lms.labs.sandbox.host import find_kernel

SOURCES = Path(lms.runtime.__file__).parent
DRIVER = """
import asyncio, json, os, sys
sys.path.append(sys.argv[1])
import slipway_kernel
slipway_kernel.FOLDER = os.getcwd()
slipway_kernel.ENVIRONMENT.clear()
told, asked, out = [], [], sys.stdout

def ask(run, prompt, password):
    asked.append([prompt, password])
    return "Ada"

kernel = slipway_kernel.kernel()
kernel.connect(lambda text: told.append(json.loads(text, parse_constant=sys.exit)), ask)
kernel.before("seed = 0")
results = []
for number, (what, *arguments) in enumerate(json.loads(sys.argv[2])):
    if what == "run":
        results.append(json.loads(asyncio.run(kernel.run(number, *arguments))))
    elif what == "has_changed_files":
        results.append(kernel.has_changed_files())
    else:
        results.append(json.loads(getattr(kernel, what)(*arguments)))
out.write(json.dumps({"results": results, "told": told, "asked": asked}))
"""


@pytest.fixture
def python(tmp_path):
    """A function of what is asked of the kernel, `(method, argument, ...)` each: what came of it, all at once."""

    def drive(*asked):
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, SOURCES, json.dumps(asked)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(find_kernel()), "IPYTHONDIR": str(tmp_path / ".ipython")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return drive


def test_what_a_cell_prints_shows_and_asks_is_told_as_outputs(python):
    done = python(
        ["run", "import sys; print('out', seed); print('err', file=sys.stderr); 6 * 7"],
        ["run", "name = input('Who? '); name"],
    )
    printed, shown = {"stdout": "", "stderr": ""}, []
    for output in (each["output"] for each in done["told"]):
        if output["output_type"] == "stream":
            printed[output["name"]] += output["text"]
        else:
            shown.append((output["output_type"], output["data"]["text/plain"]))
    assert printed == {"stdout": "out 0\n", "stderr": "err\n"}
    assert shown == [("execute_result", "42"), ("execute_result", "'Ada'")]
    assert {each["run"] for each in done["told"]} == {0, 1}
    assert done["asked"] == [["Who? ", False]]
    assert [each["status"] for each in done["results"]] == ["ok", "ok"]


def test_how_a_cell_ends_is_told(python):
    codes = ("1/0", "raise KeyboardInterrupt", "exit()", "raise SystemExit(3)", "x = (", "!ls")
    done = python(*(["run", code] for code in codes))
    ends = [(each["status"], each.get("ename")) for each in done["results"]]
    assert ends == [
        ("error", "ZeroDivisionError"),
        ("interrupted", "KeyboardInterrupt"),
        ("ok", None),
        ("error", "SystemExit"),
        ("error", "SyntaxError"),
        ("error", "RuntimeError"),
    ]


def test_numbers_that_json_has_not_are_words_and_lose_no_output(python):
    code = (
        "from IPython.display import display\n"
        "display({'application/json': {'loss': [float('nan'), float('inf'), 1.5], 3: -float('inf')}}, raw=True)"
    )
    (told,) = python(["run", code])["told"]
    assert told["output"]["data"] == {"application/json": {"loss": ["nan", "inf", 1.5], "3": "-inf"}}


def test_a_flood_is_cut_with_a_word_about_it(python):
    done = python(["run", "for i in range(200_000): print('x' * 100)"])
    texts = [each["output"]["text"] for each in done["told"]]
    assert sum(map(len, texts)) < 1_000_200
    assert "the rest is not shown" in texts[-1]
    assert python(["run", "for i in range(600): display(i)"])["told"][-1]["output"]["name"] == "stderr"


def test_completions_and_help_count_characters_as_python_does(python):
    code = "'🎉'; import os; os.getc"
    done = python(["run", "import os"], ["complete", code, len(code)], ["inspect", "'🎉'; print", 9])
    completed, inspected = done["results"][1:]
    assert [each["label"] for each in completed["options"]] == ["getcwd", "getcwdb"]
    assert code[completed["from"] : completed["to"]] == "getc"
    assert inspected["found"]
    assert "sep" in inspected["text"]


def test_the_working_folder_is_listed_without_what_is_hidden(python):
    code = (
        "import os\nfor name in ('notes/a.txt', '.hidden/b.txt', '__pycache__/c.pyc', 'd.txt'):\n"
        "    os.makedirs(os.path.dirname(name) or '.', exist_ok=True)\n    open(name, 'w').write(name)"
    )
    done = python(
        ["has_changed_files"], ["run", code], ["has_changed_files"], ["has_changed_files"], ["files"]
    )
    first, _, changed, again, files = done["results"]
    assert [first, changed, again] == [False, True, False]
    assert [(each["name"], each["size"]) for each in files] == [("d.txt", 5), ("notes/a.txt", 11)]
