"""Labs proved on Slurm: what a real Slurm says of a learner's job script, and what the script does on one.

machine    a machine as data -> the configuration of its Slurm (pure)
"""
