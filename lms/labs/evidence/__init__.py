"""Evidence from a real machine: what a learner brings back of a job that ran elsewhere. A claim: read, checked, judged by a person.

without a database
pieces      the files of a claim, bounded, as text; the one refusal     quantities  Slurm's spellings of times, sizes and states
nodes       lists of nodes, as ranges                                   job         a job as a record tells of it
rows        lines of columns into jobs
table       sacct: -P, -p and the fixed-width table                     export      sacct --json: 22.05 as seen, 23.02 to 25.x as published
control     scontrol show job, and jobcomp's lines                      seff        the summary of that name
script      the directives of a batch script                            log         slurm-*.out: what slurmstepd and srun wrote into it
reading     three pieces into one reading of one job                    verdict     what a check says, and what it may know
checks      does it hold together?                                      check_given, check_nodes, check_times   the rest of it
timeline    a job's life as places on a line

with one
tables      claims, their pieces, the decisions                         hand_in     bring a claim, with every reason to refuse one
judge       the mentor's desk: who may see a claim, and decide it       shown       who has shown what on a real machine
"""
