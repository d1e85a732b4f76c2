#!/bin/bash
#SBATCH -J oom -n 1 --mem=100M -t 2
srun python3 -c "import time; x=bytearray(300*2**20); time.sleep(20)"
