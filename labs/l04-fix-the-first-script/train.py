"""Stands in for the training of this lab: each task says who it is, what it was told, and what it was given."""

import os
import sys

rank, tasks = os.environ.get("SLURM_PROCID", "?"), os.environ.get("SLURM_NTASKS", "?")
gpus = os.environ.get("CUDA_VISIBLE_DEVICES", "none")
offline = os.environ.get("HF_HUB_OFFLINE", "not set")
print(f"task {rank} of {tasks}: {' '.join(sys.argv[1:])} | GPUs {gpus} | HF_HUB_OFFLINE {offline}")
