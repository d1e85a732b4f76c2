#!/bin/bash
#SBATCH --job-name=resume
#SBATCH --ntasks=1
#SBATCH --mem=500M
#SBATCH --gpus=1
#SBATCH --time=5
#SBATCH --requeue
#SBATCH --open-mode=append
echo "start ${SLURM_RESTART_COUNT:-0} at $(date +%FT%T)"
[ "${SLURM_RESTART_COUNT:-0}" -lt 2 ] && { sleep 3; scontrol requeue $SLURM_JOB_ID; sleep 60; }
srun sleep 2
echo finished
