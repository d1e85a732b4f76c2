"""docs/SECURITY.md says what the tests try, and nothing else."""

from tests.sandbox import attacks, bombs, forgeries, leaks
from tests.sandbox.guards import RULES
from tests.sandbox.page import PAGE, page


def test_the_page_is_made_from_the_tables_that_are_tried():
    assert PAGE.read_text() == page(PAGE.read_text()), "write it anew: python -m tests.sandbox.page"


def test_each_attack_has_one_name_and_a_guard():
    tables = (
        attacks.DOORS,
        attacks.REACH,
        attacks.OTHER_JOBS,
        attacks.OUTPUTS,
        bombs.BOMBS,
        forgeries.FORGERIES,
        leaks.LEAKS,
    )
    rows = [row for table in tables for row in table]
    assert len({row.what for row in rows}) == len(rows)
    assert all(row.guards for row in rows)
    assert {guard for row in rows for guard in row.guards if guard.startswith("protocol")} == set(RULES)
