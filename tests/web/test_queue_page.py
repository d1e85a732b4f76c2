"""What learners and staff see of the queue: their place in it, who holds what, and what has to be done again."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from lms.labs import queue
from lms.labs.engines import tickets
from lms.labs.queue import MOST_DELIVERIES
from lms.labs.tables import Grading
from tests.conftest import ScriptedGrader
from tests.steps import grade_all, grading_of, hand_in
from tests.web.conftest import shown


@pytest.fixture
def services(site):
    """The worker works on the site's database."""
    return site


@pytest.fixture
def sofia(visitor):
    return visitor("Sofia", staff=True)


def claim(site, worker="host:7:1"):
    with site.database.transaction() as session:
        return queue.claim(session, worker, lease=timedelta(seconds=30), now=datetime.now(UTC))


def lose(site):
    """Whoever holds something falls silent."""
    with site.database.transaction() as session:
        session.execute(update(Grading).values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))
        queue.free_the_abandoned(session, now=datetime.now(UTC))


def make_stuck(site):
    for number in range(MOST_DELIVERIES):
        claim(site, f"victim:{number}")
        lose(site)


def page(client, submission):
    return shown(client.get(f"/submissions/{submission.id}"))


def test_who_waits_sees_their_place_and_how_long_it_may_take_once_that_is_known(
    site, visitor, add_person, worker_with
):
    ada, now = visitor("Ada"), datetime.now(UTC)
    hand_in(site, add_person("Bob"), now=now)
    submission = hand_in(site, ada.person, now=now)
    assert "1 before yours" in page(ada, submission)
    assert "about" not in page(ada, submission)
    grade_all(worker_with(ScriptedGrader(6)))
    with site.database.transaction() as session:
        session.execute(update(Grading).values(started_at=now - timedelta(seconds=16), graded_at=now))
    hand_in(site, add_person("Cem"), now=now)
    waiting = hand_in(site, visitor_person := add_person("Dea"), now=now)
    assert visitor_person
    staff = visitor("Sofia", staff=True)
    assert "1 before yours, about 35 seconds" in page(staff, waiting)
    claim(site)
    assert "Yours is next, about 20 seconds" in page(staff, waiting)
    with site.database.transaction() as session:
        session.execute(update(Grading).values(queued_at=now - timedelta(minutes=5)))
    assert "longer than usual, and nothing is lost" in page(staff, waiting)


def test_phases_are_those_of_the_try_that_is_under_way(site, visitor):
    ada = visitor("Ada")
    submission = hand_in(site, ada.person, now=datetime.now(UTC))
    held = claim(site)
    with site.database.transaction() as session:
        queue.enter_phase(session, held, "run", now=datetime.now(UTC))
    assert "fell silent" not in page(ada, submission)
    lose(site)
    told = page(ada, submission)
    assert "A machine fell silent while it had your notebook" in told
    assert told.count("Your notebook runs in the sandbox") == 1
    assert re.search(
        r'data-state="todo"[^>]*>(?:(?!<li).)*runs in the sandbox',
        ada.get(f"/submissions/{submission.id}").text,
        re.DOTALL,
    )


