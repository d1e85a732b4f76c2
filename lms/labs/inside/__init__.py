"""What runs inside the sandbox. Imports the standard library, IPython and nothing else of the house.

codec    plain data over a socket, and nothing but plain data    boot     limits, files and the job, before anything untrusted
collect  the files that a lab asks for, as bytes              forkserver  prepared once, forked for each job
learner  L: runs the learner's cells, then serves their values   shell    IPython without a kernel process
cluster  a Slurm to throw away, and what a script does on it      proof    what tests are told of it, under the name `slurm`
tester   T: runs the tests; no learner's code ever runs there    remote   what T sees of L: proxies that refuse to be a verdict
"""
