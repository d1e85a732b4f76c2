#!/bin/bash
# Fine-tune the ranker. What the team agreed on:
#   - partition small-g, one node, 4 GPUs, for 2 hours
#   - 4 tasks of 14 cores, and 100 GB of host memory for each task
#   - paid by project_465000042
#   - for every job a log of its own, and its errors in another file
#SBATCH --job-name=ranker
#SBATCH --partition=gpu
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=4
#SBATCH --cpus-per-task=14
#SBATCH --mem=100G
#SBATCH --time=02:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=runs/$USER-%j.err

mkdir -p logs
#SBATCH --account=project_465000042

export HF_HUB_OFFLINE=1
srun --cpu-bind=cores \ 
    python train.py --run ranker-7 --epochs 3
