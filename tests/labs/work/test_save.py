"""One save at a time, nothing overwritten unseen, and numbers that only grow."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from lms.errors import Conflict, Invalid
from lms.labs.files import submitted
from lms.labs.notebook import MAX_BYTES
from lms.labs.submit import bench_of, find_work, start
from lms.labs.tables import Submission
from lms.labs.work import save as saving
from lms.labs.work import thinning
from lms.labs.work.content import MOST_BYTES, Sent, unpacked
from lms.labs.work.hand_in import hand_in
from lms.labs.work.history import (
    file_of,
    get_revision,
    is_changed_since,
    notebook_of,
    restore,
    revisions_of,
    start_over,
)
from lms.labs.work.save import MissingFiles, Overtaken, head_of, save
from lms.labs.work.tables import Revision, WorkFile
from tests.conftest import NOW
from tests.steps import at_once, notebook
from tests.web.conftest import counted

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada(services, edition, add_person):
    person = add_person("Ada")
    with services.database.transaction() as session:
        start(session, person.id, edition.catalogue.lab_by_id["SL1"], edition.id, now=NOW)
    return person


def sent(text, **files):
    """A notebook whose answer is `text`, and files by name without their ending."""
    data = notebook(text)
    brought = {Sent(each).sha256: each for each in files.values()}
    return Sent(data, {f"{name}.txt": Sent(each).sha256 for name, each in files.items()}, brought)


class Desk:
    """What somebody does to their work, each in a transaction of its own; a refusal is what comes back, and what it kept is kept."""

    def __init__(self, services, person):
        self.services, self.person = services, person

    def act(self, verb):
        with self.services.database.transaction() as session:
            try:
                return verb(session, find_work(session, self.person.id, "SL1"))
            except Overtaken as refusal:
                return refusal

    def save(self, what, base, *, at=NOW, keep=False):
        what = what if isinstance(what, Sent) else sent(what)
        return self.act(lambda session, work: save(session, work, what, base=base, now=at, keep=keep))

    def hand_in(self, base):
        def verb(session, work):
            bench = bench_of(session, self.services.shelf, self.person.id, "SL1")
            source, handout = (
                self.services.shelf.blob(session, each) for each in (bench.lab.notebook, bench.lab.handout)
            )
            given = {"source": source, "handout": handout, "max_bytes": 1 << 20, "seed": 1, "now": NOW}
            return hand_in(session, work, bench.lab, base=base, **given)

        return self.act(verb)

    def texts(self):
        """What is kept, by number."""

        def verb(session, work):
            return {
                each.number: _answer(notebook_of(each))
                for each, _ in reversed(revisions_of(session, work.id))
            }

        return self.act(verb)

    def head(self):
        def verb(session, work):
            head = head_of(session, work.id)
            return head.number, _answer(notebook_of(head)), sorted(file["name"] for file in head.files)

        return self.act(verb)

    def files(self):
        return self.act(lambda session, _work: session.scalar(select(func.count()).select_from(WorkFile)))


def _answer(notebook):
    return "".join(notebook["cells"][0]["source"]).rpartition("    ")[2]


@pytest.fixture
def desk(services, ada):
    return Desk(services, ada)


def test_eight_windows_that_save_at_once_make_one_head_and_lose_nothing(desk):
    results = at_once(8, lambda number: desk.save(f"return {number}", 0))
    (won,) = [each for each in results if isinstance(each, Revision)]
    lost = [each for each in results if isinstance(each, Overtaken)]
    assert len(lost) == 7
    assert {each.head.number for each in lost} == {won.number}
    assert sorted(desk.texts().values()) == [f"return {number}" for number in range(8)]
    assert sorted(desk.texts()) == list(range(1, 9))
    assert desk.head()[0] == won.number


def test_two_that_save_at_once_without_locking_the_work_do_not_make_two_heads(desk):
    def unlocked(number):
        def verb(session, work):
            given = {"person_id": work.person_id, "release_id": work.release_id, "files": [], "kind": "saved"}
            times = {"began_at": NOW, "saved_at": NOW}
            made = {
                "number": number + 1,
                "sha256": "",
                "size": 0,
                "data": b"",
                "is_head": True,
                "is_marked": False,
            }
            session.add(Revision(work_id=work.id, **given, **times, **made))

        return desk.act(verb)

    results = at_once(2, unlocked)
    (refused,) = [each for each in results if each is not None]
    assert isinstance(refused, IntegrityError)
    assert re.search(r"uq_revision_head|failed: revision\.work_id$", str(refused.orig))
    with desk.services.database.reading() as session:
        assert session.scalar(select(func.count()).where(Revision.is_head)) == 1


def test_the_same_save_sent_eight_times_at_once_is_one(desk):
    results = at_once(8, lambda _number: desk.save("return 1", 0))
    assert {each.number for each in results} == {1}
    assert desk.texts() == {1: "return 1"}


def test_what_is_handed_in_while_another_window_saves_is_what_was_seen(desk, services):
    base = desk.save("return 1", 0, keep=True).number
    results = at_once(
        4, lambda number: desk.hand_in(base) if number == 0 else desk.save(f"return {number}0", base)
    )
    with services.database.reading() as session:
        handed = session.scalars(select(Submission)).all()
        assert [submitted(session, each.id) for each in handed] in ([], [notebook("return 1")])
        if handed:
            kept = session.scalars(select(Revision).where(Revision.submission_id == handed[0].id)).one()
            assert unpacked(kept.data) == notebook("return 1")
        assert session.scalar(select(func.count()).where(Revision.is_head)) == 1
    assert isinstance(results[0], Submission if handed else Overtaken)
    assert {f"return {number}0" for number in (1, 2, 3)} <= set(desk.texts().values())


def test_a_number_names_one_content_and_only_grows(desk):
    numbers = [desk.save("return 0", 0).number]
    for step in range(1, 8):
        numbers.append(desk.save(f"return {step}", numbers[-1], at=NOW + step * MINUTE).number)
    assert numbers == sorted(set(numbers))
    # Of seven minutes two versions remain, and the one that made room cannot be mistaken for the one that took its place.
    assert list(desk.texts().values()) == ["return 4", "return 7"]
    lost = desk.save("return 99", numbers[4], at=NOW + 8 * MINUTE)
    assert isinstance(lost, Overtaken)
    assert lost.kept.number > numbers[-1]
    assert desk.save("return 8", numbers[-1], at=NOW + 8 * MINUTE).number > lost.kept.number


def test_what_was_lost_in_a_conflict_stays_though_the_head_goes_on(desk):
    base = desk.save("return 1", 0).number
    assert isinstance(desk.save("return 2", 0), Overtaken)
    for step in range(400):
        base = desk.save(f"x = {step}", base, at=NOW + step * 10 * MINUTE).number
    assert "return 2" in desk.texts().values()
    assert desk.head()[:2] == (base, "x = 399")


def test_what_was_marked_as_kept_is_written_over_by_nothing_and_neither_is_what_was_there_before(desk):
    base = desk.save("return 1", 0).number
    base = desk.save("return 2", base, keep=True).number
    base = desk.save("return 3", base).number
    # Marked though it was saved already: an autosave may come between.
    assert desk.save("return 3", base, keep=True).number == base
    desk.save("return 4", base)
    assert list(desk.texts().values()) == ["return 1", "return 2", "return 3", "return 4"]


def test_what_is_marked_beyond_the_most_is_saved_like_any_other(desk, monkeypatch):
    monkeypatch.setattr(thinning, "MOST_MARKED", 2)
    base = 0
    for number in range(6):
        base = desk.save(f"return {number}", base, keep=number < 3).number
    assert list(desk.texts().values()) == ["return 0", "return 1", "return 5"]


def test_what_a_conflict_was_lost_to_is_not_written_over(desk):
    base = desk.save("return 1", 0).number
    assert isinstance(desk.save("return 2", 0), Overtaken)
    base = desk.save("return 3", base).number
    desk.save("return 4", base)
    assert list(desk.texts().values()) == ["return 1", "return 2", "return 4"]


def test_an_answer_that_was_lost_on_its_way_is_no_conflict_however_old_its_base(desk):
    first = desk.save("return 1", 0)
    assert desk.save("return 1", 0).number == first.number
    assert desk.save("return 1", 77).number == first.number
    assert desk.texts() == {1: "return 1"}


def test_beginning_anew_and_restoring_keep_everything_and_only_what_was_seen_is_left(desk):
    mine = desk.save(sent("return 1", made=b"made"), 0).number
    handout = notebook("raise NotImplementedError()")

    def anew(base):
        return desk.act(lambda session, work: start_over(session, work, handout, base=base, now=NOW))

    def back(number, base):
        return desk.act(lambda session, work: restore(session, work, number, base=base, now=NOW))

    assert isinstance(anew(0), Overtaken)
    begun = anew(mine)
    assert desk.head() == (begun.number, "raise NotImplementedError()", [])
    assert isinstance(back(mine, mine), Overtaken)
    restored = back(mine, begun.number)
    assert desk.head() == (restored.number, "return 1", ["made.txt"])
    assert len(desk.texts()) == 3


def test_restoring_brings_the_files_of_that_version_and_no_later_ones(desk):
    def back(number, base):
        return desk.act(lambda session, work: restore(session, work, number, base=base, now=NOW))

    first = desk.save(sent("return 1", old=b"1", both=b"as it was"), 0, keep=True).number
    second = desk.save(sent("return 2", new=b"2", both=b"changed"), first, keep=True).number
    restored = back(first, second)
    assert desk.head() == (restored.number, "return 1", ["both.txt", "old.txt"])
    assert restored.files == desk.act(lambda session, work: get_revision(session, work, first).files)
    # What was added since is not lost: the version that had it is there, bytes and all.
    forth = back(second, restored.number)
    assert desk.head() == (forth.number, "return 2", ["both.txt", "new.txt"])
    data = desk.act(lambda session, work: file_of(session, work, Sent(b"changed").sha256))
    assert data == b"changed"


def test_files_are_kept_once_and_go_with_the_last_version_that_has_them(desk):
    first = desk.save(sent("return 1", one=b"same", two=b"same", three=b"other"), 0).number
    assert desk.files() == 2
    with pytest.raises(MissingFiles) as missing:
        desk.save(Sent(notebook("return 2"), {"new.txt": "0" * 64}), first)
    assert missing.value.digests == ["0" * 64]
    # What the server has need not come again; young autosaves make room, and their files go.
    named = Sent(notebook("return 2"), {"one.txt": Sent(b"same").sha256})
    second = desk.save(named, first).number
    assert (desk.head(), desk.files()) == ((second, "return 2", ["one.txt"]), 1)
    # A version that stays keeps its files.
    desk.save("return 3", second, keep=True)
    assert desk.files() == 1
    data = desk.act(lambda session, work: file_of(session, work, Sent(b"same").sha256))
    assert data == b"same"


def test_a_save_with_files_asks_once_for_the_head_and_once_for_what_files_there_are(desk, services):
    base = desk.save(sent("return 1", one=b"1"), 0).number
    with counted(services.database) as statements:
        desk.save(sent("return 2", one=b"1", two=b"2"), base, keep=True)
    asked = [each for each in statements if each.startswith("SELECT")]
    assert len([each for each in asked if "work_file" in each]) == 1
    assert len([each for each in asked if "revision.is_head" in each.partition("WHERE")[2]]) == 1


def test_files_have_a_limit_each_time_and_old_autosaves_lose_theirs_first(desk, monkeypatch):
    with pytest.raises(Invalid, match="larger than"):
        desk.save(sent("return 1", big=b"x" * (MOST_BYTES + 1)), 0)
    monkeypatch.setattr(saving, "MOST_KEPT", 25)
    base = desk.save(sent("return 1", file=b"a" * 10), 0).number
    desk.hand_in(base)
    for step, letter in enumerate((b"b", b"c", b"d"), 1):
        what = sent(f"return {step * 10}", file=letter * 10)
        base = desk.save(what, base, at=NOW + step * 10 * MINUTE).number

    def with_files(session, work):
        return {_answer(notebook_of(each)): bool(each.files) for each, _ in revisions_of(session, work.id)}

    # What was handed in and what is seen keep theirs; no notebook is lost.
    kept = desk.act(with_files)
    assert list(kept) == ["return 30", "return 20", "return 10", "return 1"]
    assert kept["return 30"]
    assert kept["return 1"]
    assert not kept["return 10"]


def test_nobody_hands_in_what_was_never_saved_and_everything_kept_can_be_read(desk):
    with pytest.raises(Conflict, match="Nothing was saved"):
        desk.hand_in(0)
    number = desk.save("return 1", 0).number
    found = desk.act(lambda session, work: notebook_of(get_revision(session, work, number)))
    assert found == json.loads(notebook("return 1"))


def test_it_is_known_whether_something_else_is_written_than_was_handed_in(desk):
    def is_changed():
        def verb(session, work):
            newest = session.scalars(select(Submission).order_by(Submission.id.desc())).first()
            return is_changed_since(session, head_of(session, work.id), newest)

        return desk.act(verb)

    base = desk.save("return 1", 0).number
    desk.hand_in(base)
    assert not is_changed()
    ran = json.loads(notebook("return 1"))
    ran["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1"}]
    base = desk.save(Sent(json.dumps(ran).encode()), base, at=NOW + 20 * MINUTE).number
    assert not is_changed(), "it only ran again"
    base = desk.save("return 2", base, at=NOW + 40 * MINUTE).number
    assert is_changed()
    desk.save("return 1", base, at=NOW + 60 * MINUTE)
    assert not is_changed(), "it was written back"

    handed_in = desk.head()[0]
    large = json.loads(notebook("return 1"))
    large["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * MAX_BYTES}]
    desk.save(Sent(json.dumps(large).encode()), handed_in, at=NOW + 80 * MINUTE)
    assert is_changed(), "it is too large to be read as something handed in"
