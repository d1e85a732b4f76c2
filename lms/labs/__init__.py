"""Notebooks: handed out, handed in, run in a sandbox, graded, reviewed by a mentor.

without a database
notebook   the author's nbgrader-format source, read strictly        handout    the learner's version of it
graft      a learner's answers set into our copy of the notebook     placing    which cell of theirs is which of ours
merging    cells merged in an editor, taken apart again              report     what one grading run found
exercise   what one grading needs besides the submission            executed   the notebook with its outputs, bounded
grade      exercise + submission -> report, in two sandboxes
prove      the publish gate: can this lab be trusted to grade?       source     a lab by itself, for the terminal
names      what tests need of learners, and of given code           yesmen     answers of who has no idea, for the gate
sandbox/   bubblewrap, limits, what this host allows                 inside/    what runs in there; imports nothing of the rest
slurm/     labs proved on Slurm: machines, a cluster to throw away      evidence/  what a job on a real machine left behind, as a claim

with one
tables     labs begun, submissions, gradings, reviews                submit     hand in, with every reason to refuse
queue      the grading row is the truth: lease, heartbeat, fence     worker     claims, grades, records
job        what one grading needs, read beforehand                   files      what was handed in, what a grading brought forth
waits      how long one waits for a grade                            watch      the queue as staff look at it
version    which grader gave a grade                                 seed       what varies by learner (pure)
work/      a lab as it is worked on in the browser
engines/   where gradings are carried out: here, or on a cluster
regrade    grade anew, and let it count or not                      appeal     what was questioned, and what ever counted
changes    two gradings of one notebook, compared (pure)            replay     a stored grading made again
modules    what a lab may import, laid out for the sandbox           review     what a person marks
marks      what it comes to (pure)                                   standings  how persons stand in labs
proved     which work was proved on Slurm, and whether it can be
"""
