"""The same verbs from a terminal. One file a subject; `main` puts them together.

main        the group, and how a refusal looks       serving     serve, worker, demo
authoring   check, preview                           grading     grade, handout, doctor
releases    publish, releases, rollback              operating   db upgrade, people, companies
"""
