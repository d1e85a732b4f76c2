"""What a browser does not have is said before a learner meets it, and nothing else is."""

import json
import sys

import pytest

from lms.labs.work.absent import absent_from

STANDARD = sys.stdlib_module_names - {"imp", "distutils", "lzma"}
"""As of a newer Python, of which some was left out."""


def told(*sources, modules=(), files=(), imports=("IPython",), text=()):
    """Names of what is told of a hand-out with these code cells, and these cells of text before them."""
    cells = [{"cell_type": "markdown", "source": each} for each in text]
    cells += [{"cell_type": "code", "source": each} for each in sources]
    found = absent_from(
        json.dumps({"cells": cells}).encode(), lab_modules=modules, files=files, there={*STANDARD, *imports}
    )
    assert all(each.why.endswith(".") for each in found)
    return [each.name for each in found]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import numpy as np", ["numpy"]),
        ("from numpy.linalg import norm", ["numpy"]),
        ("def f():\n    import torch", ["torch"]),
        ("import subprocess, os", ["subprocess"]),
        ("import threading\nfrom concurrent.futures import ThreadPoolExecutor", ["threading", "concurrent"]),
        ("import urllib.request", ["urllib"]),
        (
            "import imp, math\nfrom distutils.version import LooseVersion\nimport lzma",
            ["imp", "distutils", "lzma"],
        ),
        ("!ls -l", ["!"]),
        ("%%bash\nls", ["%%bash"]),
        ("%pip install numpy", ["%pip"]),
        ("import math\n  !squeue", ["!"]),
    ],
)
def test_what_is_missing_is_named(source, names):
    assert told(source) == names


@pytest.mark.parametrize(
    "source",
    [
        "import math, json, collections.abc",
        "from urllib.parse import quote",
        "from . import sibling",
        "import IPython.display",
        "%timeit 1 + 1",
        "x = 'import numpy'  # import torch",
        "s = '''\nhe said !ls\n'''",
        "this is no Python at all (",
        "",
    ],
)
def test_what_works_is_not_named(source):
    assert told(source) == []


def test_what_the_lab_brings_itself_is_there():
    source = "import boreas.sbatch, own, numpy, other"
    assert told(source) == ["boreas", "own", "numpy", "other"]
    assert told(source, modules=["boreas"], files=["own.py", "other.csv"], imports=["numpy"]) == ["other"]


def test_each_is_named_once_in_the_order_of_the_notebook_and_only_code_counts():
    assert told("import torch", ["import numpy\n", "import torch"], text=["import pandas"]) == [
        "torch",
        "numpy",
    ]


def test_why_is_told_by_what_it_is():
    cells = [{"cell_type": "code", "source": "import socket\nimport threading\nimport numpy\nimport imp"}]
    found = absent_from(json.dumps({"cells": cells}).encode(), lab_modules=(), files=(), there=())
    whys = ("network", "threads", "The package numpy", "no imp, though it is one of Python's own modules")
    assert [why in each.why for why, each in zip(whys, found, strict=True)] == [True] * 4
