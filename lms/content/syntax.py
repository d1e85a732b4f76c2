"""Python read as a tree, by one thread at a time: two at once confuse CPython 3.11 (SystemError: AST constructor recursion depth mismatch),
and so do two that change what is warned of.
"""

import ast
import threading
import warnings

_ONE_AT_A_TIME = threading.Lock()


def tree_of(source: str) -> ast.Module:
    """Raise SyntaxError; ValueError for a null byte, RecursionError or MemoryError for nesting beyond what Python takes."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in it is no concern of ours
        return ast.parse(source)
