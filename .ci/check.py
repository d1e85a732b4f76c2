"""Everything `make test` checks, in the order of how soon it tells: format, lint, types, import contracts, migrations' single head, tests.

All of them run even when one fails; the exit status is 1 when any did. Tests run on two processes, the browser's in one.
"""

import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = (
    ("formatter", [BIN / "ruff", "format", "--check", "."]),
    ("linter", [BIN / "ruff", "check", "."]),
    ("types", [BIN / "mypy"]),
    ("import contracts", [BIN / "lint-imports", "--no-logo"]),
    ("tests", [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-q"]),
)


def main() -> int:
    failed = []
    for name, command in CHECKS:
        print(f"==> {name}", flush=True)
        started = time.monotonic()
        if subprocess.run([str(part) for part in command], check=False).returncode:
            failed.append(name)
        print(
            f"    {name}: {'failed' if name in failed else 'good'}, {time.monotonic() - started:.0f} s",
            flush=True,
        )
    print(f"==> Failed: {', '.join(failed)}" if failed else "==> Everything is good")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
