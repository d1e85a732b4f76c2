"""A sandbox made by bwrap for one job: the slowest way there is, and the one that every host has which has any."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Self

from .box import Box, Role
from .bubble import Bubble
from .feed import Feed
from .host import Host
from .profile import Profile


class FreshBox(Box):
    def __init__(self, role: Role, bubble: Bubble, feed: Feed, stderr: int) -> None:
        super().__init__(role, feed, stderr, ExitStack())
        self._bubble = bubble

    @classmethod
    def start(
        cls, host: Host, profile: Profile, role: Role, descriptors: Sequence[int], preload: Sequence[str] = ()
    ) -> Self:
        """`descriptors` are its arguments, in this order. It says that it is ready, and then waits for its job."""
        stdin, feed = os.pipe()
        errors, stderr = os.pipe()
        words = [*map(str, descriptors), *preload]
        try:
            bubble = Bubble.start(
                host, profile, role, words, stdin=stdin, stderr=stderr, descriptors=descriptors
            )
        except BaseException:
            os.close(feed)
            os.close(errors)
            raise
        finally:
            os.close(stdin)
            os.close(stderr)
        return cls(role, bubble, Feed(feed), errors)

    @property
    def root(self) -> int:
        return self._bubble.pid

    def is_running(self) -> bool:
        return self._bubble.is_running()

    def wait(self, seconds: float) -> int | None:
        return self._bubble.wait(seconds)

    def _processes(self) -> Sequence[int]:
        return self._bubble.processes()

    def _kill(self) -> int:
        return self._bubble.end()
