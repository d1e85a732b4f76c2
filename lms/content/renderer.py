"""Which renderer made a page: what a release and every remembered rendering are named by. Told without loading the renderer."""

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

# Modules of this room that have no part in what a text becomes. A new module counts until it is named here.
_NOT_RENDERING = frozenset({"check", "draft", "preview", "publish", "renderer", "shelf", "tables", "tree"})


@lru_cache(maxsize=1)
def renderer_digest() -> str:
    """Changes with everything that could make something else of the same files: our own code and the libraries'."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    libraries = ("markdown", "pymdown-extensions", "pygments", "math-core", "nh3", "pydantic", "pyyaml")
    digest = hashlib.sha256()
    for module in modules:
        if module.stem not in _NOT_RENDERING:
            digest.update(module.read_bytes())
    for library in libraries:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()
