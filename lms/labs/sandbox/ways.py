"""Three ways to a pair of sandboxes, best first. All of them build the same walls and give the same grades; they differ in what is done
beforehand.

fork   two fork-servers that last, in sandboxes of their own: a copy for each job. Needs user namespaces within user namespaces.
warm   sandboxes for one job each, started ahead, with everything loaded.
fresh  sandboxes for one job each, started when they are needed.
"""

import logging
import os
import select
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol

from lms.errors import Unavailable

from .box import Role
from .forkserver import ForkedBox, ForkServer
from .fresh import FreshBox
from .host import Host, this_host
from .pair import Pair, open_pair
from .profile import Profile

log = logging.getLogger(__name__)

Name = Literal["fork", "warm", "fresh"]
MOST_SERVERS = 4  # pairs of them: labs that import the same share one
MOST_KINDS = 2  # of warm sandboxes
SPARE = 2  # of each kind
READY_SECONDS = 30.0
_SERVER_DISK_MB = 1
_READY = b'"ready"\n'
Key = tuple[tuple[tuple[str, Path], ...], tuple[str, ...]]


class Sandboxes(Protocol):
    """Where pairs of sandboxes come from. Any thread may ask; close it when no pair of it is in use."""

    @property
    def name(self) -> Name: ...

    def pair(self, profile: Profile, preload: Sequence[str] = ()) -> Pair:
        """Raise `Unavailable` when this host makes none."""

    def close(self) -> None: ...


class Fresh:
    name: Name = "fresh"

    def __init__(self, host: Host | None = None) -> None:
        """`host` is this one unless said."""
        self._host = host

    def pair(self, profile: Profile, preload: Sequence[str] = ()) -> Pair:
        host = self._host or this_host()
        return open_pair(lambda role, descriptors: FreshBox.start(host, profile, role, descriptors, preload))

    def close(self) -> None:
        """Nothing is kept."""


class _Servers:
    """One for each role, with the same modules and preloads. `users` are those that are about to fork."""

    def __init__(self, host: Host, profile: Profile, preload: tuple[str, ...]) -> None:
        self.users = 0
        self._by_role = {"learner": ForkServer.start(host, profile, "learner", preload)}
        try:
            self._by_role["tester"] = ForkServer.start(host, profile, "tester", preload)
        except BaseException:
            self.end()
            raise

    def fork(self, role: Role, disk_mb: int, descriptors: Sequence[int]) -> ForkedBox:
        return self._by_role[role].fork(disk_mb, descriptors)

    def are_running(self) -> bool:
        return all(server.is_running() for server in self._by_role.values())

    def are_free(self) -> bool:
        return not self.users and not any(server.jobs for server in self._by_role.values())

    @property
    def processes(self) -> list[int]:
        return [server.pid for server in self._by_role.values()]

    def end(self) -> None:
        for server in self._by_role.values():
            server.end()


class Forked:
    """A server for each role and each set of modules and preloads. Those used least lately, and those that failed, are ended when their
    last job is.
    """

    name: Name = "fork"

    def __init__(self) -> None:
        self._servers: OrderedDict[Key, _Servers] = OrderedDict()
        self._retired: list[_Servers] = []
        self._starting: dict[Key, threading.Lock] = {}
        self._lock = threading.Lock()  # for these tables alone: nobody waits for a server with it

    def pair(self, profile: Profile, preload: Sequence[str] = ()) -> Pair:
        key = (tuple(sorted(profile.modules.items())), tuple(preload))
        try:
            return self._forked(key, profile)
        except (Unavailable, OSError):  # the servers may have ended since they were last asked
            return self._forked(key, profile)

    def _forked(self, key: Key, profile: Profile) -> Pair:
        servers = self._reserved(key, profile)
        try:
            pair = open_pair(lambda role, descriptors: servers.fork(role, profile.disk_mb, descriptors))
            try:
                for box in (pair.learner, pair.tester):
                    assert isinstance(box, ForkedBox)
                    box.be_born()
            except BaseException:
                pair.end()
                raise
        except BaseException:
            with self._lock:
                self._retire(key, servers)
            raise
        finally:
            with self._lock:
                servers.users -= 1
            self._end_the_retired()
        pair.is_ready = True
        return pair

    def _reserved(self, key: Key, profile: Profile) -> _Servers:
        """Servers for `key`, started where there are none, and not to be ended before they have forked."""
        with self._lock:
            starting = self._starting.setdefault(key, threading.Lock())
        with starting:
            with self._lock:
                known = self._servers.get(key)
                if known is not None and known.are_running():
                    known.users += 1
                    self._servers.move_to_end(key)
                    return known
                if known is not None:
                    self._retire(key, known)
            made = _Servers(this_host(), replace(profile, disk_mb=_SERVER_DISK_MB, forks=True), key[1])
            with self._lock:
                made.users += 1
                self._servers[key] = made
                for old in list(self._servers)[:-MOST_SERVERS]:
                    self._retire(old, self._servers[old])
            return made

    def _retire(self, key: Key, servers: _Servers) -> None:
        if self._servers.get(key) is servers:
            del self._servers[key]
            self._retired.append(servers)

    def _end_the_retired(self) -> None:
        with self._lock:
            free = [each for each in self._retired if each.are_free()]
            self._retired = [each for each in self._retired if each not in free]
        for each in free:
            each.end()

    @property
    def processes(self) -> list[int]:
        """The servers' process ids."""
        with self._lock:
            return [pid for servers in self._servers.values() for pid in servers.processes]

    def close(self) -> None:
        with self._lock:
            ended = [*self._servers.values(), *self._retired]
            self._servers.clear()
            self._retired.clear()
        for each in ended:
            each.end()


