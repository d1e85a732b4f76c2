"""`lms grade-task`: what a task of a grading array runs on a compute node. It needs no database and no setting."""

import logging
import os
import sys

import click

from lms.labs.engines.node import TOKENS, errand_of, run


@click.command(name="grade-task")
def grade_task() -> None:
    """Grade one notebook of a Slurm array, for the site that submitted it. Slurm runs this; docs/SLURM.md says how to try it.

    Exit status: 0 the site has the result, or needs none any more; 1 it could not be brought.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    errand = errand_of(os.environ)
    os.environ.pop(TOKENS)  # nothing that is started from here inherits them
    run(errand)
    sys.exit(0)
