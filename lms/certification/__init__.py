"""WHETHER it counts, and the proof: evidence, policy, credentials.

policy      levels of readiness: what a company must show (pure)
company     what it has shown, as the policy reads it (pure)
attestation somebody's word for what no course can show
evidence    what members of a company have shown, with dates and releases
decision    what is earned, and what is missing (pure)
passing     when a course or a track counts as passed (pure)
alignment   skills of the HPC Certification Forum and ESCO, levels of the EQF (pure)
credential  what is signed: the words of an Open Badge 3.0 credential (pure)
did         who the centre is to a machine: its did:web document (pure)
keys        the signing keys, their rotation, and every public key there ever was
proof       the embedded proof, by openbadgeslib
press       signs a credential in both forms: embedded proof and JWT
tables      credentials issued, keys, endorsements
issue       issue once, renew what ends, supersede what expired
register    find what was issued, list it, suspend, resume and revoke it, forget its holder
standing    valid, expired, suspended, revoked or superseded (pure)
status      the signed lists of what is revoked or suspended
endorsement  what others sign beside a company's credential, checked and kept
badge       what a badge looks like, with a credential baked in
document    a certificate on paper: one page of tagged PDF, with the credential inside
impact      what a publication changes for learners and certificates
"""
