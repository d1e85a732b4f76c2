"""From a tree of files to a live release: read, check, prove the labs, store, tell what changes, make live."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from lms.certification.impact import Impact, impact
from lms.content import publish as releases
from lms.content.problem import Problem
from lms.content.renderer import renderer_digest
from lms.content.tree import Tree
from lms.errors import Conflict
from lms.services import Services
from lms.words import gettext as _

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Outcome:
    """What became of a tree. `release_id` is None when `problems` holds an error: the last good release stays live.
    `is_new` is False when exactly this was live already; `impact` is None then too.
    """

    release_id: int | None
    is_new: bool
    problems: tuple[Problem, ...]
    impact: Impact | None


def publish(
    services: Services,
    tree: Tree,
    *,
    source: str,
    by: int | None,
    now: datetime,
    on_progress: Progress,
    go_live: bool = True,
    tries_slurm: bool = True,
) -> Outcome:
    """Check `tree` and make it live. With `go_live` False everything is done but the last step, and nothing is kept.
    Without `tries_slurm` the labs' rungs on Slurm are believed. Raises Conflict when somebody else published meanwhile.
    """
    database, shelf = services.database, services.shelf
    digest = releases.release_digest(digests_of(tree), renderer_digest())
    with database.reading() as session:
        known, live = releases.find_release(session, digest), releases.live_release(session)
        if known is not None and known == live:
            return Outcome(known, False, (), None)
        kept = releases.renderings(session)
    used = dict(kept)
    # Loaded only when there is something new: a second start has nothing to render.
    from lms.content.load import load  # noqa: PLC0415
    from lms.labs.prove import Workshop  # noqa: PLC0415

    # No transaction is open while lessons are rendered and labs are proved: that may take minutes.
    workshop = Workshop(services.cache / "proved", tries_slurm=tries_slurm)
    loaded = load(tree, workshop=workshop, on_progress=on_progress, cache=used)
    if loaded.catalogue is None:
        return Outcome(None, False, loaded.problems, None)
    with _refusing_a_race(), database.session("write") as session, session.begin() as transaction:
        before = shelf.live(session).catalogue
        release_id = releases.store(
            session,
            digest=digest,
            manifest=loaded.manifest,
            catalogue=loaded.catalogue,
            blobs=loaded.blobs,
            source=source,
            now=now,
        )
        releases.keep_renderings(session, kept, used)
        told = impact(session, before, loaded.catalogue)
        if go_live:
            releases.make_live(session, release_id, by=by, note=source, now=now)
        else:
            transaction.rollback()
    return Outcome(release_id, True, loaded.problems, told)


@contextmanager
def _refusing_a_race() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise Conflict(
            _(
                "Somebody else published at the same moment: theirs is whole, yours is not kept. Publish again."
            )
        ) from None


def digests_of(tree: Tree) -> dict[str, str]:
    """SHA-256 of each file, by path."""
    return {path: hashlib.sha256(data).hexdigest() for path, data in tree.items()}
