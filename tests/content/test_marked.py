"""YAML by authors is bounded, and every refusal has its line."""

import time

import pytest

from lms.content.marked import MAX_BYTES, UnreadableError, front_matter, read

BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 8)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (BOMB, "yaml-alias", 1),
        ("a: 1\n<<: *x", "yaml-alias", 2),
        ("[" * 100_000, "yaml-depth", 1),
        ("x: " + "{a: " * 50 + "1" + "}" * 50, "yaml-depth", 1),
        ("a: 1\nb:\n  c: 1\n  c: 2", "yaml-duplicate-key", 4),
        ("a: 1\nb: !!python/object/apply:os.system [id]", "yaml", 2),
        ("a: 1\nb: c: d", "yaml", 2),
        ("a: 1\n---\nb: 2", "yaml", 2),
        ("a: 2026-13-45", "yaml", 1),
        ("? [a]\n: b", "yaml", 1),
        ("a: \x00", "yaml", 1),
        ("a" * (MAX_BYTES + 1), "yaml-too-large", 1),
    ],
)
def test_what_is_not_our_yaml_is_refused_at_once_and_with_its_line(text, code, line):
    began = time.perf_counter()
    with pytest.raises(UnreadableError) as refused:
        read(text)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert time.perf_counter() - began < 2


def test_every_key_and_item_knows_its_line():
    marked = read("a: 1\nb:\n  - x: 2\n  - y\n", first_line=10)
    assert marked.value == {"a": 1, "b": [{"x": 2}, "y"]}
    assert [
        marked.line_of(place) for place in ((), ("a",), ("b",), ("b", 0, "x"), ("b", 1), ("b", 1, "none"))
    ] == [10, 10, 11, 12, 13, 13]


def test_front_matter_ends_at_its_second_line_of_dashes():
    marked, body, line = front_matter("---\nid: A\n---\nText\n---\nmore\n")
    assert (marked.value, body, line, marked.line_of(("id",))) == ({"id": "A"}, "Text\n---\nmore\n", 4, 2)
