"""What really happened holds together in every form; what was made up shows, each lie in the check that is about it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lms.content.machine import Machine, NodeKind
from lms.labs.evidence.checks import checks_of
from lms.labs.evidence.pieces import Piece
from lms.labs.evidence.reading import read
from lms.labs.evidence.verdict import Circumstances, Elsewhere, Verdict
from tests.labs.evidence.conftest import BEGUN, FORMS, HANDED_IN, IDS, reading, text, verdicts

CONSISTENT, CONTRADICTS, UNKNOWN = Verdict.CONSISTENT, Verdict.CONTRADICTS, Verdict.UNKNOWN
GPU_NODE = NodeKind("gpu", "nid[000001-000999]", 999, 56, 1, 480 * 1024, 4, "")
MACHINE = Machine(
    "small", "Small", invented=True, checked_on="2026-11-23", sources=(), unverified=(), account="", time_limit_required=False,
    nodes=(GPU_NODE,), partitions=(),
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("job", IDS)
def test_nothing_contradicts_what_a_real_slurm_wrote(job, form):
    found = verdicts(job, form, about=Circumstances(BEGUN, HANDED_IN, MACHINE, "Etc/UTC"))
    assert [name for name, verdict in found.items() if verdict is CONTRADICTS] == []
    told = [name for name, verdict in found.items() if verdict is CONSISTENT]
    assert {"order", "elapsed", "limit", "past", "begun", "nodes", "machine", "state", "elsewhere"} <= set(
        told
    )


def changed(job, form, *swaps):
    """A record of a job with words swapped, each of which must be there."""
    said = text(f"{job}.{form}")
    for old, new in swaps:
        assert old in said
        said = said.replace(old, new)
    return {"record": said}


FORGED = [
    # the log of another job, by its name and by what Slurm wrote into it
    ("job", "limit", {"record": text("limit.psv").replace("3|", "5|").replace("3.", "5.")}),
    ("job", "train", {"out": text("limit.out")}),
    # a failure made a success
    ("exit", "fail", changed("fail", "psv", ("2|fail|small-g||billing=1,cpu=1,mem=500M,node=1|FAILED", "2|fail|small-g||cpu=1|COMPLETED"))),
    ("exit", "train", {"record": text("train.psv").replace("COMPLETED|0:0", "FAILED|0:0", 1)}),
    ("exit", "fail", changed("fail", "psv", ("FAILED|3:0|2026-11-25T16:13:00", "COMPLETED|0:0|2026-11-25T16:13:00"))),
    # a time-out, or a cancelled job, made a success
    ("state", "limit", changed("limit", "scontrol", ("JobState=TIMEOUT", "JobState=COMPLETED"))),
    ("state", "cancel", changed("cancel", "psv", ("CANCELLED by 65534|0:0", "COMPLETED|0:0"))),
    ("state", "cancel", changed("cancel", "psv", ("CANCELLED by 65534|0:0", "TIMEOUT|0:0"))),
    # longer than it took, earlier than it was submitted, longer than it was allowed
    ("elapsed", "train", changed("train", "psv", ("00:00:09|00:05:00", "00:12:31|00:05:00"))),
    ("order", "train", changed("train", "psv", ("0:0|2026-11-25T16:13:00|", "0:0|2026-11-25T17:13:00|"))),
    ("limit", "train", changed("train", "psv", ("00:00:09|00:05:00", "00:12:31|00:05:00"))),
    ("limit", "limit", changed("limit", "psv", ("|00:01:13|00:01:00|", "|00:00:30|00:01:00|"))),
    # steps that do not fit, restarts that were never cut, nodes that were not there
    ("steps", "train", changed("train", "psv", ("1|cpu=16,gres/gpu=8", "1|cpu=16,gres/gpu=16"))),
    ("steps", "train", changed("train", "psv", ("13:07|2026-11-25T16:13:09", "13:07|2026-11-25T18:13:09"))),
    ("restarts", "resume", {"out": "start 0\nstart 1\nfinished\n", "form": "scontrol"}),
    ("restarts", "resume", changed("resume", "scontrol", ("Restarts=2", "Restarts=1"))),
    ("nodes", "train", changed("train", "psv", ("|2||nid[000001-000002]", "|2||nid[000001-000004]"))),
    ("nodes", "cancel", changed("cancel", "psv", ("nid000001", "nid000009"))),
    # slurmstepd wrote while the job did not run
    ("log-moments", "cancel", {"out": text("cancel.out").replace("16:13:25", "19:13:25")}),
    # more was asked for than was given, and the other way round
    ("asked-nodes", "train", {"sh": text("train.sh").replace("--nodes=2", "--nodes=4")}),
    ("asked-gpus", "train", {"sh": text("train.sh").replace("--gpus-per-node=4", "--gpus-per-node=8")}),
    ("asked-tasks", "train", {"sh": text("train.sh").replace("--ntasks-per-node=4", "--ntasks-per-node=8")}),
    ("asked-time", "train", {"sh": text("train.sh").replace("--time=00:05:00", "--time=12:00:00")}),
    ("asked-name", "train", {"sh": text("train.sh").replace("--job-name=train", "--job-name=other")}),
    ("asked-account", "train", {"sh": text("train.sh").replace("project_465000001", "project_465000002")}),
]  # fmt: skip


@pytest.mark.parametrize(("check", "job", "forged"), FORGED)
def test_what_was_made_up_shows(check, job, forged):
    form = forged.pop("form", "scontrol" if forged.get("record", "").startswith("JobId=") else "psv")
    assert verdicts(job, form)[check] is not CONTRADICTS
    assert verdicts(job, form, **forged)[check] is CONTRADICTS


def test_two_records_must_say_the_same():
    def together(control):
        found = read([Piece("a.psv", text("train.psv").encode()), Piece("b.txt", control.encode())])
        checks = checks_of(found, Circumstances(BEGUN, HANDED_IN))
        return next(check.verdict for check in checks if check.name == "records")

    assert together(text("train.scontrol")) is CONSISTENT
    assert (
        together(text("train.scontrol").replace("EndTime=2026-11-25T16:13:09", "EndTime=2026-11-25T16:53:09"))
        is CONTRADICTS
    )
    assert (
        together(text("train.scontrol").replace("NodeList=nid[000001-000002]", "NodeList=nid[000003-000004]"))
        is CONTRADICTS
    )


def test_a_clock_without_a_zone_is_given_the_benefit_of_every_zone():
    ended = datetime(2026, 11, 25, 16, 13, 9, tzinfo=UTC)

    def past(handed_in, zone=""):
        return verdicts("train", about=Circumstances(BEGUN, handed_in, zone=zone))["past"]

    assert past(ended - timedelta(hours=15)) is CONTRADICTS
    assert past(ended - timedelta(hours=3)) is UNKNOWN
    assert past(ended + timedelta(hours=13)) is CONSISTENT
    # In Helsinki it is two hours later than in UTC, so 16:13 there was 14:13.
    assert past(ended - timedelta(hours=1), "Europe/Helsinki") is CONSISTENT
    assert past(ended - timedelta(hours=3), "Europe/Helsinki") is CONTRADICTS


def test_a_job_older_than_the_work_is_told():
    submitted = datetime(2026, 11, 25, 16, 13, tzinfo=UTC)

    def since(begun, zone="Etc/UTC"):
        return verdicts("train", about=Circumstances(begun, HANDED_IN, zone=zone))["begun"]

    assert since(submitted - timedelta(minutes=1)) is CONSISTENT
    assert since(submitted + timedelta(minutes=1)) is CONTRADICTS
    assert since(submitted + timedelta(minutes=1), zone="") is UNKNOWN
    assert since(submitted + timedelta(hours=13), zone="") is CONTRADICTS
    assert since(None) is UNKNOWN


def test_a_machines_names_are_compared_with_the_day_they_were_described(about):
    def of(machine, **changes):
        found = {
            check.name: check
            for check in checks_of(reading("train", **changes), replace(about, machine=machine))
        }
        return found["machine"]

    assert of(None).verdict is UNKNOWN
    assert of(MACHINE).verdict is CONSISTENT
    grown = text("train.psv").replace("nid[000001-000002]", "nid[001001-001002]")
    assert of(MACHINE, record=grown).verdict is UNKNOWN
    other = of(MACHINE, record=text("train.psv").replace("nid[000001-000002]", "gpu[1-2]"))
    assert other.verdict is CONTRADICTS
    assert "2026-11-23" in other.words
    assert (
        of(
            MACHINE,
            record=text("train.psv").replace(
                "gres/gpu=8,mem=16G,node=2|COMPLETED", "gres/gpu=16,mem=16G,node=2|COMPLETED"
            ),
        ).verdict
        is CONTRADICTS
    )


@pytest.mark.parametrize("names", ["nid[000001-000002]", "nid[001001-001002]", "gpu[1-2]"])
def test_names_of_nodes_that_are_ours_tell_nothing_of_a_record(about, names):
    ours = replace(about, machine=replace(MACHINE, names_known=False))
    record = text("train.psv").replace("nid[000001-000002]", names)
    found = {check.name: check for check in checks_of(reading("train", record=record), ours)}
    assert found["machine"].verdict is UNKNOWN
    greedy = record.replace("gres/gpu=8,mem=16G,node=2|COMPLETED", "gres/gpu=16,mem=16G,node=2|COMPLETED")
    found = {check.name: check for check in checks_of(reading("train", record=greedy), ours)}
    assert found["machine"].verdict is CONTRADICTS


def test_a_night_on_which_the_clock_changed_is_no_lie():
    longer = text("train.psv").replace(
        "2026-11-25T16:13:09|00:00:09|00:05:00", "2026-11-25T17:13:09|00:00:09|00:05:00"
    )
    assert verdicts("train", record=longer)["elapsed"] is UNKNOWN


def test_a_log_begun_afresh_at_each_start_is_no_lie_and_one_kept_must_show_each_cut():
    cut_once = text("resume.out").split("start 1")[1]
    assert verdicts("resume", "scontrol", out=cut_once)["restarts"] is CONTRADICTS
    afresh = text("resume.sh").replace("--open-mode=append", "--open-mode=truncate")
    assert verdicts("resume", "scontrol", out=cut_once, sh=afresh)["restarts"] is UNKNOWN
    last_only = "\n".join(text("resume.psv").splitlines()[:1] + text("resume.psv").splitlines()[5:])
    assert verdicts("resume", record=last_only)["restarts"] is UNKNOWN
    assert verdicts("resume", record=last_only)["log-moments"] is not CONTRADICTS


def test_the_same_evidence_from_somebody_else_is_named_to_who_may_know(about):
    def word(*elsewhere):
        return next(
            c
            for c in checks_of(reading("train"), replace(about, elsewhere=elsewhere))
            if c.name == "elsewhere"
        )

    assert word().verdict is CONSISTENT
    sure = word(Elsewhere(7, "Eve", "L04", "file", is_sure=True))
    assert sure.verdict is CONTRADICTS
    assert "Eve, lab L04, claim 7" in sure.words
    job, log = (Elsewhere(7, "Eve", "L04", same, is_sure=False) for same in ("job", "file"))
    for found, told in (
        ((job,), "A job of the same number came"),
        ((log,), "An equal log came"),
        ((job, log), "A job of the same number, or an equal log too short"),
    ):
        assert word(*found).verdict is UNKNOWN
        assert word(*found).words.startswith(told)


def test_every_check_rests_on_lines_that_are_there_and_has_words():
    for job in IDS:
        for form in FORMS:
            found = reading(job, form)
            lengths = {found.script.piece: found.script.lines, found.log.piece: found.log.lines}
            lengths[f"{job}.{form}"] = text(f"{job}.{form}").count("\n") + 1
            checks = checks_of(found, Circumstances(BEGUN, HANDED_IN, MACHINE, "Etc/UTC"))
            assert len({check.name for check in checks}) == len(checks)
            for check in checks:
                assert check.words.endswith((".", ":", "”."))
                assert check.title
                for place in check.rests:
                    assert 1 <= place.line <= lengths[place.piece]


def test_the_parts_of_a_heterogeneous_job_are_jobs_of_their_own_and_no_restarts():
    record = "JobID|State|Start|End|Elapsed|NodeList\n" + "".join(
        f"8+{part}|COMPLETED|2026-11-25T16:00:00|2026-11-25T16:10:00|00:10:00|n{part}\n8+{part}.0|COMPLETED|||00:10:00|n{part}\n"
        for part in (0, 1)
    )
    found = read([Piece("a.psv", record.encode()), Piece("slurm-8.out", b"fine\n")])
    assert (found.job.id, len(found.job.runs), found.job.nodes.names(9)) == ("8+0", 1, ("n0",))
    checks = {check.name: check.verdict for check in checks_of(found, Circumstances(BEGUN, HANDED_IN))}
    assert checks["job"] is CONSISTENT
    assert CONTRADICTS not in checks.values()


def test_whole_nodes_may_give_more_gpus_than_were_asked_for_but_never_fewer():
    fewer = text("train.sh").replace("--gpus-per-node=4", "--gpus-per-node=1")
    assert verdicts("train", sh=fewer)["asked-gpus"] is CONSISTENT
    more = text("train.sh").replace("--gpus-per-node=4", "--gpus-per-node=8")
    assert verdicts("train", sh=more)["asked-gpus"] is CONTRADICTS
