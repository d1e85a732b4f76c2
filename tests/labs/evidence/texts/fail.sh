#!/bin/bash
#SBATCH -J fail -n 1 --mem=500M -t 2
srun false
exit 3
