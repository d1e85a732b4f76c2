"""What a lab declares importable (the practice machine), laid out on disk from its release, for the sandbox to bind."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.content.shelf import Shelf
from lms.content.tables import Release
from lms.errors import Unavailable
from lms.words import gettext as _


def module_folder(session: Session, shelf: Shelf, release_id: int, name: str, cache: Path) -> Path:
    """The folder of package `name` as that release has it; made once under `cache`, named by its content.
    Raises Unavailable when the release has none.
    """
    manifest = session.scalars(select(Release.manifest).where(Release.id == release_id)).one()
    prefix = f"labs/{name}/"
    files = {
        path.removeprefix(prefix): digest for path, digest in manifest.items() if path.startswith(prefix)
    }
    if not files:
        raise Unavailable(_("The release has no module called %(name)s, which this lab needs.", name=name))
    key = hashlib.sha256(
        "".join(f"{path}\0{digest}\0" for path, digest in sorted(files.items())).encode()
    ).hexdigest()
    target = cache / "modules" / key[:32] / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=target.parent))
        for path, digest in files.items():
            file = making / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(shelf.blob(session, digest))
            file.chmod(0o644)
        making.chmod(0o755)
        try:
            making.rename(target)
        except OSError:  # another worker was faster, with the same content
            shutil.rmtree(making)
    return target
