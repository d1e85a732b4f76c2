"""numpy's arrays and numbers as plain data: their bytes, never a pickle. An array of objects stays an object of the learner's.

numpy need not be there. The side that sends has it, or there would be nothing to send; the side that receives imports it when something
comes, from the same read-only folder.
"""

import base64
import math
import re
import sys
from typing import Any

MOST_DIMENSIONS = 32
# Booleans, integers, floats, complex numbers, bytes and text of a fixed width, dates and spans of time.
_TYPES = re.compile(r"[<>|][biufcSUmM]\d{1,5}(\[\d{0,4}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?")


def is_plain(value: Any) -> bool:
    """Whether it is exactly an array or a number of numpy's, with nothing in it but numbers, text and dates."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(getattr(numpy, "generic", None), type):
        return False
    kind = type(value)
    plain = kind is numpy.ndarray or (issubclass(kind, numpy.generic) and kind.__module__ == "numpy")
    return plain and _TYPES.fullmatch(value.dtype.str) is not None


def described(value: Any) -> dict[str, Any]:
    """`shape` is None for a number."""
    shape = list(value.shape) if type(value).__name__ == "ndarray" else None
    return {
        "$": "n",
        "dtype": value.dtype.str,
        "shape": shape,
        "v": base64.b64encode(value.tobytes()).decode(),
    }


def restored(description: dict[str, Any]) -> Any:
    """A copy of our own. Raise ValueError or TypeError for anything `described` cannot have made, ImportError without numpy."""
    import numpy as np  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415 (only where there is something for it)

    name, shape, content = description.get("dtype"), description.get("shape"), description.get("v")
    if type(name) is not str or not _TYPES.fullmatch(name) or type(content) is not str:
        raise TypeError("not an array")
    data = base64.b64decode(content, validate=True)
    dtype = np.dtype(name)
    if shape is None:
        shape, single = [1], True
    else:
        single = False
    if (
        type(shape) is not list
        or len(shape) > MOST_DIMENSIONS
        or any(type(n) is not int or n < 0 for n in shape)
    ):
        raise TypeError("not a shape")
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError("not as long as its shape")
    array = np.frombuffer(data, dtype=dtype).reshape(shape).copy()
    return array[0] if single else array
