"""What a lab uses and a browser does not have, told before a learner starts and not by a traceback. Pure."""

import ast
import json
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from lms.content.dialect import as_python
from lms.content.syntax import tree_of
from lms.words import gettext as _

IMPOSSIBLE = {
    "subprocess": "programs",
    "multiprocessing": "processes",
    "threading": "threads",
    "concurrent": "threads",
    "socket": "network",
    "ssl": "network",
    "urllib": "network",
    "http": "network",
    "requests": "network",
    "tkinter": "windows",
    "curses": "windows",
}
"""Modules of what no browser gives a notebook, by what it is."""
_HARMLESS = frozenset({"urllib.parse", "urllib.error"})
"""Parts of those that need nothing of it."""
_SHELL = re.compile(r"^\s*(!|%%(bash|sh|script|system)\b|%(system|sx|pip|conda)\b)")


@dataclass(frozen=True)
class Absent:
    """`name` is what the notebook writes; `why` a sentence."""

    name: str
    why: str


def absent_from(
    handout: bytes, *, lab_modules: Collection[str], files: Collection[str], there: Collection[str]
) -> list[Absent]:
    """In the order of the notebook, each once. `files` are the names handed out beside it; `there` names all that the browser's Python
    can import, its standard library too.
    """
    own = {*lab_modules, *(name.removesuffix(".py") for name in files if name.endswith(".py"))}
    found: dict[str, Absent] = {}
    for source in _code(handout):
        for line in source.splitlines():
            if shell := _SHELL.match(line):
                name = shell[1].strip()
                found.setdefault(
                    name,
                    Absent(
                        name,
                        _(
                            "Lines that begin with %(name)s start programs, which a browser has none of.",
                            name=name,
                        ),
                    ),
                )
        for module in _imported(source):
            name = module.partition(".")[0]
            if module not in _HARMLESS and name not in own and (why := _why(name, there)):
                found.setdefault(name, Absent(name, why))
    return list(found.values())


def _why(name: str, there: Collection[str]) -> str:
    """Why `name` cannot be imported, or is of no use; '' when it can."""
    if name in IMPOSSIBLE:
        return {
            "programs": _("Other programs cannot be started from a browser."),
            "processes": _("There is one process only in a browser."),
            "threads": _("There are no threads in a browser's Python."),
            "network": _("Notebooks here have no network, whatever they ask for."),
            "windows": _("There is no screen to open windows on."),
        }[IMPOSSIBLE[name]]
    if name in there:
        return ""
    if name in sys.stdlib_module_names:
        return _("The browser's Python has no %(name)s, though it is one of Python's own modules.", name=name)
    return _("The package %(name)s is not part of this site's Python for the browser.", name=name)


def _code(handout: bytes) -> Iterator[str]:
    notebook: dict[str, Any] = json.loads(handout)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            source = cell["source"]
            yield source if isinstance(source, str) else "".join(source)


def _imported(source: str) -> Iterator[str]:
    """Modules, with their packages before them."""
    try:
        tree = tree_of(as_python(source))
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
