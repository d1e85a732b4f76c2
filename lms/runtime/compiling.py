"""Runs in Pyodide under Node: makes a zip of sources one of byte code, the same bytes every time, and tells what its Python comes with.

Byte code is checked against nothing when it is imported (there are no sources beside it), and nothing is compressed inside the zip: the
whole is, on its way to the browser.
"""

import importlib
import importlib.util
import io
import json
import marshal
import sys
import warnings
import zipfile
from contextlib import redirect_stdout, suppress
from pathlib import Path

UNCHECKED = (1).to_bytes(4, "little")
"""The flags of byte code that is found by a hash which is never compared: PEP 552."""
PRANKS = {"antigravity", "this"}
"""Modules that do something when they are imported."""


def compiled(path: str) -> None:
    """Replaces the zip or wheel at `path`. What does not compile (templates, old syntax in a test) stays as it is."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as sources, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(sources.namelist()):
            if name.endswith("/"):
                continue
            data, ending = sources.read(name), ""
            if name.endswith(".py"):
                with suppress(SyntaxError):
                    code = compile(data, name, "exec", dont_inherit=True)
                    data = (
                        importlib.util.MAGIC_NUMBER
                        + UNCHECKED
                        + importlib.util.source_hash(data)
                        + marshal.dumps(code)
                    )
                    ending = "c"
            target.writestr(zipfile.ZipInfo(name + ending), data)
    Path(path).write_bytes(made.getvalue())


def standard() -> str:
    """Names of the modules that this Python comes with and can import, as a JSON list. It lists more than it has: what a browser cannot
    have, and what was left out to be small.
    """
    return json.dumps([name for name in sorted(sys.stdlib_module_names) if name in PRANKS or _is_there(name)])


def _is_there(name: str) -> bool:
    with suppress(ImportError), warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        importlib.import_module(name)
        return True
    return False
