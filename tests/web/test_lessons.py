"""The lesson player: the text, its questions without their answers, and the way on."""

import re

import pytest

from lms.demo import right_answer
from tests.web.conftest import shown


@pytest.fixture
def course(site):
    with site.database.reading() as session:
        return site.shelf.live(session).catalogue.course_by_id["S01"]


@pytest.fixture
def ada(visitor):
    return visitor("Ada")


def ask(client, lesson, question, answer, **headers):
    address = f"/courses/S01/{lesson}/questions/{question}"
    return client.post(address, data={"answer": answer}, headers=headers)


def test_nothing_of_an_answer_is_in_the_page_before_one_was_given(ada, course):
    for lesson in course.lessons:
        page = ada.get(f"/courses/S01/{lesson.id}").text
        for question in lesson.questions:
            assert f"q-{question.id}" in page
            secrets = [question.explanation, *(option.feedback for option in question.options)]
            secrets += [question.example, *question.accept]
            for secret in filter(None, secrets):
                assert re.sub(r"<[^>]+>", "", secret) not in page, secret
            if question.kind == "order":
                places = [page.index(option.text) for option in question.options]
                assert places != sorted(places)
            assert "data-tone" not in page


def test_a_wrong_answer_tells_what_was_wrong_and_a_right_one_explains(ada, course):
    first = course.lessons[0].questions[0]
    wrong = next(option for option in first.options if not option.correct)
    answer = ask(ada, "S01-1", "first", wrong.id, **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert "A long job fits into few gaps" in answer.text
    assert "<html" not in answer.text
    ask(ada, "S01-1", "first", right_answer(first))
    assert "Backfill lets a short job start" in ada.get("/courses/S01/S01-1").text


def test_what_is_no_answer_is_told_beside_the_question_and_what_was_typed_is_kept(ada):
    plain = ask(ada, "S01-2", "bill", "six <b>hours</b>")
    assert plain.status_code == 422
    assert "<html" in plain.text
    assert 'value="six &lt;b&gt;hours&lt;/b&gt;"' in plain.text
    part = ask(ada, "S01-2", "bill", "six", **{"HX-Request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "Write a number" in part.text


def test_a_questions_form_carries_the_token_of_who_reads_it(app, visitor):
    readers = [visitor("Ada"), visitor("Bob")]
    app.config["WTF_CSRF_ENABLED"] = True
    tokens = [
        set(re.findall(r'name="csrf_token" value="([^"]+)"', reader.get("/courses/S01/S01-2").text))
        for reader in readers
    ]
    assert [len(each) for each in tokens] == [1, 1]
    assert tokens[0] != tokens[1]
    for reader, (token,) in zip(readers, tokens, strict=True):
        data = {"answer": "6", "csrf_token": token}
        assert reader.post("/courses/S01/S01-2/questions/bill", data=data).status_code == 302


def test_one_goes_from_lesson_to_lesson_to_the_lab_and_can_take_it_back(ada):
    begun = ada.post("/courses/S01/enrol")
    assert begun.location == "/courses/S01/S01-1"
    onward = ada.post("/courses/S01/S01-1/complete")
    assert onward.location == "/courses/S01/S01-2"
    assert ada.post("/courses/S01/S01-2/complete").location == "/labs/SL1"
    assert "You are through with this lesson" in ada.get("/courses/S01/S01-2").text
    ada.post("/courses/S01/S01-2/complete", data={"undo": "1"})
    assert "Through with this lesson?" in ada.get("/courses/S01/S01-2").text
    assert ada.post("/courses/S01/enrol").location == "/courses/S01/S01-2"


def test_answering_begins_the_course_and_home_says_what_is_next(ada):
    assert "Nothing begun yet" in shown(ada.get("/home"))
    ask(ada, "S01-2", "bill", "6")
    assert "The first course, lesson 1 of 2" in shown(ada.get("/home"))


@pytest.mark.parametrize("address", ["S01/S01-9", "S09/S01-1"])
def test_lessons_that_are_not_there_are_not_there(ada, address):
    assert ada.get(f"/courses/{address}").status_code == 404
    assert ada.post(f"/courses/{address}/complete").status_code == 404
    assert ada.get("/courses/S01/S01-1").status_code == 200
