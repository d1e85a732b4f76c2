"""What carries gradings out, behind one small interface. None of it holds truth: the queue's rows do.

engine     the interface, driven by `lms worker`       local      in the sandboxes of this host
slurm      job arrays on the centre's own cluster      cluster    Slurm's commands
reconcile  our tickets beside Slurm's word             rest       the same through slurmrestd
tickets    who may speak for a grading, once           tables     tickets
wire       task and verdict as bytes                   node       one task, on a compute node, without a database
"""
