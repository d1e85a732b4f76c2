"""How large an image is, read from its first bytes; and whether an SVG is only a picture."""

import re
import struct

MAX_BYTES = 1024 * 1024

_SVG_TAG = re.compile(rb"<svg\b[^>]*>", re.IGNORECASE | re.DOTALL)
_SVG_UNSAFE = re.compile(rb"<script\b|<foreignObject\b|<!ENTITY|\son[a-z]+\s*=|javascript:", re.IGNORECASE)


def size_of(data: bytes, extension: str) -> tuple[int, int] | None:
    """Width and height in pixels, or None where the bytes do not tell."""
    match extension:
        case ".png" if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
            return struct.unpack(">II", data[16:24])
        case ".gif" if data[:4] == b"GIF8" and len(data) >= 10:
            return struct.unpack("<HH", data[6:10])
        case ".jpg" | ".jpeg":
            return _jpeg(data)
        case ".webp" if data[8:16] == b"WEBPVP8X" and len(data) >= 30:
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case ".svg":
            return _svg(data)
    return None


def unsafe_svg(data: bytes) -> str:
    """What of this SVG would run rather than be seen, or an empty text."""
    found = _SVG_UNSAFE.search(data)
    return found[0].decode("ascii", "replace").strip() if found else ""


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _svg(data: bytes) -> tuple[int, int] | None:
    tag = _SVG_TAG.search(data[:20_000])
    if tag is None:
        return None
    width = re.search(rb'\swidth="([\d.]+)(?:px)?"', tag[0])
    height = re.search(rb'\sheight="([\d.]+)(?:px)?"', tag[0])
    if width and height:
        return round(float(width[1])), round(float(height[1]))
    box = re.search(rb'\sviewBox="[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)[ ,]+([\d.]+)"', tag[0])
    return (round(float(box[1])), round(float(box[2]))) if box else None
