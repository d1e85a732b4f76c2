"""What may be uploaded with an attestation: a PDF or a plain text, told by its bytes and never by its name."""

import hashlib
import re
from dataclasses import dataclass

from lms.errors import Invalid
from lms.words import gettext as _

MOST_BYTES = 5 * 2**20


@dataclass(frozen=True)
class Upload:
    """A file as it came."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Document:
    """An upload that was found to be what may be kept."""

    name: str
    media: str
    sha256: str
    data: bytes


def read(upload: Upload) -> Document:
    """Raises Invalid for what is empty, too large, or neither a PDF nor UTF-8 text."""
    if not upload.data:
        raise _refused(_("The file is empty. Choose it again."))
    if len(upload.data) > MOST_BYTES:
        raise _refused(
            _("The file is larger than %(limit)s MB. Send a smaller one.", limit=MOST_BYTES // 2**20)
        )
    if upload.data.startswith(b"%PDF-"):
        media, ending = "application/pdf", ".pdf"
    elif _is_text(upload.data):
        media, ending = "text/plain", ".txt"
    else:
        raise _refused(_("This is neither a PDF nor a plain text (UTF-8). Save it as PDF and send that."))
    return Document(_named(upload.name, ending), media, hashlib.sha256(upload.data).hexdigest(), upload.data)


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _named(name: str, ending: str) -> str:
    """The last part of the name, with the ending that fits what it is."""
    plain = re.sub(r"[^\w .()-]+", "_", re.split(r"[/\\]", name)[-1]).strip(" .")
    stem = plain.rpartition(".")[0] or plain or _("document")
    return stem[:120] + ending


def _refused(problem: str) -> Invalid:
    return Invalid(_("The document was not kept."), {"document": problem})
