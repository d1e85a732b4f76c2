"""The notebook page in Chromium, beside a JupyterLite page of the same lab: seconds to the first output, and what goes over the wire.

Cold is a browser that never was there; warm is the same one, started anew, for its second visit. All four visits follow each other in
each round. The budgets are of a machine that does nothing else, so its load is told.
"""

import os
import statistics
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from lms.runtime.build import KEPT
from lms.runtime.build import build as build_runtime
from lms.runtime.fetch import pyodide, tools
from lms.runtime.recipe import shipped
from lms.settings import Settings
from tests.benchmarks import lite
from tests.benchmarks.site import REPOSITORY, Site, serving
from tests.benchmarks.static import serving_folder
from tests.benchmarks.visits import Notebook, Visit, chromium, visit
from tests.benchmarks.wire import Count, relaying

ROUNDS = 5
LAB, FOLDER, FILES, MODULE = "L04", "l04-fix-the-first-script", ("job.sh", "train.py"), "boreas"
EXPECTED = "line 2: --job-name"
"""In the output of the lab's first code cell."""
TURNS = ("cold", "warm")
BUDGETS = {"cold": 5.0, "warm": 3.0}
"""Seconds from opening our page to the first output, at most."""

OURS = Notebook(
    name="ours",
    path=f"/labs/{LAB}/work",
    ready="html[data-notebook=ready]",
    cell="#cells .nb-cell:has(.nb-run)",
    pressed=".nb-run",
    key="",
    done="#cells .nb-cell[data-state=done] .nb-outputs",
)
LITE = Notebook(
    name="JupyterLite",
    path=lite.PAGE,
    ready=".jp-CodeCell .cm-content",
    cell=".jp-CodeCell",
    pressed=".cm-content",
    key="Shift+Enter",
    done=".jp-CodeCell .jp-OutputArea-output",
)

Found = dict[tuple[str, str], list[Visit]]
"""By the page's name and the turn."""


def run() -> None:
    if chromium() is None:
        print("\nChromium is not installed: the notebook page cannot be measured (apt install chromium)")
        return
    with tempfile.TemporaryDirectory() as folder, _pages(Path(folder)) as pages:
        load, processors = os.getloadavg()[0], os.cpu_count()
        print(f"\nLab {LAB} in Chromium, {ROUNDS} interleaved rounds; medians (and minima)")
        print(f"  before them, a load of {load:.1f} on {processors} processors")
        found = _measure(pages)
        sizes = {notebook.name: _sizes(notebook, port) for notebook, port in pages}
    _tell_times(found)
    _tell_sizes(sizes)


@contextmanager
def _pages(folder: Path) -> Iterator[list[tuple[Notebook, int]]]:
    """What is visited, each with its port: ours, and JupyterLite's where that is installed."""
    root, recipe = Settings().runtime, shipped()
    build_runtime(root, recipe, on_step=lambda _: None)
    with serving(folder / "var", "slipway") as site:
        _begin(site)
        ours = replace(OURS, cookie=site.cookie)
        if not lite.is_there():
            print("\nJupyterLite is not installed: make bench")
            yield [(ours, site.port)]
            return
        package = pyodide(root / KEPT, tools(root / KEPT, recipe))
        built = lite.build(folder, _files(site), REPOSITORY / "labs" / MODULE, package)
        with serving_folder(built) as port:
            yield [(ours, site.port), (LITE, port)]


def _begin(site: Site) -> None:
    form = urlencode({"csrf_token": site.token}).encode()
    _answer(site, f"/labs/{LAB}/start", form)


def _files(site: Site) -> dict[str, bytes]:
    """The lab as a learner has it."""
    given = {name: (REPOSITORY / "labs" / FOLDER / name).read_bytes() for name in FILES}
    return {lite.NOTEBOOK: _answer(site, f"{OURS.path}/notebook"), **given}


def _answer(site: Site, path: str, form: bytes | None = None) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{site.port}{path}", form, {"Cookie": site.cookie})
    with urllib.request.urlopen(request) as response:
        return response.read()


def _measure(pages: list[tuple[Notebook, int]]) -> Found:
    found: Found = {(notebook.name, turn): [] for notebook, _ in pages for turn in TURNS}
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as profiles:
            for turn in TURNS:
                for notebook, port in pages if number % 2 == 0 else pages[::-1]:
                    made = visit(notebook, port, Path(profiles, notebook.name), EXPECTED)
                    found[notebook.name, turn].append(made)
    return found


def _sizes(notebook: Notebook, port: int) -> dict[str, Count]:
    """By turn."""
    sizes = {}
    with tempfile.TemporaryDirectory() as profile, relaying(port) as relay:
        for turn in TURNS:
            before = relay.count()
            visit(notebook, relay.port, Path(profile), EXPECTED)
            sizes[turn] = relay.count().since(before)
    return sizes


def _tell_times(found: Found) -> None:
    print(f"{'':24}{'page usable':>16}{'run to output':>18}{'first output':>18}")
    for (name, turn), visits in found.items():
        phases = (
            f"{_both([each.ready for each in visits]):>16}",
            f"{_both([each.output - each.run for each in visits]):>18}",
            f"{_both([each.output for each in visits]):>18}",
        )
        budget = f"   budget {BUDGETS[turn]:.0f} s" if name == OURS.name else ""
        print(f"  {name + ', ' + turn:22}{''.join(phases)}{budget}")
    for turn in TURNS:
        if (LITE.name, turn) in found:
            ours, theirs = (
                statistics.median(each.output for each in found[name, turn])
                for name in (OURS.name, LITE.name)
            )
            print(f"  {turn}: JupyterLite takes {theirs / ours:.1f} times as long as ours")


def _both(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f})"


def _tell_sizes(sizes: dict[str, dict[str, Count]]) -> None:
    print("  over the wire, headers and all:")
    for name, counts in sizes.items():
        told = (
            f"{turn} {count.received / 1e6:6.2f} MB in {count.requests:3} requests"
            for turn, count in counts.items()
        )
        print(f"  {name:22}  {', '.join(told)}")
