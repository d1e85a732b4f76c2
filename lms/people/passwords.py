"""Passwords, hashed with argon2id: 19 MiB a hash, as OWASP advises. With the library's 64 MiB a burst of sign-ins exhausts a small host."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_nobody = _hasher.hash("nobody has this password")


def hashed(password: str) -> str:
    return _hasher.hash(password)


def matches(secret: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long for a person who does not exist, so that time does not tell who does."""
    try:
        return _hasher.verify(secret or _nobody, password) and secret is not None
    except (VerificationError, InvalidHashError):
        return False
