"""Our tickets beside Slurm's word, on both databases: what each state of a task means for its grading."""

from datetime import timedelta

import pytest

from lms.labs import queue
from lms.labs.engines import tickets
from lms.labs.engines.cluster import SlurmTask
from lms.labs.engines.reconcile import reconcile
from lms.labs.engines.tables import Ticket
from lms.labs.tables import Grading
from tests.conftest import NOW
from tests.steps import hand_in

LEASE = timedelta(seconds=30)
LATER = NOW + timedelta(seconds=20)


class Dispatched:
    """Gradings that were submitted as one array at NOW, of which Slurm says something at LATER."""

    def __init__(self, services, people):
        self.services = services
        self.submissions = [hand_in(services, person) for person in people]
        with services.database.transaction() as session:
            held = [queue.claim(session, "dispatcher", lease=LEASE, now=NOW) for _ in people]
            self.batch = tickets.issue(session, held, now=NOW).batch

    def begin(self, number=0, now=NOW):
        with self.services.database.transaction() as session:
            ticket = session.query(Ticket).filter_by(number=number).one()
            tickets.beat(session, ticket, task="7_0", node="n1", phase="run", lease=LEASE, now=now)

    def task(self, state, number=0, batch=None):
        return SlurmTask(batch or self.batch, number, f"7_{number}", state, "n1")

    def reckon(self, *seen, now=LATER):
        with self.services.database.transaction() as session:
            return reconcile(session, seen, lease=LEASE, now=now)

    @property
    def grading(self):
        with self.services.database.reading() as session:
            return session.query(Grading).order_by(Grading.id).first()

    @property
    def ticket(self):
        with self.services.database.reading() as session:
            return session.query(Ticket).order_by(Ticket.id).first()


@pytest.fixture
def one(services, add_person):
    return Dispatched(services, [add_person("Ada")])


@pytest.mark.parametrize("state", ["PENDING", "CONFIGURING", "REQUEUE_HOLD"])
def test_a_task_that_waits_in_slurm_keeps_its_lease(one, state):
    reckoning = one.reckon(one.task(state))
    assert (reckoning.waiting, reckoning.live, reckoning.cancel) == (1, 1, ())
    assert one.grading.lease_until == LATER + LEASE
    longer = LATER + 10 * LEASE
    one.reckon(one.task(state), now=longer)
    assert (one.grading.state, one.grading.delivery, one.grading.lease_until) == (
        "running",
        1,
        longer + LEASE,
    )


@pytest.mark.parametrize("state", ["RUNNING", "COMPLETING", "SUSPENDED", "A_STATE_OF_NEXT_YEAR"])
def test_only_the_node_renews_the_lease_of_a_task_that_runs(one, state):
    one.begin()
    reckoning = one.reckon(one.task(state))
    assert (reckoning.waiting, reckoning.live) == (0, 1)
    assert one.grading.lease_until == NOW + LEASE
    silent = NOW + LEASE + timedelta(seconds=1)
    one.reckon(one.task(state), now=silent)
    assert one.grading.state == "queued"
    taken_over = one.reckon(one.task(state), now=silent)
    assert taken_over.cancel == (one.task(state),)
    assert "fell silent" in one.ticket.trouble


def test_a_task_slurm_does_not_know_may_be_on_its_way_until_its_lease_lapses(one):
    assert one.reckon().waiting == 1
    assert (one.grading.state, one.grading.lease_until) == ("running", NOW + LEASE)
    one.reckon(now=NOW + 2 * LEASE)
    assert one.grading.state == "queued"


@pytest.mark.parametrize(
    "state",
    ["NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "CANCELLED", "FAILED", "TIMEOUT", "OUT_OF_MEMORY", "COMPLETED"],
)
def test_a_task_that_ended_without_a_result_goes_back_at_once(one, state):
    one.begin()
    reckoning = one.reckon(one.task(state))
    assert (reckoning.live, reckoning.cancel) == (0, ())
    assert (one.grading.state, one.grading.spared) == ("queued", 0)
    assert one.ticket.trouble == f"Slurm says {state} of 7_0 on n1, and no result came"


def test_a_task_that_was_begun_and_waits_again_is_cancelled_and_goes_back(one):
    one.begin()
    reckoning = one.reckon(one.task("PENDING"))
    assert reckoning.cancel == (one.task("PENDING"),)
    assert (one.grading.state, one.grading.spared) == ("queued", 0)


def test_a_task_that_waits_until_its_token_expires_gets_another(one):
    expired = NOW + tickets.GOOD_FOR
    assert one.reckon(one.task("PENDING"), now=expired).cancel == (one.task("PENDING"),)
    assert (one.grading.state, one.grading.spared) == ("queued", 1)


def test_what_brings_nodes_down_again_and_again_is_set_aside(one):
    for _ in range(queue.MOST_DELIVERIES):
        batch = one.batch
        one.reckon(SlurmTask(batch, 0, "7_0", "NODE_FAIL", "n1"))
        with one.services.database.transaction() as session:
            if held := queue.claim(session, "dispatcher", lease=LEASE, now=LATER):
                one.batch = tickets.issue(session, [held], now=LATER).batch
    assert (one.grading.state, one.grading.delivery) == ("stuck", queue.MOST_DELIVERIES)


def test_tasks_of_another_site_under_the_same_user_are_left_alone(one):
    strangers = [one.task("PENDING", batch="0123456789abcdef"), one.task("RUNNING", number=9)]
    assert one.reckon(one.task("PENDING"), *strangers).cancel == ()


def test_a_node_that_can_grade_nothing_is_avoided_for_a_while(one):
    one.begin()
    with one.services.database.transaction() as session:
        ticket = session.query(Ticket).one()
        ticket.unfit = True
        tickets.give_up(session, ticket, "no sandbox", spared=False, now=LATER)
    with one.services.database.reading() as session:
        assert tickets.unfit_nodes(session, now=LATER) == ["n1"]
        assert tickets.unfit_nodes(session, now=LATER + tickets.AVOIDED_FOR) == []
        assert [each.trouble for each in tickets.troubles(session, now=LATER)] == ["no sandbox"]


def test_tickets_are_forgotten_after_a_while_and_not_before(one):
    one.reckon(one.task("FAILED"))
    for days, left in ((29, 1), (31, 0)):
        with one.services.database.transaction() as session:
            tickets.forget(session, now=NOW + timedelta(days=days))
        with one.services.database.reading() as session:
            assert session.query(Ticket).count() == left
