"""The processes of a site on one host: web workers and a grading worker, forked from one parent that has loaded the code once.

What is loaded before the fork is shared by all of them, which halves the memory of a small host. The parent only waits: it has no threads,
no sockets and no database, so it can fork again at any time when a child dies.
"""

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from types import FrameType

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from lms import app as preloaded
from lms import services as composition
from lms.errors import SlipwayError
from lms.labs.sandbox.host import this_host
from lms.settings import Settings

APPLICATION = "lms.app:create_app"
GRACE_SECONDS = 20
RESTART_SECONDS = 2.0
_M_MMAP_THRESHOLD = -3  # malloc.h

_fork = multiprocessing.get_context("fork")


def supervise(
    settings: Settings, host: str, port: int, *, with_worker: bool, application: str = APPLICATION
) -> int:
    """Run until told to stop, restarting what dies. The exit status. `application` is a factory of a WSGI application."""
    assert preloaded
    _give_memory_back()
    gc.collect()
    gc.freeze()  # the collector would touch, and so unshare, every page that the fork shares
    wanted: dict[str, Callable[[], None]] = {"web": lambda: serve_web(settings, host, port, application)}
    if with_worker:
        try:
            if settings.engine == "local":
                this_host()
            wanted["worker"] = lambda: grade(settings)
        except SlipwayError as refusal:
            print(
                f"Labs will not be graded here: {refusal.message} `lms doctor` tells more.", file=sys.stderr
            )
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    children = {name: _start(name, run) for name, run in wanted.items()}
    started = time.monotonic()
    while not stopping:
        time.sleep(0.1)
        for name, child in children.items():
            if child.is_alive() or stopping:
                continue
            if name == "web" and time.monotonic() - started < RESTART_SECONDS:
                stopping = True  # it could not even start, and has said why
                break
            print(
                f"The {name} process ended with status {child.exitcode}; starting it again.", file=sys.stderr
            )
            time.sleep(RESTART_SECONDS)
            children[name] = _start(name, wanted[name])
    return _end(children)


def serve_web(settings: Settings, host: str, port: int, application: str) -> None:
    """The web server: it takes connections, and forks the web workers."""
    Granian(
        application,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=settings.web_threads,
        backpressure=64,
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


def grade(settings: Settings) -> None:
    """Grade what is handed in, keep readiness true, and tell others what happened, until told to stop; then finish what is in hand."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    built = composition.build(settings)
    engine = built.engine(f"{os.uname().nodename}:{os.getpid()}")
    sweeper, postman = built.sweeper(), built.postman()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _signal, _frame: engine.stop())
    beside = [threading.Thread(target=run) for run in (sweeper.run, postman.run)]
    for thread in beside:
        thread.start()
    try:
        engine.run()
    finally:
        sweeper.stop()
        postman.stop()
        for thread in beside:
            thread.join()
        built.close()


def _give_memory_back() -> None:
    """Have large blocks returned to the system as soon as they are freed. By default glibc learns to keep them after the first, and each
    web process would hold the 19 MiB of one password hash for ever.
    """
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 1 << 20)


def _start(name: str, run: Callable[[], None]) -> BaseProcess:
    process = _fork.Process(target=_child, args=(run,), name=name)
    process.start()
    return process


def _child(run: Callable[[], None]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    run()


def _end(children: dict[str, BaseProcess]) -> int:
    """Ask every child to stop, wait, and end who does not. The worst exit status."""
    for child in children.values():
        child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children.values():
        child.join(max(0.1, deadline - time.monotonic()))
        if child.is_alive():
            child.kill()
            child.join()
    return max(
        (child.exitcode for child in children.values() if child.exitcode and child.exitcode > 0), default=0
    )
