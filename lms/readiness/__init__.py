"""WHETHER IT STAYS TRUE: a company's levels as time passes. The policy proposes, the centre confirms, and nothing changes silently.

lapses       what a company holds runs out when (pure)
plain        evidence and decisions as plain data, to be kept and read again (pure)
states       proposed, granted, lapsing, suspended, withdrawn: what follows from what (pure)
way          the shortest way to a level, in minutes (pure)
what_if      what would be, if somebody left or passed something (pure)
tables       evaluations, where each level stands, what changed, what was warned of
looking      everything that is known of companies at a moment, read in a handful of queries
evaluate     look, keep what is new, move the levels that have to move
sweep        the same for all companies, so that time alone is noticed
replay       a stored evaluation made again
confirm      the centre's decisions: grant, renew, suspend, take back, withdraw
credentials  what becomes of the certificate then
wanted       documents that companies still need, for who may see them
desk         what staff look at: who waits, who holds what, what changed
"""
