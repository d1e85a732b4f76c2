"""A lab as it is worked on in the browser: what was typed is kept, every version that somebody may look for again stays.

tables    revisions, and files that the learner's code wrote        thinning  which versions make room for others (pure)
content   what is sent, read strictly: a notebook and files         save      one save at a time, nothing overwritten unseen
history   earlier versions: looked at, restored, begun anew         carry     answers taken along into a newer version (pure)
hand_in   exactly that revision, handed in                          absent    what a browser cannot do, told beforehand (pure)
"""