class Warm:
    """Keeps SPARE pairs of the kinds asked for lately. They are started by a thread that lasts as long as the process, because the
    kernel ends a sandbox together with the thread that started it.
    """

    name: Name = "warm"

    def __init__(self) -> None:
        self._fresh = Fresh()
        self._stock: OrderedDict[tuple[Key, int], deque[Pair]] = OrderedDict()
        self._profiles: dict[tuple[Key, int], Profile] = {}
        self._change = threading.Condition()
        self._closed = False
        self._keeper = threading.Thread(target=self._keep, name="sandboxes", daemon=True)
        self._keeper.start()

    def pair(self, profile: Profile, preload: Sequence[str] = ()) -> Pair:
        kind = ((tuple(sorted(profile.modules.items())), tuple(preload)), profile.disk_mb)
        with self._change:
            stock = self._stock.setdefault(kind, deque())
            self._profiles[kind] = profile
            self._stock.move_to_end(kind)
            pair = stock.popleft() if stock else None
            self._change.notify()
        if pair is not None:
            if pair.learner.is_running() and pair.tester.is_running():
                return pair
            pair.end()
        return self._fresh.pair(profile, preload)

    def _keep(self) -> None:
        while True:
            with self._change:
                while not self._closed and (kind := self._wanted()) is None:
                    self._change.wait()
                if self._closed:
                    return
                assert kind is not None
                profile, unwanted = self._profiles[kind], self._given_up()
            try:
                for old in unwanted:
                    old.end()
                pair = self._fresh.pair(profile, kind[0][1])
                _await_ready(pair)
            except Exception:
                log.exception("no sandbox could be made ahead; trying again")
                time.sleep(1)
                continue
            with self._change:
                if not self._closed and kind in self._stock:
                    self._stock[kind].append(pair)
                    continue
            pair.end()

    def _wanted(self) -> tuple[Key, int] | None:
        """What to make next."""
        lately = list(self._stock)[-MOST_KINDS:]
        return next((kind for kind in reversed(lately) if len(self._stock[kind]) < SPARE), None)

    def _given_up(self) -> list[Pair]:
        """Pairs of kinds that nobody asked for lately."""
        pairs: list[Pair] = []
        while len(self._stock) > MOST_KINDS:
            old, stock = self._stock.popitem(last=False)
            del self._profiles[old]
            pairs += stock
        return pairs

    def close(self) -> None:
        with self._change:
            self._closed = True
            self._change.notify()
        self._keeper.join()
        for pairs in self._stock.values():
            for pair in pairs:
                pair.end()
        self._stock.clear()


def _await_ready(pair: Pair) -> None:
    deadline = time.monotonic() + READY_SECONDS
    for number in (pair.executed, pair.verdicts):
        said = b""
        while said != _READY:
            if not select.select([number], [], [], max(0.0, deadline - time.monotonic()))[0]:
                pair.end()
                raise Unavailable("A sandbox did not become ready.")
            part = os.read(number, len(_READY) - len(said))
            if not part:
                complaint = b""
                with suppress(BlockingIOError):
                    complaint = os.read(pair.learner.stderr, 500) or os.read(pair.tester.stderr, 500)
                pair.end()
                raise Unavailable(
                    f"A sandbox ended before it was ready. {complaint.decode('utf-8', 'replace')}"
                )
            said += part
    pair.is_ready = True


WAYS: dict[Name, Callable[[], Sandboxes]] = {"fork": Forked, "warm": Warm, "fresh": Fresh}


class Best:
    """The best way this host allows, found by trying when the first pair is asked for: a start need not wait for it."""

    def __init__(self) -> None:
        self._found: Sandboxes | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> Name:
        """Raise `Unavailable` when nothing can be sandboxed here."""
        return self._best().name

    def pair(self, profile: Profile, preload: Sequence[str] = ()) -> Pair:
        return self._best().pair(profile, preload)

    def _best(self) -> Sandboxes:
        with self._lock:
            if self._found is None:
                self._found = _tried()
            return self._found

    def close(self) -> None:
        if self._found is not None:
            self._found.close()


def _tried() -> Sandboxes:
    forked = Forked()
    try:
        forked.pair(Profile(_SERVER_DISK_MB)).end()
    except Unavailable as refusal:
        forked.close()
        log.warning(
            "Fork-servers cannot be used here, sandboxes are started ahead instead. %s", refusal.message
        )
        return Warm()
    return forked


def open_ways(wanted: Name | Literal["auto"] = "auto") -> Sandboxes:
    """The one that is `wanted`, or the best."""
    return Best() if wanted == "auto" else WAYS[wanted]()
