"""Whether ANYBODY'S badge holds: an Open Badge 3.0 of any issuer, read strictly, checked point by point, and explained.

outcome    passed, failed or could not be told: what a check says, and how it is said
read       bytes to a credential: JSON, a JWT, or a picture that one is baked into
contexts   what the words in it mean: its kind and its JSON-LD contexts
keys       which key is the issuer's: did:web, did:key, did:jwk, and addresses of its own
signature  whether that key signed it, and all of it
schema     whether it has the shape that 1EdTech published
dates      when it holds
status     whether the issuer took it back
badge      what it says, in short
verify     all of it together, never raising for what is in the bytes
throttle   how often one address may ask, with tables
"""
