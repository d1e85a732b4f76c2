"""Bubblewrap, limits, what this host allows. Knows nothing of notebooks.

host     finds bwrap, an interpreter and the kernel's packages, all readable for whoever runs in there
profile  what a sandbox may see: the arguments for bwrap          seccomp    which system calls it may make
slots    a user id of its own for each sandbox, when we are root   cgroup     memory, processes and CPU, where writable
usage    the same by looking, where not                           box        one running sandbox, and how it ends
probe    `lms doctor`: what works here, and what to do            supervisor the learner's and the tests' sandbox, side by side
"""
