"""Python is read as a tree by one thread at a time."""

import gc
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from lms.content.syntax import tree_of

SOURCE = "\n".join(f"def f{n}(x): return {'(' * 40}x + {'-' * 30}x{')' * 40} + {n}" for n in range(30))


@pytest.fixture
def hectic():
    """Threads take turns, and garbage is collected, at every opportunity: `ast.parse` by itself fails here about once in seven times."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(1)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


class Litter:
    def __del__(self):
        sum(range(200))


def test_many_threads_may_ask_for_trees_at_once(hectic):
    def parsed(_):
        first, second = Litter(), Litter()
        first.other, second.other = second, first
        return len(tree_of(SOURCE).body)

    with ThreadPoolExecutor(8) as several:
        assert set(several.map(parsed, range(100))) == {30}
