"""How commands come by services: built from the environment, closed when the command ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from lms import services as composition
from lms.revision import require_current
from lms.services import Services
from lms.settings import read_settings


@contextmanager
def services(*, current: bool = True) -> Iterator[Services]:
    """Services for one command. With `current`, refuses a database that is not up to date."""
    built = composition.build(read_settings())
    try:
        if current:
            require_current(built.database)
        yield built
    finally:
        built.close()
