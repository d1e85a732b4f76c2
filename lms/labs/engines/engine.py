"""What grades what is handed in. The queue's rows are the truth; engines only carry gradings out, any number of them on one queue."""

from typing import Protocol


class Engine(Protocol):
    """Driven by `lms worker`, one to a process."""

    def run(self) -> None:
        """Carry out gradings until stopped."""

    def stop(self) -> None:
        """Take nothing new; `run` returns when what cannot be left alone is done. May be called from a signal handler."""
