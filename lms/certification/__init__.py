"""WHETHER it counts, and the proof: evidence, policy, credentials.

evidence    what members of a company have shown, with dates and releases
policy      levels of readiness, and what is earned and missing (pure)
passing     when a course or a track counts as passed (pure)
credential  what is signed: the words of an Open Badge 3.0 credential as an ES256 JWT
keys        the signing key, and every public key there ever was
tables      credentials issued
issue       issue once, supersede what expired
register    find what was issued, list it, revoke it
standing    valid, expired, revoked or superseded (pure)
impact      what a publication changes for learners and certificates
"""
