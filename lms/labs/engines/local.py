"""Grading in the sandboxes of this host, several at a time."""

import threading
from collections.abc import Sequence

from lms.labs.worker import Worker


class Local:
    """As many workers as gradings that may run at once."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers

    def run(self) -> None:
        threads = [
            threading.Thread(target=each.run, name=f"grader-{number}")
            for number, each in enumerate(self._workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        for each in self._workers:
            each.stop()
