"""Runs in Pyodide under Node: makes a zip of sources one of byte code, the same bytes every time.

Byte code is checked against nothing when it is imported (there are no sources beside it), and nothing is compressed inside the zip: the
whole is, on its way to the browser.
"""

import importlib.util
import io
import marshal
import zipfile
from contextlib import suppress
from pathlib import Path

UNCHECKED = (1).to_bytes(4, "little")
"""The flags of byte code that is found by a hash which is never compared: PEP 552."""
EPOCH = (1980, 1, 1, 0, 0, 0)


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
            target.writestr(zipfile.ZipInfo(name + ending, EPOCH), data)
    Path(path).write_bytes(made.getvalue())
