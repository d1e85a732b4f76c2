"""Every table there is, in one place for migrations and for the tests that look at all of them."""

from lms import audit
from lms.certification import tables as certification
from lms.certification.attestation import tables as attestation
from lms.content import tables as content
from lms.handover import tables as handover
from lms.labs import tables as labs
from lms.labs.engines import tables as engines
from lms.labs.evidence import tables as evidence
from lms.labs.work import tables as work
from lms.learning import tables as learning
from lms.people import tables as people
from lms.readiness import tables as readiness
from lms.verification import tables as verification

ALL = (
    attestation,
    audit,
    certification,
    content,
    engines,
    evidence,
    handover,
    labs,
    learning,
    people,
    readiness,
    verification,
    work,
)
