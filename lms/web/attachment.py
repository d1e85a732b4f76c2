"""A file that somebody takes along."""

from flask import Response


def attachment(data: bytes, name: str, kind: str) -> Response:
    """`data` to be saved as `name`, of the media type `kind`. Should a browser show it all the same, it can load and run nothing there;
    that the type is not guessed anew is said of every answer (web.security).
    """
    response = Response(data, mimetype=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
