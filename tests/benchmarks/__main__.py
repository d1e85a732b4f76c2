"""Runs every benchmark and prints what it found."""

import sys

from tests.benchmarks import browser, grading, pages, publishing, slurm

SUBJECTS = {"pages": pages, "publishing": publishing, "grading": grading, "slurm": slurm, "browser": browser}


def main(names: list[str]) -> None:
    for name in names or list(SUBJECTS):
        SUBJECTS[name].run()


if __name__ == "__main__":
    main(sys.argv[1:])
