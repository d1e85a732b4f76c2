#!/bin/bash
#SBATCH --job-name=train
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=2
#SBATCH --mem=8G
#SBATCH --time=00:05:00
#SBATCH --account=project_465000001
echo "host $(hostname) job $SLURM_JOB_ID"
srun bash -c 'sleep 6; echo rank $SLURM_PROCID on $SLURMD_NODENAME with $CUDA_VISIBLE_DEVICES'
srun --ntasks=1 --nodes=1 sleep 2
echo done
