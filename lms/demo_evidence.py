"""What a requeued job of a demo person left on a machine: made up, and said to be so by where it stands. One directive was overridden."""

from datetime import datetime, timedelta

from lms.labs.evidence.pieces import Piece

SCRIPT = """\
#!/bin/bash
#SBATCH --job-name=resume
#SBATCH --account=project_465000001
#SBATCH --partition=small-g
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --gpus-per-node=2
#SBATCH --time=00:30:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120

trap 'touch stop; wait; scontrol requeue "$SLURM_JOB_ID"' USR1
srun python train.py --resume checkpoint.pt &
wait $!
"""
_COLUMNS = "JobID|JobName|Cluster|Partition|Account|AllocTRES|State|ExitCode|Submit|Start|End|Elapsed|Timelimit|NNodes|NTasks|NodeList"


def evidence(ended: datetime) -> list[Piece]:
    """The record, the log and the script of a job that ended then, by the machine's clock (UTC here)."""
    again = ended - timedelta(minutes=11, seconds=8)
    cut = again - timedelta(minutes=2, seconds=11)
    began = cut - timedelta(minutes=18, seconds=2)
    asked = began - timedelta(minutes=37, seconds=40)
    rows = (
        _row("8123045", "resume", "REQUEUED", "0:0", asked, began, cut),
        _row("8123045.batch", "batch", "CANCELLED", "0:15", began, began, cut),
        _row("8123045.0", "python", "COMPLETED", "0:0", began, began, cut - timedelta(seconds=4)),
        _row("8123045", "resume", "COMPLETED", "0:0", cut, again, ended),
        _row("8123045.batch", "batch", "COMPLETED", "0:0", again, again, ended),
        _row("8123045.0", "python", "COMPLETED", "0:0", again, again + timedelta(seconds=1), ended),
    )
    log = (
        "rank 0 of 1, no checkpoint, step 0\nstep 400 loss 2.114\nstep 800 loss 1.873\nUSR1: checkpoint at step 871\n"
        f"slurmstepd-nid007811: error: *** JOB 8123045 ON nid007811 CANCELLED AT {_clock(cut)} DUE TO JOB REQUEUE ***\n"
        "rank 0 of 1, checkpoint of step 871\nstep 1200 loss 1.702\nstep 1400 loss 1.655\ndone\n"
    )
    texts = {"sacct.txt": "\n".join((_COLUMNS, *rows, "")), "slurm-8123045.out": log, "job.sh": SCRIPT}
    return [Piece(name, text.encode()) for name, text in texts.items()]


def _row(job: str, name: str, state: str, code: str, submit: datetime, start: datetime, end: datetime) -> str:
    is_step = "." in job
    took = end - start
    return "|".join(
        (
            job, name, "lumi", "" if is_step else "small-g", "project_465000001", "cpu=14,gres/gpu=2,mem=120G,node=1", state, code,
            _clock(submit), _clock(start), _clock(end), f"0{took}", "" if is_step else "00:20:00", "1", "1" if is_step else "", "nid007811",
        )
    )  # fmt: skip


def _clock(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")
