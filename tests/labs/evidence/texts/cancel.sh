#!/bin/bash
#SBATCH -J cancel -n 1 --mem=500M -t 3
srun sleep 100
