"""Whatever form Slurm's record comes in, the same is read from it; and what cannot be read is told with file, line and what to do."""

from datetime import datetime

import pytest

from lms.errors import Invalid
from lms.labs.evidence.job import Run
from lms.labs.evidence.pieces import MOST_BYTES, MOST_LINES, Piece, Place, Unreadable
from lms.labs.evidence.quantities import Exit, clock_of, seconds_of
from lms.labs.evidence.reading import read
from tests.labs.evidence.conftest import FORMS, IDS, pieces, reading, text

STATES = {
    "train": "COMPLETED", "fail": "FAILED", "limit": "TIMEOUT", "oom": "FAILED", "cancel": "CANCELLED", "sweep": "FAILED",
    "resume": "COMPLETED",
}  # fmt: skip
NEWER = """\
{"jobs": [{"job_id": 4711, "name": "train", "cluster": "lumi", "user": "elena", "partition": "small-g", "account": "project_465000001",
 "allocation_nodes": 2, "nodes": "nid[005012-005013]", "array": {"job_id": 0, "task_id": {"set": false, "infinite": false, "number": 0}},
 "state": {"current": ["COMPLETED"], "reason": "None"}, "restart_cnt": 1,
 "exit_code": {"status": ["SUCCESS"], "return_code": {"set": true, "infinite": false, "number": 0},
   "signal": {"id": {"set": false, "infinite": false, "number": 0}, "name": ""}},
 "time": {"elapsed": 751, "submission": 1795623180, "start": 1795623200, "end": 1795623951, "suspended": 0,
   "limit": {"set": true, "infinite": false, "number": 30}},
 "tres": {"allocated": [{"type": "cpu", "name": "", "id": 1, "count": 112}, {"type": "gres", "name": "gpu", "id": 1001, "count": 16}]},
 "steps": [{"step": {"id": "4711.0", "name": "python"}, "state": ["FAILED"], "tasks": {"count": 16},
   "exit_code": {"status": ["ERROR"], "return_code": {"set": true, "infinite": false, "number": 3}, "signal": {"id": {"set": false}}},
   "nodes": {"count": 2, "range": "nid[005012-005013]", "list": ["nid005012", "nid005013"]},
   "time": {"elapsed": 700, "start": {"set": true, "infinite": false, "number": 1795623205},
     "end": {"set": true, "infinite": false, "number": 1795623905}}, "tres": {"allocated": []}}]}],
 "meta": {"slurm": {"version": {"major": "24", "micro": "4", "minor": "05"}, "release": "24.05.4"}}, "errors": [], "warnings": []}
"""


@pytest.mark.parametrize("spelled", ["0:00:09", "0:59:59", "1:00:01", "123:04:05"])
def test_durations_are_written_as_they_are_read(spelled):
    assert clock_of(seconds_of(spelled)) == spelled
    assert Run(Place("a.psv", 2), elapsed=seconds_of(spelled)).took == spelled
    assert Run(Place("a.psv", 2)).took == ""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("job", IDS)
def test_each_form_tells_the_same_of_each_job(job, form):
    found = reading(job, form).job
    assert (found.id, found.last.state) == (IDS[job], STATES[job])
    assert found.last.start is not None
    took = (found.last.end - found.last.start).total_seconds()
    assert abs(took - found.last.elapsed) <= 1
    assert found.node_count == (2 if job == "train" else 1)
    assert found.nodes.names(9) == (("nid000001", "nid000002") if job == "train" else ("nid000001",))
    assert found.limit % 60 == 0


def test_steps_gpus_and_tasks_are_read_where_the_record_has_them():
    for form in ("psv", "json"):
        job = reading("train", form).job
        assert [(step.id, step.tasks, step.gpus) for step in job.last.steps] == [
            ("batch", 1, 4),
            ("0", 8, 8),
            ("1", 1, 4),
        ]
        assert job.gpus == 8
    assert reading("train", "scontrol").job.tasks == 8
    assert reading("train", "scontrol").job.log.endswith("/slurm-1.out")


def test_a_job_listed_again_was_started_again():
    for form in ("psv", "table", "json"):
        job = reading("resume", form).job
        assert [run.state for run in job.runs] == ["REQUEUED", "REQUEUED", "COMPLETED"]
        assert [len(run.steps) for run in job.runs] == [1, 1, 2]
    assert reading("resume", "scontrol").job.restarts == 2


def test_newer_slurms_write_numbers_as_objects_and_states_as_lists():
    job = read([Piece("a.json", NEWER.encode())]).job
    assert (job.id, job.cluster, job.limit, job.gpus, job.restarts) == ("4711", "lumi", 1800, 16, 1)
    assert (job.last.state, job.last.exit, job.last.elapsed) == ("COMPLETED", Exit(0, 0), 751)
    (step,) = job.last.steps
    assert (step.id, step.state, step.exit, step.tasks) == ("0", "FAILED", Exit(3, 0), 16)
    assert (step.end - step.start).total_seconds() == 700
    infinite = NEWER.replace('"infinite": false, "number": 30', '"infinite": true, "number": 0')
    assert read([Piece("a.json", infinite.encode())]).job.limit != 0


