"""Who asked lately, as far as it counts: addresses hashed, no badges. Nothing of what is verified is kept."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, UtcDateTime


class VerificationTry(Base):
    """One badge that somebody had checked, kept as long as it counts. `key` is the address it came from, hashed: it may be a stranger's."""

    __tablename__ = "verification_try"
    __table_args__ = (Index("ix_verification_try_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
