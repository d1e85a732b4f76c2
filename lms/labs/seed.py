"""The number that lets hidden tests vary from learner to learner, and stay the same for each. Pure."""

import hashlib
import hmac


def seed_of(secret: str, person_id: int, lab_id: str) -> int:
    """At least 0 and below 2**31. Who does not know `secret`, the site's, cannot guess it: nor the inputs that are drawn from it."""
    digest = hmac.digest(secret.encode(), f"seed of a lab\0{person_id}\0{lab_id}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:4]) >> 1
