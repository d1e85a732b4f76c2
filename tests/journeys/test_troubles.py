"""What happens when something goes wrong on the way: our fault, a changed course, a colleague who leaves."""

import io

from sqlalchemy import update

from lms.certification.tables import Credential
from lms.people.tables import Membership
from tests.conftest import NOW, ScriptedGrader
from tests.steps import company, grade_all, hand_in, mark, notebook, publish_changed, study
from tests.web.conftest import shown


def upload(client, data):
    return client.post("/labs/SL1/submissions", data={"notebook": (io.BytesIO(data), "add.ipynb")})


def test_our_fault_costs_no_attempt_and_staff_have_it_graded_again(visitor, worker_with):
    ada, staff = visitor("Ada"), visitor("Sofia", staff=True)
    address = upload(ada, notebook()).location
    grade_all(worker_with(ScriptedGrader(RuntimeError("disk full"))))
    page = ada.get(address)
    assert "Our fault, not yours" in shown(page)
    assert "disk full" not in page.text
    assert "3 of 3 left" in shown(ada.get("/labs/SL1"))
    assert ada.post("/staff/queue/1/again").status_code == 404
    assert "1 notebook could not be graded" in shown(staff.get("/staff"))
    assert staff.post("/staff/queue/1/again").location == address
    assert staff.post("/staff/queue/1/again").status_code == 409
    grade_all(worker_with(ScriptedGrader(6)))
    assert "A mentor reads your written part" in shown(ada.get(address))
    assert "2 of 3 left" in shown(ada.get("/labs/SL1"))
    assert "could not be graded" not in shown(staff.get("/staff"))


def test_a_course_that_changes_under_a_learner_is_offered_and_taken_when_they_like(site, visitor):
    ada, staff = visitor("Ada"), visitor("Sofia", staff=True)
    ada.post("/courses/S01/enrol")
    ada.post("/labs/SL1/start")
    publish_changed(
        site,
        {
            "courses/s01-first/02-counting.md": ("for 90 minutes?\nanswer: 6\n", "for 2 hours?\nanswer: 8\n"),
            "labs/sl1-add/lab.yaml": ("attempts: 3", "attempts: 5"),
        },
    )
    assert "for 90 minutes" in shown(ada.get("/courses/S01/S01-2"))
    assert "for 2 hours" in shown(staff.get("/courses/S01/S01-2"))
    assert "newer version" in shown(ada.get("/courses/S01"))
    assert "3 of 3 left" in shown(ada.get("/labs/SL1"))
    ada.post("/courses/S01/adopt")
    ada.post("/labs/SL1/move")
    assert "for 2 hours" in shown(ada.get("/courses/S01/S01-2"))
    assert "newer version" not in shown(ada.get("/courses/S01"))
    assert "5 of 5 left" in shown(ada.get("/labs/SL1"))
    assert staff.post("/staff/releases/1/live").location == "/staff"
    assert "for 2 hours" in shown(ada.get("/courses/S01/S01-2"))
    assert "for 90 minutes" in shown(staff.get("/courses/S01/S01-2"))


def test_what_a_colleague_showed_leaves_with_them(site, visitor, worker_with):
    lead, staff = visitor("Lena"), visitor("Sofia", staff=True)
    mentor = visitor("Miriam", mentor=True)
    company(site, "Nordlys", leads=[lead.person])
    study(site, lead.person)
    submission = hand_in(site, lead.person)
    grade_all(worker_with(ScriptedGrader(6)))
    mark(site, mentor.person, submission.id)
    issued = staff.post("/companies/nordlys/levels/R1").location
    with site.database.transaction() as session:
        session.execute(update(Membership).values(left_at=NOW))
    assert lead.get("/companies/nordlys").status_code == 404
    assert "Nobody is here yet" in shown(staff.get("/companies/nordlys"))
    assert "This certificate is valid" in shown(lead.get(issued))


def test_a_certificate_that_was_changed_in_the_database_is_not_vouched_for(site, visitor, worker_with):
    ada, mentor = visitor("Ada"), visitor("Miriam", mentor=True)
    study(site, ada.person)
    submission = hand_in(site, ada.person)
    grade_all(worker_with(ScriptedGrader(6)))
    mark(site, mentor.person, submission.id)
    address = ada.post("/courses/S01/certificate").location
    assert "This certificate is valid" in shown(ada.get(address))
    with site.database.transaction() as session:
        credential = session.query(Credential).one()
        head, payload, _ = credential.jwt.split(".")
        credential.jwt = f"{head}.{payload}.{'A' * 86}"
    assert "Do not rely on this certificate" in shown(ada.get(address))
