"""`lms keys`: the signing keys of a centre, made, listed and renewed."""

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from lms.certification.keys import made_once, new_keys, public_keys, rotate
from lms.cli.composing import services
from lms.errors import Conflict


@click.group()
def keys() -> None:
    """Signing keys."""


@keys.command(name="make")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def keys_make(file: Path) -> None:
    """Make the two private keys that sign credentials, in FILE, for LMS_SIGNING_KEY_FILE."""
    if file.exists():
        raise Conflict(f"There is a {file} already. Keys in use are renewed by `lms keys rotate`.")
    made_once(file, new_keys)
    click.echo(f"{file} holds a P-256 key, for JWTs, and an Ed25519 key, for embedded proofs. Back it up.")


@keys.command(name="list")
def keys_list() -> None:
    """Every key that ever signed, the oldest first, and which two sign now."""
    with services() as built, built.database.reading() as session:
        signer = built.press.signer
        found = public_keys(session)
    table = Table("key", "for", "first used", "", box=None, pad_edge=False)
    for each in found:
        use = "embedded proofs" if each.jwk["kty"] == "OKP" else "JWTs"
        signs = "signs now" if each.kid in {signer.kid, signer.proof_kid} else "stays published"
        if each.retired_at is not None:
            signs = f"retired {each.retired_at:%Y-%m-%d}, stays published"
        table.add_row(each.kid, use, f"{each.first_used_at:%Y-%m-%d}", signs)
    if not found:
        click.echo("No key has signed anything yet.")
        return
    Console(width=160).print(table)


@keys.command(name="rotate")
@click.confirmation_option(
    prompt="New keys take the place of those in the key file. What the old ones signed stays valid. Go on?"
)
def keys_rotate() -> None:
    """Sign with new keys from now on. Certificates signed before stay valid, since their public keys stay published."""
    with services() as built:
        with built.database.transaction() as session:
            renewed = rotate(session, built.press.keys, by=None, now=datetime.now(UTC))
        click.echo(f"New keys are in {built.press.keys.path}: {' and '.join(renewed.kids)}.")
    click.echo(
        "This host signs with them at once. Put the file on every other web host: until then those issue nothing."
    )