def test_a_slurm_of_22_05_writes_failures_as_success_in_json_so_its_exit_codes_are_not_believed():
    assert '"return_code": 0' in text("fail.json")
    assert reading("fail", "json").job.last.exit is None
    assert reading("fail", "psv").job.last.exit == Exit(3, 0)


def test_any_columns_will_do_with_a_prompt_around_them_and_bars_at_the_end():
    pasted = (
        "elena@uan01:~> sacct -j 9 -p -o state,jobid,elapsedraw\nState|JobID|ElapsedRaw|\nTIMEOUT|9|61|\nCANCELLED by 1001|9.0|61|\n"
        "elena@uan01:~>\n"
    )
    job = read([Piece("paste.txt", pasted.encode())]).job
    assert (job.id, job.last.state, job.last.elapsed) == ("9", "TIMEOUT", 61)
    assert job.last.steps[0].state == "CANCELLED"


def test_names_cut_by_a_narrow_column_are_completed_or_left_open():
    table = text("train.table").replace(" COMPLETED      0:0", "OUT_OF_ME+      0:9")
    job = reading("train", record=table).job
    assert job.last.state == "OUT_OF_MEMORY"


def test_the_jobs_of_an_array_are_told_apart_by_the_logs_name():
    assert reading("sweep").job.id == "6_1"
    other = read([Piece("slurm-6_2.out", b"task 2\n"), Piece("s.psv", text("sweep.psv").encode())])
    assert (other.job.id, other.job.last.state) == ("6_2", "COMPLETED")


def test_seff_and_the_lines_of_jobcomp_are_records_too():
    summary = (
        "Job ID: 4711\nCluster: lumi\nUser/Group: elena/project_465000001\nState: FAILED (exit code 3)\nNodes: 2\nCores per node: 56\n"
        "CPU Utilized: 12:31:15\nCPU Efficiency: 53.61% of 23:21:52 core-walltime\n"
        "Job Wall-clock time: 00:12:31\nMemory Utilized: 21.34 GB\n"
    )
    job = read([Piece("seff.txt", summary.encode())]).job
    assert (job.id, job.cluster, job.node_count, job.last.elapsed) == ("4711", "lumi", 2, 751)
    assert (job.last.state, job.last.exit) == ("FAILED", Exit(3, 0))
    line = (
        "JobId=1 UserId=elena(1001) GroupId=elena(1001) Name=my train JobState=COMPLETED Partition=small-g TimeLimit=5 "
        "StartTime=2026-11-25T16:13:00 EndTime=2026-11-25T16:13:09 NodeList=nid[000001-000002] NodeCnt=2 ProcCnt=16 WorkDir=/scratch "
        "ReservationName= Tres=cpu=16,mem=16G,node=2,billing=16,gres/gpu=8 Account=p QOS=normal WcKey= Cluster=unknown "
        "SubmitTime=2026-11-25T16:13:00 EligibleTime=2026-11-25T16:13:00 DerivedExitCode=0:0 ExitCode=0:0 \n"
    )
    job = read([Piece("jobcomp.txt", line.encode())]).job
    assert (job.id, job.name, job.limit, job.gpus, job.node_count, job.cluster) == (
        "1",
        "my train",
        300,
        8,
        2,
        "",
    )


def test_what_one_record_leaves_open_another_fills_in():
    short = "JobID|State\n1|COMPLETED\n"
    merged = read(
        [Piece("short.psv", short.encode()), Piece("train.scontrol", text("train.scontrol").encode())]
    )
    assert (merged.job.last.elapsed, merged.job.gpus) == (9, 8)
    assert merged.job.last.start == datetime(2026, 11, 25, 16, 13)  # noqa: DTZ001 - the machine's own clock


@pytest.mark.parametrize(
    ("script", "nodes", "tasks", "gpus", "limit"),
    [
        ("#SBATCH --nodes=2 --ntasks-per-node=4 --gpus-per-node=mi250:4 -t 1:30:00", 2, 8, 8, 5400),
        ("#SBATCH -N 2\n#SBATCH -n8\n#SBATCH --gres=gpu:a100:4,nvme:1\n#SBATCH --time 90", 2, 8, 8, 5400),
        ("#SBATCH --requeue -n 1 --gpus=3\n#SBATCH -t 1-2", None, 1, 3, 93600),
        ("#SBATCH --ntasks=4 --gpus-per-task=1\n#SBATCH --time=0:20", None, 4, 4, 60),
        ("# a comment\n\n#SBATCH -N 1-4\necho\n#SBATCH --gpus=8", 1, None, 0, None),
        ("##SBATCH -N 3\n#SBATCH --nodes '2'  # two\n#SBATCH --nodes=4", 4, None, 0, None),
    ],
)
def test_directives_are_read_as_sbatch_reads_them(script, nodes, tasks, gpus, limit):
    found = reading("train", sh=f"#!/bin/bash\n{script}\n").script
    assert (found.nodes, found.tasks, found.gpus, found.limit) == (nodes, tasks, gpus, limit)


