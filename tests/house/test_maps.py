"""Each room's `__init__` is its map: a newcomer finds every file of the room in it."""

import re

import pytest

from tests.conftest import REPOSITORY

ROOMS = sorted(
    path.parent for path in (REPOSITORY / "lms").glob("*/__init__.py") if not path.parent.name.startswith("_")
)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_rooms_map_names_every_file_in_it(room):
    words = set(re.findall(r"\w+", (room / "__init__.py").read_text()))
    files = {path.stem for path in room.glob("*.py")} - {"__init__"}
    assert files
    assert files - words == set()


def test_the_houses_map_names_every_room():
    words = set(re.findall(r"\w+", (REPOSITORY / "lms" / "__init__.py").read_text()))
    there = {room.name for room in ROOMS} | {path.stem for path in (REPOSITORY / "lms").glob("*.py")} - {
        "__init__"
    }
    assert there - words == set()
