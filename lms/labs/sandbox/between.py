"""What is done between a learner's cells and the tests, on a thread of its own."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .collected import Collected


@dataclass(frozen=True)
class Between:
    """Something to be done with what the cells made, before the tests: `run` is called on a thread of its own, bounds itself, and what it
    returns (plain data) is handed to T as `facts`. Its time is not the learner's.
    """

    phase: str
    run: Callable[[Collected], dict[str, Any]]


class Meanwhile:
    """What is done between the cells and the tests, while the loop goes on watching. `over` becomes readable when it is."""

    def __init__(self, between: Between, collected: Collected) -> None:
        self.over, self._end = os.pipe()
        self._facts: dict[str, Any] | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(between, collected), daemon=True)
        self._thread.start()

    def _run(self, between: Between, collected: Collected) -> None:
        try:
            self._facts = between.run(collected)
        except BaseException as error:  # noqa: BLE001 (raised again where it is waited for)
            self._failure = error
        os.close(self._end)

    def result(self) -> dict[str, Any] | None:
        """What it found. Raises what it raised."""
        if self._failure is not None:
            raise self._failure
        return self._facts

    def end(self) -> None:
        self._thread.join()
        os.close(self.over)
