"""Slipway, room by room. Imports go down only: a room may use the rooms below it, never one above.

cli            the same verbs from a terminal
app            create_app(settings): the site, assembled
web            the pages; the only room that knows Flask
demo           people to try the site with, with demo_evidence of one of them and demo_readiness of a company
publishing     from a tree of files to a live release
services       the composition root shared by web, terminal and grading worker
migrate        the database's shape, brought up to date
tables         every table there is, in one place
revision       whether the database has the shape this code expects
handover       WHO IS TOLD: signed webhooks and an interface for the desk that allocates machines
readiness      WHETHER IT STAYS TRUE: a company's levels as time passes, proposed by policy, confirmed by the centre
certification  WHETHER it counts, and the proof: evidence, policy, credentials
verification   whether ANYBODY'S badge holds: read, checked, explained
labs           notebooks: handed out, handed in, run in a sandbox, graded, reviewed
learning       WHERE someone is: enrolment, completion, answers, progress
content        WHAT is taught: immutable values read from a tree of files, and their releases
people         WHO: persons, organisations, roles, identities, access guards
audit          the append-only record of who did what
db             engine, sessions, types every table shares
outbound       the one door to addresses that others chose
runtime        the Python that runs in a learner's browser, built from pinned parts
words          every sentence a person reads, in their language
settings       every setting, typed, read once
errors         what can be refused, without a word of HTTP
"""
