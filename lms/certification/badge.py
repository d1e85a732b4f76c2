"""What a badge looks like, and the credential baked into the picture: one file to keep and to show. Source: Open Badges 3.0, section 5.3.

The pictures are drawn as SVG; the PNGs beside them are the same, in pixels (a test holds the two together).
"""

from functools import cache
from importlib.resources import files
from typing import Literal

from openbadgeslib.baking import (
    ITXT_KEYWORD_OB3,
    SVG_ELEMENT_OB3,
    SVG_NS_OB3,
    bake_png,
    bake_svg,
)

from lms.errors import NotFound
from lms.words import gettext as _

KINDS = ("course", "track", "level")
Form = Literal["png", "svg"]


@cache
def _read(kind: str, form: str) -> bytes:
    return files(__package__).joinpath("badges", f"{kind}.{form}").read_bytes()


def picture(kind: str, form: str) -> bytes:
    """The bare picture, as png or svg. Raises NotFound for a kind or form that there is none of."""
    if kind not in KINDS or form not in {"png", "svg"}:
        raise NotFound(_("There is no such badge."))
    return _read(kind, form)


def baked(kind: str, form: Form, signed: str) -> bytes:
    """The picture with `signed` in it: a document with an embedded proof, or a JWT."""
    match form:
        case "png":
            return bake_png(picture(kind, form), signed, keyword=ITXT_KEYWORD_OB3)
        case "svg":
            return bake_svg(
                picture(kind, form),
                signed,
                element=SVG_ELEMENT_OB3,
                namespace=SVG_NS_OB3,
                as_text=signed.startswith("{"),
            )
