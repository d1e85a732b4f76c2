"""A grade looked at again, on the pages: staff see what would change and decide; the learner is told, with the reason."""

import pytest

from tests.conftest import ScriptedGrader
from tests.steps import grade_all, hand_in, mark
from tests.web.conftest import counted, hidden, shown


@pytest.fixture
def services(site):
    """The worker works on the site's database."""
    return site


@pytest.fixture
def sofia(visitor):
    return visitor("Sofia", staff=True)


@pytest.fixture
def graded(site, add_person, worker_with):
    def act(person, *scores):
        submission = hand_in(site, person)
        grade_all(worker_with(ScriptedGrader(*scores)))
        return submission.id

    return act


def ask(client, what="SL1", reason="The test of add was wrong.", basis="own"):
    return client.post("/staff/regrades", data={"what": what, "reason": reason, "basis": basis})


def decide(client, page, which):
    """By the page as it is now."""
    data = {"which": which, "seen": hidden(client.get(page), "seen")}
    return client.post(f"{page}/apply", data=data, follow_redirects=True)


def test_staff_ask_look_and_decide_and_the_learner_is_told_why(site, visitor, sofia, graded, worker_with):
    ada = visitor("Ada")
    submission_id = graded(ada.person, 2)
    page = ask(sofia).location
    assert "0 of 1" in shown(sofia.get(page))
    assert "Before and after" not in shown(sofia.get(page))
    part = sofia.get(page, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="regrading"')
    grade_all(worker_with(ScriptedGrader(6)))
    assert sofia.get(page, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    told = shown(sofia.get(page))
    assert f"Submission {submission_id} 2 / 10 6 / 10 Raised test-add 2 → 6" in told
    assert "graded anew" not in shown(ada.get(f"/submissions/{submission_id}"))
    sofia.post(f"{page}/apply", data={})
    assert "Choose first which of the new grades" in shown(sofia.get(page))
    answer = decide(sofia, page, "raised")
    assert "1 grade was replaced" in shown(answer)
    told = shown(ada.get(f"/submissions/{submission_id}"))
    assert "points went from 2 of 6 to 6 of 6" in told
    assert (
        told.count("The test of add was wrong.") == 2
    )  # in the notice, and in the table of every grade there was
    assert "Every grade this submission had" in told
    assert sofia.post(f"{page}/apply", data={"which": "all"}).status_code == 409


def test_a_grade_falls_only_by_an_explicit_choice_and_the_learner_reads_why(
    site, visitor, sofia, graded, worker_with
):
    ada = visitor("Ada")
    submission_id = graded(ada.person, 6)
    for which, points in (("raised", "6 of 10"), ("all", "3 of 10")):
        page = ask(sofia, what=str(submission_id)).location
        grade_all(worker_with(ScriptedGrader(3)))
        assert "1 grade, of which 1 falls" in shown(sofia.get(page))
        decide(sofia, page, which)
        assert points in shown(ada.get(f"/submissions/{submission_id}"))
    assert "went from 6 of 6 to 3 of 6" in shown(ada.get(f"/submissions/{submission_id}"))


def test_a_form_that_is_older_than_the_grades_changes_nothing(site, visitor, sofia, graded, worker_with):
    ada, miriam = visitor("Ada"), visitor("Miriam", mentor=True)
    submission_id = graded(ada.person, 2)
    first, second = (ask(sofia).location for _ in range(2))
    grade_all(worker_with(ScriptedGrader(6, 4)))
    both = [hidden(sofia.get(page), "seen") for page in (first, second)]
    desk = f"/mentor/submissions/{submission_id}"
    beside = hidden(miriam.get(desk), "beside")
    decide(sofia, first, "all")
    stale = sofia.post(f"{second}/apply", data={"which": "all", "seen": both[1]})
    assert (stale.status_code, "changed while you were reading" in stale.text) == (409, True)
    assert sofia.post(f"{second}/apply", data={"which": "all"}).status_code == 409
    assert "6 of 10" in shown(ada.get(f"/submissions/{submission_id}"))
    marks = {"points:why": "4", "seen": "0"}
    stale = miriam.post(desk, data={**marks, "beside": beside})
    assert (stale.status_code, "graded anew while you were reading" in stale.text) == (409, True)
    assert miriam.post(desk, data=marks).status_code == 409
    marked = miriam.post(desk, data={**marks, "beside": hidden(miriam.get(desk), "beside")})
    assert marked.location == "/mentor"
    decide(sofia, second, "all")
    assert "8 of 10" in shown(ada.get(f"/submissions/{submission_id}"))


def test_closing_a_regrade_changes_nothing(site, visitor, sofia, graded, worker_with):
    ada = visitor("Ada")
    submission_id = graded(ada.person, 6)
    page = ask(sofia).location
    sofia.post(f"{page}/close")
    assert "Closed, nothing changed" in shown(sofia.get(page))
    assert grade_all(worker_with(ScriptedGrader(1))) == 0
    assert "6 of 10 points" in shown(ada.get(f"/submissions/{submission_id}"))


def test_what_is_missing_in_the_form_is_told_and_nothing_typed_is_lost(sofia, add_person, graded):
    graded(add_person("Ada"), 6)
    answer = ask(sofia, reason=" ")
    assert answer.status_code == 422
    assert "learners whose grade changes read it" in answer.text
    for what, status in (("NOPE", 409), ("999", 404), ("9" * 30, 409), ("", 409)):
        answer = ask(sofia, what=what, reason="Because of Ada.")
        assert answer.status_code == status
        assert "Because of Ada." in answer.text
    assert sofia.get("/staff/regrades/999").status_code == 404


def test_a_mark_that_stands_beside_another_grade_is_flagged_to_learner_and_mentor(
    site, visitor, sofia, graded, worker_with
):
    ada, miriam = visitor("Ada"), visitor("Miriam", mentor=True)
    submission_id = graded(ada.person, 2)
    mark(site, miriam.person, submission_id, 4)
    page = ask(sofia).location
    grade_all(worker_with(ScriptedGrader(6)))
    assert "mark stands beside it, and stays" in shown(sofia.get(page))
    assert "graded anew since" not in shown(miriam.get("/mentor"))
    decide(sofia, page, "raised")
    told = shown(ada.get(f"/submissions/{submission_id}"))
    assert "10 of 10 points" in told
    assert "points changed after this was marked" in told
    assert "Marked, and graded anew since" in shown(miriam.get("/mentor"))
    assert "points changed" in shown(miriam.get(f"/mentor/submissions/{submission_id}"))


def test_learners_see_what_their_grade_rests_on_and_never_the_seed(site, visitor, graded):
    ada = visitor("Ada")
    submission_id = graded(ada.person, 6)
    answer = ada.get(f"/submissions/{submission_id}")
    told = shown(answer)
    with site.database.reading() as session:
        lab = site.shelf.live(session).catalogue.lab_by_id["SL1"]
    assert f"Release 1 Lab version {lab.version[:12]} Grader " in told
    assert str(site.seed_of(ada.person.id, "SL1")) not in answer.text
    assert "Every grade this submission had" not in told
    assert "Have it graded anew" not in told


def test_a_regrades_page_asks_as_often_for_many_as_for_few(site, sofia, add_person, graded, worker_with):
    counts = []
    for number in (3, 12):
        for each in range(number):
            graded(add_person(f"P{number}x{each}"), 2)
        page = ask(sofia).location
        grade_all(worker_with(ScriptedGrader(6)))
        sofia.get(page)
        with counted(site.database) as statements:
            assert "Raised" in sofia.get(page).text
        counts.append(len(statements))
    assert counts[0] == counts[1]
