"""WHO IS TOLD: what happens to certificates and readiness, handed over to an allocation desk: signed webhooks, and a desk that asks.

tables     where to tell it, what was told, and who may ask
events     what there is to tell, and in which words (pure)
sign       Standard Webhooks signatures (pure)
endpoints  where to tell it: added, paused, taken up again, given another secret
collect    what happened since, from the records it left, written down for each endpoint
deliver    deliveries claimed, posted, tried again for days, replayed
postman    both, while a grading worker runs
tokens     who may ask: made, shown, counted, revoked
answers    is this company ready, for what, until when, and who says so
log        what staff look at
"""
