#!/bin/bash
#SBATCH -J sweep -n 1 --mem=500M -t 3 --array=0-2
srun bash -c 'echo task $SLURM_ARRAY_TASK_ID; [ $SLURM_ARRAY_TASK_ID -ne 1 ]'
