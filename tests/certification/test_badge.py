"""The committed PNGs are the SVGs in pixels."""

import io
import zlib

import png
import pytest
import resvg_py

from lms.certification.badge import KINDS, picture


def pixels(data):
    _, _, rows, _ = png.Reader(file=io.BytesIO(data)).asRGBA8()
    return b"".join(bytes(row) for row in rows)


@pytest.mark.parametrize("kind", KINDS)
def test_a_png_is_its_svg_in_pixels(kind):
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=picture(kind, "svg").decode(), width=512, height=512))
    kept, now = pixels(picture(kind, "png")), pixels(drawn)
    assert len(kept) == len(now) == 512 * 512 * 4
    # Another version of the renderer may round differently along the edges.
    assert sum(abs(a - b) > 32 for a, b in zip(kept, now, strict=True)) < 4_000


def test_no_two_kinds_look_alike():
    assert len({zlib.crc32(pixels(picture(kind, "png"))) for kind in KINDS}) == len(KINDS)
