"""Trees become immutable releases; one of them is live. All in the caller's transaction: a release is there whole, or not at all."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lms import audit
from lms.content.model import Catalogue
from lms.content.shelf import live_release_id
from lms.content.tables import Blob, Publication, Release, Rendering
from lms.errors import Conflict, NotFound
from lms.words import gettext as _

BATCH = 200


def release_digest(manifest: Mapping[str, str], renderer: str) -> str:
    """The name of a release: its files, and the version of what rendered them."""
    listing = json.dumps([renderer, sorted(manifest.items())], separators=(",", ":"))
    return hashlib.sha256(listing.encode()).hexdigest()


def find_release(session: Session, digest: str) -> int | None:
    return session.scalar(select(Release.id).where(Release.digest == digest))


def live_release(session: Session) -> int | None:
    return session.scalar(select(live_release_id()))


def store(
    session: Session,
    *,
    digest: str,
    manifest: Mapping[str, str],
    catalogue: Catalogue,
    blobs: Mapping[str, bytes],
    source: str,
    now: datetime,
) -> int:
    """Keep a release, with every blob it needs that is not there yet. Its id; the one it has when it was kept before."""
    if (known := find_release(session, digest)) is not None:
        return known
    wanted = list(blobs)
    there: set[str] = set()
    for batch in _batches(wanted):
        there.update(session.scalars(select(Blob.digest).where(Blob.digest.in_(batch))))
    for batch in _batches([each for each in wanted if each not in there]):
        session.execute(insert(Blob), [{"digest": each, "data": blobs[each]} for each in batch])
    release = Release(
        digest=digest,
        source=source[:300],
        manifest=dict(manifest),
        catalogue=msgspec.json.encode(catalogue),
        created_at=now,
    )
    session.add(release)
    session.flush()
    return release.id


def make_live(session: Session, release_id: int, *, by: int | None, note: str, now: datetime) -> None:
    """From the commit on, every process serves this release. Making the live one live again is nothing."""
    if live_release(session) == release_id:
        return
    session.add(Publication(release_id=release_id, at=now, by=by, note=note[:200]))
    session.flush()
    audit.record(
        session, "release.live", f"release:{release_id}", actor_id=by, now=now, detail={"note": note}
    )


def roll_back(session: Session, release_id: int, *, by: int | None, now: datetime) -> None:
    """An older release live again. Raises NotFound, or Conflict when it is live already."""
    if session.get(Release, release_id) is None:
        raise NotFound(_("There is no release %(number)s.", number=release_id))
    if live_release(session) == release_id:
        raise Conflict(_("Release %(number)s is live already.", number=release_id))
    make_live(session, release_id, by=by, note="rolled back", now=now)


@dataclass(frozen=True)
class ReleaseLine:
    """A row of the list of releases: `live_at` are the times it went live, oldest first."""

    id: int
    digest: str
    source: str
    created_at: datetime
    live_at: tuple[datetime, ...]
    is_live: bool


def releases(session: Session) -> list[ReleaseLine]:
    """Newest first."""
    live = live_release(session)
    times: dict[int, list[datetime]] = {}
    for release_id, at in session.execute(
        select(Publication.release_id, Publication.at).order_by(Publication.id)
    ):
        times.setdefault(release_id, []).append(at)
    rows = session.execute(
        select(Release.id, Release.digest, Release.source, Release.created_at).order_by(Release.id.desc())
    )
    return [
        ReleaseLine(
            row.id, row.digest, row.source, row.created_at, tuple(times.get(row.id, ())), row.id == live
        )
        for row in rows
    ]


def renderings(session: Session) -> dict[str, bytes]:
    """What was rendered for the newest release, by key: what has not changed need not be rendered again."""
    return {key: data for key, data in session.execute(select(Rendering.key, Rendering.data))}  # noqa: C416


def keep_renderings(session: Session, known: Mapping[str, bytes], used: Mapping[str, bytes]) -> None:
    """Remember `used`, and forget what of `known` is used no more."""
    for batch in _batches([key for key in known if key not in used]):
        session.execute(delete(Rendering).where(Rendering.key.in_(batch)))
    for batch in _batches([key for key in used if key not in known]):
        session.execute(insert(Rendering), [{"key": key, "data": used[key]} for key in batch])


def _batches(items: list[str]) -> Iterable[list[str]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
