"""`kill -9`, at any moment, of whoever hands in and whoever grades, for hundreds of notebooks: nothing is lost, nothing recorded twice."""

import random
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import func, select, text

from lms.labs.queue import MOST_DELIVERIES
from lms.labs.tables import Grading, GradingFile, Submission, SubmissionFile
from lms.people.tables import Person
from tests.conftest import NOW
from tests.labs.crew import Crew

NOTEBOOKS, POISONED, KILLS = 240, 2, 40
MINUTE = 60

WITNESS = {
    "sqlite": """
        CREATE TRIGGER witness AFTER UPDATE OF state ON grading WHEN NEW.state = 'done'
        BEGIN INSERT INTO recorded VALUES (NEW.id); END""",
    "postgresql": """
        CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF NEW.state = ''done'' THEN INSERT INTO recorded VALUES (NEW.id); END IF; RETURN NEW; END';
        CREATE TRIGGER witness AFTER UPDATE OF state ON grading FOR EACH ROW EXECUTE FUNCTION witness()""",
}
"""The database itself notes each time a grading becomes done, in the transaction that makes it so."""


@pytest.fixture
def crew(services, tmp_path):
    hired = Crew(services, tmp_path)
    yield hired
    hired.dismiss()


def prepare(database):
    with database.transaction() as session:
        session.execute(text("CREATE TABLE recorded (grading_id INTEGER)"))
        session.execute(text(WITNESS[database.engine.dialect.name]))
        names = [f"Poisoner {n}" for n in range(POISONED)] + [
            f"Learner {n}" for n in range(NOTEBOOKS - POISONED)
        ]
        random.shuffle(names)
        session.add_all([Person(name=each, email=f"{each}@example.com", registered_at=NOW) for each in names])


def test_killing_anybody_at_any_moment_loses_nothing_and_records_nothing_twice(services, crew, capsys):
    prepare(services.database)

    def states():
        with services.database.reading() as session:
            rows = session.execute(select(Grading.state, func.count()).group_by(Grading.state))
            return Counter(dict(rows.all()))

    for what in ("hand in", "work", "work", "work"):
        crew.hire(what)
    began, killed, poisoned = time.monotonic(), 0, 0
    while (now := states())["done"] + now["stuck"] < NOTEBOOKS and time.monotonic() < began + 5 * MINUTE:
        poisoned += crew.replace_the_dead()
        if killed < KILLS and now["done"] >= killed * (NOTEBOOKS - POISONED) // (KILLS + 1):
            crew.kill_one()
            killed += 1
        time.sleep(random.uniform(0, 0.05))
    crew.dismiss()

    with services.database.reading() as session:
        rows = session.execute(
            select(Submission, Grading, Person.name)
            .join(Grading, Grading.id == Submission.grading_id)
            .join(Person)
        ).all()
        recorded = Counter(session.scalars(text("SELECT grading_id FROM recorded")))
        files = session.scalar(select(func.count()).select_from(SubmissionFile))
        outputs = session.scalar(select(func.count()).select_from(GradingFile))
        deliveries = session.scalar(select(func.sum(Grading.delivery)))
        gradings = session.scalar(select(func.count()).select_from(Grading))
    good = [(each, made) for each, made, name in rows if not name.startswith("Poisoner")]
    bad = [(each, made) for each, made, name in rows if name.startswith("Poisoner")]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{services.database.engine.dialect.name}: {len(rows)} notebooks, {killed} processes killed and {poisoned} lost to poison, "
            f"{deliveries} deliveries in {time.monotonic() - began:.0f} s: {NOTEBOOKS - len(recorded) - len(bad)} lost, "
            f"{sum(recorded.values()) - len(recorded)} recorded twice, {sum(made.state == 'stuck' for _, made in bad)} stuck"
        )
    assert killed == KILLS
    assert len(rows) == len(good) + POISONED == files == gradings == NOTEBOOKS
    assert all((made.state, made.score, each.charged) == ("done", 6, True) for each, made in good)
    assert recorded == Counter({made.id: 1 for _, made in good})
    assert outputs == len(good)
    assert all(
        (made.state, made.delivery, each.charged) == ("stuck", MOST_DELIVERIES, False) for each, made in bad
    )
