"""Many texts rendered at once: what is known already is taken from a cache, the rest is shared out among processes."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from concurrent.futures import ProcessPoolExecutor

import msgspec

from lms.content.markdown import Renderer
from lms.content.page import Page, Source, make

Cache = MutableMapping[str, bytes]
Progress = Callable[[int, int, str], None]

# Starting processes costs as much as rendering about so many lessons.
_WORTH_PROCESSES = 60
_CHUNK = 8

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Page).decode


def make_pages(sources: Sequence[Source], cache: Cache | None, on_progress: Progress) -> dict[str, Page]:
    """The page of each source, by its path. `on_progress(done, total, path)` is called after each."""
    pages: dict[str, Page] = {}
    missing: list[tuple[str, Source]] = []
    for source in sources:
        key = source.key
        kept = cache.get(key) if cache is not None else None
        if kept is None:
            missing.append((key, source))
        else:
            pages[source.path] = _decode(kept)
    on_progress(len(pages), len(sources), "")
    for (key, source), made in zip(missing, _made([source for _, source in missing]), strict=True):
        if cache is not None:
            cache[key] = made
        pages[source.path] = _decode(made)
        on_progress(len(pages), len(sources), source.path)
    return pages


def _made(sources: Sequence[Source]) -> Iterator[bytes]:
    processes = min(os.cpu_count() or 1, 8)
    # A daemonic process, such as some servers' workers, may not have children of its own.
    if len(sources) < _WORTH_PROCESSES or processes == 1 or multiprocessing.current_process().daemon:
        yield from _make_all(sources)
        return
    # Spawned, not forked: the caller may have threads and open connections, which a fork would share.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        chunks = [sources[start : start + _CHUNK] for start in range(0, len(sources), _CHUNK)]
        for pages in pool.map(_make_chunk, chunks):
            yield from pages


def _make_all(sources: Iterable[Source]) -> Iterator[bytes]:
    renderer = Renderer()
    return (_encode(make(source, renderer)) for source in sources)


_renderers: list[
    Renderer
] = []  # one for the life of a worker process: building it takes longer than a lesson


def _make_chunk(sources: Sequence[Source]) -> list[bytes]:
    if not _renderers:
        _renderers.append(Renderer())
    return [_encode(make(source, _renderers[0])) for source in sources]
