#!/bin/bash
#SBATCH -J limit -n 1 --mem=500M
#SBATCH --time=1
srun sleep 300
