"""Collects and delivers while a grading worker runs. As many as there are: each delivery is claimed by one of them."""

import logging
import threading
from datetime import UTC, datetime

from lms.certification.credential import Issuer
from lms.db import Database
from lms.handover.collect import collect
from lms.handover.deliver import POST, deliver_next
from lms.outbound import Policy

log = logging.getLogger(__name__)

_REST_SECONDS = 5


class Postman:
    def __init__(self, database: Database, issuer: Issuer, policy: Policy = POST) -> None:
        self._database, self._issuer, self._policy = database, issuer, policy
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Until stopped. What fails (a database that is away) is waited for, not died of."""
        while not self._stopping.is_set():
            try:
                self.round()
            except Exception:
                log.exception("handover: could not deliver; trying again")
            self._stopping.wait(_REST_SECONDS)

    def round(self) -> int:
        """Collect once, then deliver until nothing is due. How many attempts were made."""
        collect(self._database, self._issuer, now=datetime.now(UTC))
        attempts = 0
        while not self._stopping.is_set():
            receipt = deliver_next(self._database, clock=lambda: datetime.now(UTC), policy=self._policy)
            if receipt is None:
                break
            attempts += 1
            log.info("handover: answered %s", receipt.status or receipt.answer)
        return attempts
