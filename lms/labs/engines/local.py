"""Grading in the sandboxes of this host, several at a time."""

import threading
from collections.abc import Sequence

from lms.labs.sandbox.ways import Sandboxes
from lms.labs.worker import Worker


class Local:
    """As many workers as gradings that may run at once. Closes `sandboxes`, which they share, when all have stopped."""

    def __init__(self, workers: Sequence[Worker], sandboxes: Sandboxes) -> None:
        self._workers, self._sandboxes = workers, sandboxes

    def run(self) -> None:
        threads = [
            threading.Thread(target=each.run, name=f"grader-{number}")
            for number, each in enumerate(self._workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._sandboxes.close()

    def stop(self) -> None:
        for each in self._workers:
            each.stop()
