"""Bytes on their way into a pipe that may be full, a piece at a time."""

import os
from contextlib import suppress


class Feed:
    """Owns the writing end `number`. `write` when it is writable; it closes itself when all has been written."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._left = b""
        os.set_blocking(number, False)

    def put(self, data: bytes) -> None:
        """Everything there is to say, once."""
        self._left = data

    def write(self) -> bool:
        """Whether there is more. Who has ended wants no more."""
        try:
            self._left = self._left[os.write(self.number, self._left[: 1 << 16]) :]
        except BlockingIOError:
            return True
        except OSError:
            self._left = b""
        if not self._left:
            self.close()
        return bool(self._left)

    def close(self) -> None:
        """From then on `number` is -1: the old one may be somebody else's."""
        if self.number >= 0:
            with suppress(OSError):
                os.close(self.number)
            self.number = -1
