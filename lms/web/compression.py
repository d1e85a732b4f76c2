"""The files of the interface as they travel: compressed, each once in the life of a process."""

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Response, request
from werkzeug.security import safe_join

GAINS = frozenset({".css", ".js", ".svg", ".md", ".txt"})
"""Endings of what becomes smaller. Fonts and images are compressed already."""
QUALITY = 9
"""Of brotli's eleven: the largest script takes a fifth of a second by it. The best takes three for a tenth less, while somebody waits."""
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda data: brotli.compress(data, quality=QUALITY),
    "gzip": lambda data: gzip.compress(data, mtime=0),
}
"""Best first."""


def taken(encodings: Iterable[str]) -> str | None:
    """The first of these that the browser takes, None when it takes none."""
    accepted = request.accept_encodings
    return next((each for each in encodings if accepted[each] > 0), None)


def compressed(folder: Path, path: str) -> Response | None:
    """The file at `path` below `folder`, with an entity tag of its own for each encoding; None where it goes out as it is, or is none."""
    encoding, found = taken(ENCODINGS), safe_join(str(folder), path)
    if encoding is None or found is None or not Path(found).is_file() or Path(found).suffix not in GAINS:
        return None
    data = _once(Path(found), Path(found).stat().st_mtime_ns, encoding)
    response = Response(data, mimetype=mimetypes.guess_type(found)[0])
    response.headers["Content-Encoding"] = encoding
    response.set_etag(hashlib.sha256(data).hexdigest()[:20])
    response.make_conditional(request)
    return response


@lru_cache(maxsize=256)
def _once(path: Path, _changed: int, encoding: str) -> bytes:
    return ENCODINGS[encoding](path.read_bytes())
