"""The learner's sandbox and the tests', side by side, with the pipes between them and us."""

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from .box import Box, Role
from .feed import Feed

Opener = Callable[[Role, Sequence[int]], Box]


@dataclass
class Pair:
    """`executed` comes from the learner's sandbox, `verdicts` from the tests'; `go` lets the tests begin. `is_ready` when both have said
    that they wait for their jobs; else they will say it on those pipes.
    """

    learner: Box
    tester: Box
    executed: int
    verdicts: int
    go: Feed
    is_ready: bool = False

    def end(self) -> None:
        """For a pair that nobody used."""
        with ExitStack() as stack:
            for number in (self.executed, self.verdicts):
                stack.callback(os.close, number)
            stack.callback(self.go.close)
            stack.callback(self.tester.end)
            stack.callback(self.learner.end)


def open_pair(opener: Opener) -> Pair:
    """`opener` is given a role and what its program expects: the learner's (executed, socket), the tester's (socket, verdicts, go)."""
    with ExitStack() as theirs, ExitStack() as ours:
        ends = socket.socketpair()
        for end in ends:
            theirs.callback(end.close)
        (executed, executed_end), (verdicts, verdicts_end), (go_end, go) = os.pipe(), os.pipe(), os.pipe()
        for number in (executed_end, verdicts_end, go_end):
            theirs.callback(os.close, number)
        for number in (executed, verdicts, go):
            ours.callback(os.close, number)
        learner = opener("learner", (executed_end, ends[0].fileno()))
        ours.callback(learner.end)
        tester = opener("tester", (ends[1].fileno(), verdicts_end, go_end))
        ours.pop_all()
        for number in (executed, verdicts):
            os.set_blocking(number, False)
        return Pair(learner, tester, executed, verdicts, Feed(go))