def test_only_slurms_own_lines_of_a_log_count():
    said = [event.kind for event in reading("resume").log.events]
    assert said == ["requeue", "requeue"]
    assert [event.kind for event in reading("limit").log.events] == ["limit", "limit", "task"]
    newer = "step\nslurmstepd: error: Detected 1 oom_kill event in StepId=4.0. Some of the step tasks have been OOM Killed.\n"
    assert [event.kind for event in reading("oom", out=newer).log.events] == ["memory"]
    assert reading("oom", out="oom_kill, said the job itself\n").log.events == ()


@pytest.mark.parametrize(
    ("piece", "where", "said"),
    [
        (Piece("a.psv", b""), "a.psv", "nothing in it"),
        (Piece("a.psv", b"x" * (MOST_BYTES + 1)), "a.psv", "larger than 2 MB"),
        (Piece("a.out", b"\n" * 9 + b"x\n" * MOST_LINES), f"a.out, line {MOST_LINES}", "more than"),
        (Piece("a.png", b"\x89PNG\0\0"), "a.png", "no text"),
        (Piece("a.psv", b"1|train|COMPLETED|0:0\n"), "a.psv, line 1", "Leave -n out"),
        (Piece("a.psv", b"JobID|State\n1|COMPLETED|0:0\n"), "a.psv, line 2", "3 values for 2 columns"),
        (Piece("a.psv", b"JobID|State\n1|SPLENDID\n"), "a.psv, line 2", "nothing Slurm writes as state"),
        (Piece("a.psv", b"JobID|State|Start\n1|COMPLETED|Today 14:00\n"), "a.psv, line 2", "as start"),
        (Piece("a.psv", b"JobID|State\n1.0|COMPLETED\n"), "a.psv, line 2", "before its job"),
        (Piece("a.psv", b"JobID|State|State\n1|FAILED|FAILED\n"), "a.psv, line 1", "named twice"),
        (Piece("a.psv", b"JobID|State\n"), "a.psv, line 1", "lists no job"),
        (Piece("a.psv", b"JobID|State\n1|FAILED\n2|FAILED\n"), "a.psv, line 2", "lists 2 jobs"),
        (Piece("a.txt", b"JobID State\n1     FAILED\n"), "a.txt, line 2", "line of dashes"),
        (Piece("a.txt", b"JobID  State\n------ ------\n12345+ FAILED\n"), "a.txt, line 3", "is no job's id"),
        (Piece("a.json", b'{"jobs": [\n{"job_id": 1,}]}'), "a.json, line 2", "no whole JSON"),
        (Piece("a.json", b'{"jobs": []}'), "a.json", "lists no jobs"),
        (Piece("a.json", b'{"jobs": [{"job_id": "x"}]}'), "a.json, line 1", "has no job_id"),
        (Piece("a.json", b"[" * 100_000), "a.json", "what Slurm never writes"),
        (Piece("a.txt", b"JobId=abc JobState=FAILED\n"), "a.txt, line 1", "is no job's id"),
        (Piece("a.txt", b"Job ID: 1\nNodes: 2\n"), "a.txt, line 1", "names no job or no state"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_what_to_do(piece, where, said):
    with pytest.raises(Unreadable) as refused:
        read([piece])
    assert refused.value.message.startswith(f"{where}: ")
    assert said in refused.value.message


def test_the_pieces_must_be_of_one_job_and_one_of_each_kind_with_a_record_among_them():
    script, log, record = pieces("train")
    with pytest.raises(Invalid, match="None of these is Slurm's own record"):
        read([script, log])
    with pytest.raises(Unreadable, match="two scripts"):
        read([script, script, record])
    with pytest.raises(Unreadable, match="does not tell of job 1"):
        read([record, Piece("other.scontrol", text("fail.scontrol").encode())])
    with pytest.raises(Invalid, match="At most 3"):
        read([script, log, record, record])


def test_windows_shells_write_utf_16_and_other_line_ends_and_are_read_all_the_same():
    table = text("train.psv").replace("\n", "\r\n")
    assert read([Piece("a.psv", b"\xef\xbb\xbf" + table.encode())]).job.gpus == 8
    assert read([Piece("a.psv", table.encode("utf-16"))]).job.gpus == 8
