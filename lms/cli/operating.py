"""`lms db`, `lms person`, `lms company`: what an operator does before there is anybody to sign in."""

from datetime import UTC, datetime

import click

from lms.cli.composing import services
from lms.migrate import upgrade
from lms.people.register import found, register


@click.group()
def db() -> None:
    """The database."""


@db.command(name="upgrade")
def db_upgrade() -> None:
    """Bring the database up to date."""
    with services(current=False) as built:
        upgrade(built.database)
    click.echo("The database is up to date.")


@click.group()
def person() -> None:
    """Persons."""


@person.command(name="add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--mentor", is_flag=True, help="May mark written work.")
@click.option("--staff", is_flag=True, help="May see all companies, and issue and revoke certificates.")
@click.password_option(help="Asked for when not given.")
def person_add(email: str, name: str, password: str, *, mentor: bool, staff: bool) -> None:
    """Add a person: the first of the centre's staff, say. Everybody else comes by invitation."""
    with services() as built, built.database.transaction() as session:
        added = register(session, name=name, email=email, password=password, now=datetime.now(UTC))
        added.is_mentor, added.is_staff = mentor, staff
    click.echo(f"{name} signs in with {email}.")


@click.group()
def company() -> None:
    """Companies."""


@company.command(name="add")
@click.argument("name")
def company_add(name: str) -> None:
    """Add a company. The centre's staff then invite its lead by a link, from the company's page."""
    with services() as built, built.database.transaction() as session:
        organisation = found(session, name=name, now=datetime.now(UTC), actor_id=None)
        click.echo(f"{organisation.name} is at {built.settings.base_url}/companies/{organisation.slug}")
