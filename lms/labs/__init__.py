"""Notebooks: handed out, handed in, run in a sandbox, graded, reviewed by a mentor.

notebook   the author's nbgrader-format source, read strictly        handout   the learner's version of it
graft      a learner's answers set into our copy of the notebook     report    what one grading run found
grade      source + submission -> report, in two sandboxes           sandbox/  bubblewrap, limits, what this host allows
inside/    what runs inside the sandbox; imports nothing of the rest
tables     labs begun, submissions, grades, reviews                  submit    hand in, with every reason to refuse
queue      the submission row is the truth: lease, heartbeat, fence  worker    claims, grades, records
review     what a person marks                                       marks     what it comes to (pure)
"""
