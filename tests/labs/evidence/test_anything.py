"""Whatever is handed in, the answer is a reading or a refusal in words, and it comes soon."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.labs.evidence.checks import checks_of
from lms.labs.evidence.pieces import MOST_BYTES, Piece
from lms.labs.evidence.reading import read
from lms.labs.evidence.verdict import Circumstances
from tests.labs.evidence.conftest import BEGUN, FORMS, HANDED_IN, IDS, pieces, text

STATED = st.sampled_from(["COMPLETED", "FAILED", "TIMEOUT", "CANCELLED by 7", "OUT_OF_ME+", "RUNNING", ""])
WORDS = st.text(max_size=30)
MOMENTS = st.one_of(
    st.datetimes().map(lambda each: each.isoformat(timespec="seconds")), st.just("Unknown"), WORDS
)
KEYS = (
    "jobs", "job_id", "state", "current", "time", "start", "number", "set", "steps", "step", "id", "nodes", "range", "array", "task_id",
    "exit_code", "return_code", "tres", "allocated",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=30,
)
CONTROL = (
    "JobId",
    "JobState",
    "StartTime",
    "EndTime",
    "NodeList",
    "TimeLimit",
    "TRES",
    "Restarts",
    "ArrayTaskId",
    "ArrayJobId",
)


def outcome(*given_pieces):
    """Read and checked, or refused; anything else is a fault."""
    try:
        found = read(list(given_pieces))
    except Invalid:
        return None
    checks = checks_of(found, Circumstances(BEGUN, HANDED_IN))
    assert checks
    return found


@given(st.lists(st.binary(max_size=400), max_size=4))
def test_any_bytes(files):
    outcome(*(Piece(f"file-{number}", data) for number, data in enumerate(files)))


@given(st.text(max_size=200), st.text(max_size=600))
def test_any_text_under_any_name(name, content):
    outcome(Piece(name, content.encode(errors="replace")), Piece("r.psv", text("train.psv").encode()))


@settings(max_examples=300)
@given(st.sampled_from(sorted(IDS)), st.sampled_from(FORMS), st.data())
def test_a_genuine_record_with_anything_cut_out_doubled_or_put_in(job, form, data):
    whole = text(f"{job}.{form}")
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    put = data.draw(
        st.one_of(
            WORDS,
            st.just(whole[start:end] * 2),
            st.sampled_from(["|", "\n", "[1-99999999]", "9" * 30, "-", "\0"]),
        )
    )
    outcome(*pieces(job, form, record=whole[:start] + put + whole[end:]))


@given(
    st.lists(
        st.tuples(st.sampled_from(["1", "1.batch", "1.0", "2_3", "x"]), STATED, MOMENTS, MOMENTS, WORDS),
        min_size=1,
        max_size=8,
    )
)
def test_any_rows(rows):
    lines = ["JobID|State|Start|End|NodeList", *("|".join(row).replace("\n", " ") for row in rows)]
    outcome(Piece("r.psv", "\n".join(lines).encode(errors="replace")))


@given(JSON)
def test_any_json(value):
    outcome(Piece("r.json", json.dumps({"jobs": [value]}).encode()))
    outcome(Piece("r.json", json.dumps({"jobs": value}).encode()))


@given(st.lists(st.tuples(st.sampled_from(CONTROL), WORDS), max_size=12))
def test_any_keys_and_values(words):
    outcome(
        Piece(
            "r.txt",
            ("JobId=1 " + " ".join(f"{key}={value}" for key, value in words)).encode(errors="replace"),
        )
    )


@given(WORDS, WORDS, st.integers(0, 10**30))
def test_any_directive(option, value, number):
    script = f"#!/bin/bash\n#SBATCH --{option}={value}\n#SBATCH -N {number} --gres=gpu:{number} -t {value}\n#SBATCH -{option} {value}\n"
    outcome(Piece("s.sh", script.encode(errors="replace")), Piece("r.psv", text("train.psv").encode()))


RECORD = text("train.psv").encode()
LARGEST = {
    "one long line": b"slurmstepd: error: " + b"x" * (MOST_BYTES - 100),
    "lines that almost are Slurm's": b"slurmstepd-n: error: *** JOB 1 ON n CANCELLED AT 2026-11-25T16:13:25 DUE TO \n"
    * 26_000,
    "srun's lines": b"srun: error: n: task 0: Killed\n" * 50_000,
    "memory": b"slurmstepd: error: oom-kil" * 70_000,
    "dashes": b"JobID State\n" + b"- " * 900_000,
    "bars": b"JobID|State|" + b"|" * (MOST_BYTES - 100),
    "rows": b"JobID|State\n" + b"1|FAILED\n" * 49_000,
    "steps": b"JobID|State\n1|FAILED\n" + b"1.0|FAILED\n" * 4_900,
    "keys": b"JobId=1 " + b"A=" * 900_000,
    "jobs": b"JobId=1 JobState=FAILED\n" * 40_000,
    "nodes": b"JobID|State|NodeList\n" + b"1|FAILED|n[1-9999],m[1-9999]\n" * 4_000,
    "nested": b'{"jobs":' + b"[" * 90_000 + b"]" * 90_000 + b"}",
    "many jobs": b'{"jobs":[' + b",".join([b'{"job_id":1,"nodes":"n[1-9999]"}'] * 499) + b"]}",
    "directives": b"#!/bin/bash\n" + b"#SBATCH -N 1 --gres=gpu:1 -t 1\n" * 40_000,
    "quotes": b"#!/bin/bash\n" + b"#SBATCH '\"'\"'\"\n" * 40_000,
}


@pytest.mark.parametrize("hostile", LARGEST.values(), ids=list(LARGEST))
def test_the_largest_files_are_answered_within_seconds(hostile):
    began = time.process_time()
    outcome(Piece("slurm-1.out", hostile), Piece("r.psv", RECORD))
    outcome(Piece("r", hostile))
    assert time.process_time() - began < 5
