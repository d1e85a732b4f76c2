"""`lms`: the group all commands belong to. A refusal is a sentence on standard error, never a traceback."""

import sys

import click

from lms.cli import authoring, grading, operating, releases, serving
from lms.errors import SlipwayError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="slipway-lms")
def lms() -> None:
    """Slipway: from rented GPUs to a supercomputer, with a proof."""


for command in (
    authoring.check,
    authoring.preview,
    grading.grade,
    grading.handout,
    grading.doctor,
    releases.publish,
    releases.releases,
    releases.rollback,
    serving.serve,
    serving.worker,
    serving.demo,
    operating.db,
    operating.person,
    operating.company,
):
    lms.add_command(command)


def main() -> None:
    """The console script."""
    try:
        lms.main(standalone_mode=True)
    except SlipwayError as refusal:
        click.echo(f"lms: {refusal.message}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
