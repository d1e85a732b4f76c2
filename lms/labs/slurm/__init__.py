"""Labs proved on Slurm: what a real Slurm says of a learner's job script, and what the script does on one.

machine    a machine as data -> the configuration of its Slurm (pure)      present    whether this host has a Slurm at all
ask        `sbatch --test-only`, answered by a lone slurmctld: a fact      play       the script, run on two nodes: the learner's claim
rung       both, between a learner's cells and the tests
probe      for `lms doctor`
sandbox    one sandbox with a Slurm in it, watched and bounded             (what runs in there is inside/cluster)
"""
