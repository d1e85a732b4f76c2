"""What a learner's code sees of hidden tests stays with it."""

import pytest

from tests.sandbox.conftest import Exam
from tests.sandbox.leaks import LEAKS

pytestmark = pytest.mark.sandbox
BY_NAME = {leak.what: leak for leak in LEAKS}


@pytest.mark.parametrize("what", BY_NAME)
def test_hidden_inputs_do_not_come_back(exam, what):
    report = exam.grade(BY_NAME[what].code, tests=BY_NAME[what].tests)
    assert "4711" not in f"{report} {report.executed}"


@pytest.mark.parametrize("what", BY_NAME)
def test_without_the_guard_they_would(without, what):
    without(*BY_NAME[what].guards)
    report = Exam(None).grade(BY_NAME[what].code, tests=BY_NAME[what].tests)
    assert "4711" in f"{report} {report.executed}"
