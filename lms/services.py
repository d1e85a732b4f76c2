"""The composition root: what the site, the terminal and the grading worker are all made of."""

import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from lms.certification.credential import Issuer
from lms.certification.keys import KeyFile, keys_at, made_once
from lms.certification.press import Press
from lms.content.shelf import Shelf
from lms.db import Database
from lms.errors import Unavailable
from lms.handover.postman import Postman
from lms.labs.engines.cluster import Asked, Commands
from lms.labs.engines.engine import Engine
from lms.labs.engines.local import Local
from lms.labs.engines.rest import Rest
from lms.labs.engines.slurm import Slurm
from lms.labs.sandbox.host import this_host
from lms.labs.sandbox.ways import Sandboxes, open_ways
from lms.labs.seed import seed_of
from lms.labs.worker import Worker, grader_in
from lms.outbound import Errand
from lms.people.tables import LOCAL, Identity
from lms.readiness.sweep import Sweeper
from lms.runtime.built import Built, Kept
from lms.settings import Settings
from lms.verification.keys import Download

DEMO_DOMAIN = "@example.org"


@dataclass(frozen=True)
class Services:
    """Long-lived things, shared by every request and every job of a process."""

    settings: Settings
    database: Database
    shelf: Shelf
    press: Press
    secret: str
    kept_runtime: Kept

    def download(self) -> Download:
        """How what others publish is fetched, for one errand."""
        return Errand()

    @property
    def cache(self) -> Path:
        """A folder that may be emptied at any time."""
        return self.settings.var.resolve() / "cache"

    def runtime(self) -> Built | None:
        """Python for the browser, once it is built on this host."""
        return self.kept_runtime.current()

    def seed_of(self, person_id: int, lab_id: str) -> int:
        """What a learner's hidden tests of a lab may vary by."""
        return seed_of(self.secret, person_id, lab_id)

    def worker(self, name: str, sandboxes: Sandboxes, *, tries_slurm: bool = True) -> Worker:
        return Worker(
            self.database,
            self.shelf,
            name=name,
            lease_seconds=self.settings.lease_seconds,
            cache=self.cache,
            grader=grader_in(sandboxes, tries_slurm=tries_slurm),
        )

    def sweeper(self) -> Sweeper:
        """What keeps companies' readiness true while time passes."""
        return Sweeper(self.database, self.shelf)

    def postman(self) -> Postman:
        """What tells others what happened."""
        return Postman(self.database, self.press.issuer)

    def engine(self, name: str) -> Engine:
        """What grades for this process. Raises Unavailable where it cannot: a host without a sandbox, say."""
        settings = self.settings
        if settings.engine == "local":
            this_host()
            sandboxes = open_ways(settings.sandbox)
            workers = [self.worker(f"{name}:{number}", sandboxes) for number in range(settings.graders)]
            return Local(workers, sandboxes)
        site = settings.slurm_site or settings.base_url
        program = settings.slurm_lms or Path(sys.prefix) / "bin" / "lms"
        cluster = (
            Rest(settings.slurm_socket, program, site) if settings.slurm_socket else Commands(program, site)
        )
        return Slurm(
            self.database,
            self.shelf,
            cluster,
            Asked(
                settings.slurm_partition,
                settings.slurm_account,
                settings.slurm_minutes,
                options=settings.slurm_options,
            ),
            name=name,
            lease_seconds=settings.lease_seconds,
            array=settings.slurm_array,
        )

    def close(self) -> None:
        self.database.close()


def build(settings: Settings) -> Services:
    """Everything, from the settings. Raises Unavailable when a key cannot be read."""
    if (named := settings.signing_key_file) is not None and not named.exists():
        raise Unavailable(
            f"LMS_SIGNING_KEY_FILE: there is no {named}. A key is only made when none is named."
        )
    keys = KeyFile(named) if named is not None else keys_at(settings.var / "signing-key.pem")
    assert keys.signer  # a site that cannot sign says so when it starts
    return Services(
        settings=settings,
        database=Database(settings.url),
        shelf=Shelf(),
        press=Press(Issuer(settings.issuer_name, settings.base_url), keys),
        secret=secret_key(settings),
        kept_runtime=Kept(settings.runtime),
    )


def secret_key(settings: Settings) -> str:
    """What signs sessions and seeds labs: the setting, or one made once and kept in `var`."""
    if settings.secret_key:
        return settings.secret_key
    return made_once(settings.var / "secret-key", lambda: secrets.token_urlsafe(48).encode()).decode()


def refuse_demo_people(services: Services) -> None:
    """A public site must not have accounts whose password is in the README. Raises Unavailable while one exists."""
    if not services.settings.is_production:
        return
    with services.database.reading() as session:
        found = session.scalar(
            select(Identity.subject)
            .where(Identity.issuer == LOCAL, Identity.subject.endswith(DEMO_DOMAIN))
            .limit(1)
        )
    if found is not None:
        raise Unavailable(
            f"The database holds demo people (such as {found}), whose password everybody knows. "
            "Point LMS_DATABASE_URL at a database without them, or remove them."
        )
