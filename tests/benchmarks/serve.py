"""Serves `tests.benchmarks.site:app` by the server named, with a grading worker beside it, as `lms serve` does."""

import signal
import subprocess
import sys
from pathlib import Path

from lms.cli.processes import supervise
from lms.settings import Settings, read_settings

APPLICATION = "tests.benchmarks.site:app"


def main(server: str, port: int) -> int:
    settings = read_settings()
    if server == "slipway":  # exactly what `lms serve` starts, for its memory
        return supervise(settings, "127.0.0.1", port, with_worker=True)
    if server == "granian":
        return supervise(settings, "127.0.0.1", port, with_worker=True, application=APPLICATION)
    return other(gunicorn(settings, port))


def gunicorn(settings: Settings, port: int) -> list[str]:
    """The documented alternative, with the same processes and threads."""
    return [
        str(Path(sys.executable).parent / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", str(settings.web_workers), "--threads", str(settings.web_threads), "--log-level", "warning",
        "--preload", f"{APPLICATION}()",
    ]  # fmt: skip


def other(command: list[str]) -> int:
    children = [subprocess.Popen(command), subprocess.Popen([sys.executable, "-m", "lms.cli.main", "worker"])]

    def stop(*_) -> None:
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, stop)
    return max(child.wait() for child in children)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