def test_staff_see_what_waits_and_who_holds_what_since_when(site, sofia, add_person):
    assert "Nobody waits" in shown(sofia.get("/staff/queue"))
    for name in ("Ada", "Bob", "Cem"):
        hand_in(site, add_person(name), now=datetime.now(UTC))
    claim(site, "host:7:1")
    told = shown(sofia.get("/staff/queue"))
    assert "1 is being graded" in told
    assert re.search(r"SL1, no. 1 Ada host:7:1 \d+ seconds? ago", told)
    assert "2 wait" in told
    assert told.index("Bob") < told.index("Cem")
    part = sofia.get("/staff/queue", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div class="stack loose" id="in-work"')
    assert "<html" not in part


def test_staff_read_what_is_done_just_now_in_the_words_learners_read(site, sofia, visitor):
    ada = visitor("Ada")
    submission = hand_in(site, ada.person, now=datetime.now(UTC))
    held = claim(site)
    with site.database.transaction() as session:
        queue.enter_phase(session, held, "run", now=datetime.now(UTC))
    for told in (page(ada, submission), shown(sofia.get("/staff/queue"))):
        assert "Your notebook runs in the sandbox" in told
    part = sofia.get("/staff/queue", headers={"HX-Request": "true"})
    assert "Your notebook runs in the sandbox" in part.text


def test_what_got_stuck_or_failed_is_shown_with_why_and_graded_again_by_staff(
    site, sofia, add_person, worker_with
):
    stuck = hand_in(site, add_person("Ada"))
    make_stuck(site)
    failed = hand_in(site, add_person("Bob"))
    grade_all(worker_with(ScriptedGrader(RuntimeError("no disk"))))
    assert "2 notebooks could not be graded" in shown(sofia.get("/staff"))
    told = shown(sofia.get("/staff/queue"))
    assert f"{MOST_DELIVERIES} graders fell silent over it, the last was victim:{MOST_DELIVERIES - 1}" in told
    assert "Something went wrong on our side." in told
    answer = sofia.post(f"/staff/queue/{stuck.id}/again")
    assert answer.location == f"/submissions/{stuck.id}"
    assert grading_of(site, stuck.id).kind == "again"
    assert sofia.post(f"/staff/queue/{stuck.id}/again").status_code == 409
    assert sofia.post("/staff/queue/999/again").status_code == 404
    grade_all(worker_with(ScriptedGrader(6)))
    assert "1 notebook could not be graded" in shown(sofia.get("/staff"))
    sofia.post("/staff/queue/again")
    grade_all(worker_with(ScriptedGrader(6)))
    assert "could not be graded" not in shown(sofia.get("/staff"))
    assert [grading_of(site, each.id).score for each in (stuck, failed)] == [6, 6]


def test_all_that_is_broken_is_graded_again_also_what_the_page_has_no_room_for(
    site, sofia, add_person, worker_with, monkeypatch
):
    monkeypatch.setattr("lms.labs.watch.MOST_SHOWN", 2)
    ids = [hand_in(site, add_person(name)).id for name in ("Ada", "Bob", "Cem")]
    grade_all(worker_with(ScriptedGrader(RuntimeError("no disk"))))
    assert "3 notebooks could not be graded" in shown(sofia.get("/staff"))
    assert "The newest 2 of 3." in shown(sofia.get("/staff/queue"))
    answer = sofia.post("/staff/queue/again", follow_redirects=True)
    assert "3 notebooks are in the queue again" in shown(answer)
    assert [grading_of(site, each).kind for each in ids] == ["again"] * 3


def test_the_picture_of_waits_says_in_words_what_it_shows(site, sofia, add_person, worker_with):
    assert "Nothing was graded in the last 12 hours" in shown(sofia.get("/staff/queue"))
    hand_in(site, add_person("Ada"), now=datetime.now(UTC) - timedelta(seconds=9))
    grade_all(worker_with(ScriptedGrader(6)))
    told = sofia.get("/staff/queue").text
    assert re.search(
        r'role="img" aria-label="The last 12 hours: the longest wait was (9|10)(\.\d)? s, in the hour from \d\d:00\."',
        told,
    )
    assert "Grader Notebooks Last test 1" in shown(sofia.get("/staff/queue"))


def test_staff_see_what_the_cluster_said_of_gradings_that_came_to_nothing(site, sofia, visitor, add_person):
    assert "What the cluster said" not in sofia.get("/staff/queue").text
    hand_in(site, add_person("Ada"))
    now = datetime.now(UTC)
    with site.database.transaction() as session:
        held = queue.claim(session, "dispatcher", lease=timedelta(seconds=30), now=now)
        tickets.issue(session, [held], now=now)
        ((ticket, _grading),) = tickets.live(session)
        tickets.beat(
            session, ticket, task="7_0", node="n<1>", phase=None, lease=timedelta(seconds=30), now=now
        )
    assert "slurm:n&lt;1&gt;" in sofia.get("/staff/queue").text
    with site.database.transaction() as session:
        ((ticket, _grading),) = tickets.live(session)
        ticket.unfit = True
        tickets.give_up(session, ticket, "bubblewrap (bwrap) is missing", spared=False, now=now)
    page = shown(sofia.get("/staff/queue"))
    assert "bubblewrap (bwrap) is missing" in page
    assert "7_0" in page
    assert "Tasks avoid n&lt;1&gt;" in page
    assert visitor("Eve").get("/staff/queue").status_code == 404
