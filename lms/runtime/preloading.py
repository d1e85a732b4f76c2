"""Runs in Pyodide under Node, before its memory is kept for browsers: what every notebook needs is done here once, and not in each of them
each time. The kernel is made, and what a first error and a first completion import on top of it is imported.
"""

import gc
import importlib
import os
import sys

LIBRARY = "/lib/kernel"
NEEDED = (
    "decimal", "fractions", "hashlib", "unicodedata", "uuid", "IPython.core.application", "IPython.core.completerlib",
    "IPython.core.crashhandler", "IPython.core.guarded_eval", "IPython.core.latex_symbols", "IPython.core.logger", "IPython.core.magics",
    "IPython.core.oinspect", "IPython.core._dunder_ops", "traitlets.log", "pygments.formatters.html", "pygments.formatters.terminal256",
    "pygments.lexers.python", "stack_data",
)  # fmt: skip

sys.path.append(LIBRARY)
for name in NEEDED:
    importlib.import_module(name)
# Half of what a first traceback takes are the patterns that colour it.
importlib.import_module("pygments.lexers.python").PythonLexer()
importlib.import_module("slipway_kernel").kernel()
del os.environ["PYTHONHASHSEED"]  # it is of this build
# A browser has a file system of its own, and says where its modules are.
sys.path.remove(LIBRARY)
sys.path.remove("")  # Pyodide puts it there at each start
sys.path_importer_cache.clear()
gc.collect()
