"""WHO: persons, organisations, roles, identities, and the guards that say who may reach what.

tables     persons, how they sign in, organisations, memberships, invitations
register   a new person, a new organisation
sign_in    e-mail and password, throttled; passwords hashes them
invite     colleagues come by link
viewer     the person a page is for: one value, one query
access     the guarded doors to an organisation and to the desks
"""
