"""Bubblewrap, limits, what this host allows. Knows nothing of notebooks.

host     finds bwrap, an interpreter and the kernel's packages   staging     where a sandbox's user can read them
profile  what a sandbox may see: the arguments for bwrap         seccomp     which system calls it may make
slots    a user id of its own for each bwrap, when we are root   cgroup      memory, processes and CPU, where writable
usage    the same by looking, where not                          feed        bytes into a pipe that may be full
bubble   bwrap, started and ended                                box         one running sandbox: its job, its limits, its end
fresh    a bwrap for each job                                    forkserver  a bwrap that lasts, and copies itself for each job
pair     the learner's sandbox and the tests', with their pipes  ways        the best way to a pair that this host allows
work     what a pair is given to do, and what was found          supervisor  runs a pair: the loop that feeds, reads and ends
between  what is done between the cells and the tests            collected   what the learner's cells made, taken out
probe    `lms doctor`: what works here, and what to do
"""
