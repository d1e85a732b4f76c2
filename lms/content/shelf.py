"""Releases in memory: what a process has read of them, bounded, shared by its threads. The database alone says which is live."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

import msgspec
from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from lms.content.model import Catalogue
from lms.content.tables import Blob, Publication, Release
from lms.errors import NotFound
from lms.words import gettext as _

RELEASES = 8
BLOB_BYTES = 12 * 2**20


@dataclass(frozen=True)
class Edition:
    """A release one can read from. `id` 0 is the empty one, before anything was published."""

    id: int
    digest: str
    catalogue: Catalogue


NOTHING_PUBLISHED = Edition(0, "", Catalogue((), (), (), {}, {}))


def live_release_id() -> ScalarSelect[int | None]:
    """The id of the release that is live, as a part of a query."""
    return select(Publication.release_id).order_by(Publication.id.desc()).limit(1).scalar_subquery()


class Shelf:
    """The editions and blobs this process has at hand. Both never change under their name, so nothing is ever invalidated."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._editions: OrderedDict[int, Edition] = OrderedDict()
        self._blobs: OrderedDict[str, bytes] = OrderedDict()
        self._held = 0

    def live(self, session: Session) -> Edition:
        """What is taught now; one small query says which it is."""
        release_id = session.scalar(select(live_release_id()))
        return NOTHING_PUBLISHED if release_id is None else self.edition(session, release_id)

    def edition(self, session: Session, release_id: int) -> Edition:
        """Raises NotFound."""
        with self._lock:
            if (edition := self._editions.get(release_id)) is not None:
                self._editions.move_to_end(release_id)
                return edition
        row = session.execute(
            select(Release.digest, Release.catalogue).where(Release.id == release_id)
        ).one_or_none()
        if row is None:
            raise NotFound(_("There is no release %(number)s.", number=release_id))
        edition = Edition(release_id, row.digest, msgspec.json.decode(row.catalogue, type=Catalogue))
        with self._lock:
            self._editions[release_id] = edition
            while len(self._editions) > RELEASES:
                self._editions.popitem(last=False)
        return edition

    def blob(self, session: Session, digest: str) -> bytes:
        """The bytes of this digest. Raises NotFound."""
        with self._lock:
            if (data := self._blobs.get(digest)) is not None:
                self._blobs.move_to_end(digest)
                return data
        data = session.scalar(select(Blob.data).where(Blob.digest == digest))
        if data is None:
            raise NotFound(_("There is no such file."))
        with self._lock:
            if digest not in self._blobs and len(data) <= BLOB_BYTES // 4:
                self._blobs[digest] = data
                self._held += len(data)
                while self._held > BLOB_BYTES:
                    self._held -= len(self._blobs.popitem(last=False)[1])
        return data

    def text(self, session: Session, digest: str) -> str:
        return self.blob(session, digest).decode()
