"""`lms`: the group all commands belong to. A refusal is a sentence on standard error, never a traceback.

A command's module is imported when the command is asked for: `lms serve` must not carry what rendering courses takes.
"""

import importlib
import sys

import click

from lms.errors import SlipwayError

COMMANDS = {
    "check": "authoring",
    "preview": "authoring",
    "publish": "releases",
    "releases": "releases",
    "rollback": "releases",
    "grade": "grading",
    "regrade": "regrading",
    "handout": "grading",
    "doctor": "grading",
    "serve": "serving",
    "worker": "serving",
    "grade-task": "node",
    "runtime": "browser",
    "demo": "demoing",
    "readiness": "readiness",
    "handover": "handover",
    "db": "operating",
    "keys": "keys",
    "person": "operating",
    "company": "operating",
}
"""Which file of this folder each command is in."""


class Commands(click.Group):
    """Finds a command by importing the module it is in."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(
            importlib.import_module(f"lms.cli.{COMMANDS[cmd_name]}"), cmd_name.replace("-", "_")
        )
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="slipway-lms")
def lms() -> None:
    """Slipway: from rented GPUs to a supercomputer, with a proof."""


def main() -> None:
    """The console script."""
    try:
        lms.main(standalone_mode=True)
    except SlipwayError as refusal:
        click.echo(f"lms: {refusal.message}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
