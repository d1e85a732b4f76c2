"""The same verbs from a terminal. One file a subject; `main` finds them.

main        the group, and how a refusal looks       serving     serve, worker
authoring   check, preview                           demoing     demo
grading     grade, handout, doctor                   operating   db upgrade, person, company
regrading   regrade                               replaying   grade --replay
releases    publish, releases, rollback              processes   who runs beside whom on one host
progress    how long work shows how far it is            composing   how commands come by services
node        grade-task, on a compute node            browser     runtime build, status, verify, prune
keys        the signing keys, made, listed and renewed
readiness   readiness sweep, replay                  handover    handover
"""
