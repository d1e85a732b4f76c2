"""boreas, the practice machine: an invented supercomputer whose rules never change, so that the labs' answers
never age.

profile     its partitions, fair shares, storage and account form, as data
quantities  Slurm's time limits and memory sizes, as numbers
options     the options sbatch knows, long and short
sbatch      reads the #SBATCH lines of a script by Slurm's own rules
request     what a script asks for: nodes, tasks, cores, GPUs, memory, minutes
filenames   %j and its relatives in log names
policy      what boreas has to say about a request
bill        what a request costs, exactly
findings    the value in which a reader reports a mistake, with its place

Only the standard library. Sources are cited as F§n (section n of the course's fact sheet) and Mn (its list of
common mistakes).
"""
