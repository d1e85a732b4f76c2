"""What can be refused. Verbs raise these; the edges (pages, terminal) translate them. No HTTP in here.

SlipwayError
├── NotFound      there is no such thing, or it is not yours: the same answer for both
├── Forbidden     it exists and you may see it, but this act is not yours
├── Invalid       what was given cannot be accepted; says which fields, why and what to do
├── Conflict      it was right when you looked, and the world has moved on
└── Unavailable   our side cannot do it now; it costs the person nothing
"""

from collections.abc import Mapping


class SlipwayError(Exception):
    """A refusal with a sentence for the person who meets it: what was wrong, where, what to do next."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(SlipwayError):
    """There is no such thing, or it is not yours: nobody learns which."""


class Forbidden(SlipwayError):
    """You may see it, but this act is somebody else's."""


class Invalid(SlipwayError):
    """Refused input. `fields` maps a field's name to its sentence; it is empty where no field is to blame."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class Conflict(SlipwayError):
    """Somebody was faster, or it has been done already."""


class Unavailable(SlipwayError):
    """Our fault, and for now. Never costs anybody an attempt."""
