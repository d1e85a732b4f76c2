"""Grading a shipped lab in the sandbox, against the same cells compiled and executed with nothing around them."""

import json
import statistics
import time
from pathlib import Path

from lms.labs.grade import grade
from lms.labs.source import find_lab

ROUNDS = 15


def run() -> None:
    lab = find_lab("L07")
    data = Path("labs/l07-read-the-bill/lab.ipynb").read_bytes()
    cells = ["".join(cell["source"]) for cell in json.loads(data)["cells"] if cell["cell_type"] == "code"]
    sandboxed, bare = [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        report = grade(lab.exercise, data)
        sandboxed.append(time.perf_counter() - started)
        assert report.score == report.max_score, report
        started = time.perf_counter()
        _execute(cells)
        bare.append(time.perf_counter() - started)
    ratio = statistics.median(a / b for a, b in zip(sandboxed, bare, strict=True))
    print(f"\nGrading lab L07 ({len(cells)} code cells), {ROUNDS} interleaved rounds, medians")
    print(
        f"  two sandboxes, from nothing  {statistics.median(sandboxed) * 1000:7.1f} ms   {ratio:.0f} times bare execution"
    )
    print(f"  bare compile and exec        {statistics.median(bare) * 1000:7.1f} ms")


def _execute(cells: list[str]) -> None:
    namespace: dict = {"__name__": "bare"}
    for cell in cells:
        try:
            exec(compile(cell, "cell", "exec"), namespace)
        except ImportError:  # the practice machine is not importable outside the sandbox
            continue
