"""Evidence handed in, replaced, judged: only by a person, never by a colleague, and never over another's head."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lms.audit import AuditEvent
from lms.errors import Conflict, Invalid, NotFound
from lms.labs.evidence.hand_in import claims_of, hand_in, latest_decision, named_apart, pieces_of
from lms.labs.evidence.judge import access_claim, decide, elsewhere_of, waiting_for_judgement
from lms.labs.evidence.pieces import Piece
from lms.labs.evidence.shown import shown_by
from lms.labs.evidence.tables import EvidenceClaim, EvidencePiece
from lms.labs.evidence.verdict import Verdict
from lms.labs.submit import bench_of, start
from tests.conftest import SAMPLE
from tests.labs.evidence.conftest import pieces, text
from tests.steps import at_once, company, publish_changed, viewer_of

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def bring(services, person, given=None, now=NOW):
    """The id of a claim of the sample lab."""
    with services.database.transaction() as session:
        bench = bench_of(session, services.shelf, person.id, "SL1")
        work = bench.work or start(
            session, person.id, bench.lab, bench.edition.id, now=now - timedelta(days=7)
        )
        return hand_in(session, work, bench.lab, given or pieces("train"), now=now).id


def judge(services, mentor, claim_id, *, accepted=True, comment="", seen=0, now=NOW):
    with services.database.transaction() as session:
        viewer = viewer_of(services, mentor)
        claim = access_claim(session, viewer, claim_id)
        verdicts = {"order": Verdict.CONSISTENT}
        return decide(
            session, viewer, claim, accepted=accepted, comment=comment, verdicts=verdicts, seen=seen, now=now
        ).id


def waiting(services, person):
    with services.database.reading() as session:
        return [claim.id for claim, _person in waiting_for_judgement(session, viewer_of(services, person))]


def shown(services, person):
    with services.database.reading() as session:
        return shown_by(session, [person.id], ["SL1"]).get((person.id, "SL1"))


@pytest.fixture
def ada(add_person):
    return add_person("Ada")


@pytest.fixture
def mentor(add_person):
    return add_person("Miriam", mentor=True)


def test_what_was_brought_is_kept_as_it_came_and_read_as_what_it_is(services, ada):
    claim_id = bring(services, ada)
    with services.database.reading() as session:
        claim = session.get_one(EvidenceClaim, claim_id)
        assert (claim.number, claim.job, claim.cluster, claim.lab_id) == (1, "1", "", "SL1")
        assert pieces_of(session, claim_id) == pieces("train")
        kinds = session.scalars(select(EvidencePiece.kind).order_by(EvidencePiece.position)).all()
        assert kinds == ["script", "log", "record"]
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "evidence.handed_in")).all()
        assert [event.subject for event in events] == [f"evidence:{claim_id}"]


def test_a_learner_replaces_it_until_a_mentor_accepted_it(services, ada, mentor):
    first = bring(services, ada)
    with pytest.raises(Conflict, match="files you handed in last"):
        bring(services, ada)
    second = bring(services, ada, pieces("fail"))
    assert waiting(services, mentor) == [second]
    with pytest.raises(Conflict, match="other evidence meanwhile"):
        judge(services, mentor, first)
    judge(services, mentor, second, accepted=False, comment="It failed.")
    assert waiting(services, mentor) == []
    assert shown(services, ada) is None
    third = bring(services, ada)
    judge(services, mentor, third)
    with pytest.raises(Conflict, match="accepted already"):
        bring(services, ada, pieces("limit"))
    with services.database.reading() as session:
        work_id = session.get_one(EvidenceClaim, first).work_id
        assert [claim.number for claim in claims_of(session, work_id)] == [3, 2, 1]


def test_so_many_at_most_wait_for_a_decision_and_a_decision_lets_more_come(
    services, ada, mentor, monkeypatch
):
    monkeypatch.setattr("lms.labs.evidence.hand_in.MOST_CLAIMS", 2)
    bring(services, ada)
    second = bring(services, ada, pieces("fail"))
    with pytest.raises(Conflict, match="2 times without a mentor's decision in between"):
        bring(services, ada, pieces("limit"))
    judge(services, mentor, second, accepted=False, comment="It failed.")
    bring(services, ada, pieces("limit"))
    bring(services, ada)
    with pytest.raises(Conflict, match="2 times without"):
        bring(services, ada, pieces("limit"))


def test_only_a_mentors_word_shows_anything_and_a_later_word_counts(services, ada, mentor, add_person):
    claim_id = bring(services, ada)
    assert shown(services, ada) is None
    judge(services, mentor, claim_id)
    found = shown(services, ada)
    assert (found.claim_id, found.job, found.mentor_id, found.at) == (claim_id, "1", mentor.id, NOW)
    other = add_person("Otto", mentor=True)
    with pytest.raises(Conflict, match="while you were reading"):
        judge(services, other, claim_id, accepted=False, comment="No.")
    with services.database.reading() as session:
        seen = latest_decision(session, claim_id).id
    judge(services, other, claim_id, accepted=False, comment="The node is not of that machine.", seen=seen)
    assert shown(services, ada) is None
    with services.database.reading() as session:
        assert latest_decision(session, claim_id).verdicts == {"order": "consistent"}


def test_a_decision_needs_a_choice_and_a_refusal_a_reason(services, ada, mentor):
    claim_id = bring(services, ada)
    with pytest.raises(Invalid) as refused:
        judge(services, mentor, claim_id, accepted=None)
    assert set(refused.value.fields) == {"accepted"}
    with pytest.raises(Invalid) as refused:
        judge(services, mentor, claim_id, accepted=False, comment="  ")
    assert set(refused.value.fields) == {"comment"}
    assert waiting(services, mentor) == [claim_id]


def test_nobody_sees_or_judges_their_own_or_a_colleagues_evidence(services, ada, mentor, add_person):
    colleague, staff, stranger = (
        add_person("Cora", mentor=True),
        add_person("Sofia", staff=True),
        add_person("Eve"),
    )
    company(services, "Nordlys", members=(ada, colleague))
    claim_id = bring(services, ada)
    own = bring(services, mentor, pieces("fail"))
    assert waiting(services, colleague) == [own]
    assert waiting(services, mentor) == [claim_id]
    for nobody in (colleague, stranger):
        with pytest.raises(NotFound):
            judge(services, nobody, claim_id)
    for no_judge in (ada, staff):  # may look, but not decide
        with pytest.raises(NotFound, match="to judge"):
            judge(services, no_judge, claim_id)
    with pytest.raises(NotFound, match="to judge"):
        judge(services, mentor, own)
    judge(services, mentor, claim_id)


def test_the_same_file_or_job_from_somebody_else_is_found_and_a_shared_script_is_not(
    services, ada, add_person
):
    eve, otto = add_person("Eve"), add_person("Otto")

    def elsewhere(claim_id):
        with services.database.reading() as session:
            found = elsewhere_of(session, session.get_one(EvidenceClaim, claim_id))
            return [(each.person, each.same, each.is_sure) for each in found]

    mine = bring(services, ada)
    assert elsewhere(mine) == []
    script = pieces("train")[0]
    other = bring(services, otto, [script, Piece("limit.psv", text("limit.psv").encode())])
    assert elsewhere(mine) == elsewhere(other) == []
    copied = bring(services, eve, pieces("train", record=text("train.psv") + "\n"))
    # One line more, so the file differs; the job's number is the same, and no record names the cluster.
    assert elsewhere(copied) == [("Ada", "file", True)]  # the log is the same, and long
    without_log = bring(services, otto, [Piece("a.psv", text("train.psv").encode() + b"\n\n")])
    assert ("Ada", "job", False) in elsewhere(without_log)
    bring(services, otto, [Piece("a.psv", text("train.psv").encode())])
    assert ("Otto", "file", True) in elsewhere(mine)


def test_of_several_equal_files_the_one_that_tells_most_is_kept(services, ada, add_person):
    both = [Piece("a.psv", text("train.psv").encode()), Piece("slurm-1.out", b"done\n")]
    mine = bring(services, ada, both)
    bring(services, add_person("Eve"), both)
    bring(services, add_person("Otto"), both[::-1])
    with services.database.reading() as session:
        found = elsewhere_of(session, session.get_one(EvidenceClaim, mine))
    assert [(each.person, each.same, each.is_sure) for each in found] == [
        ("Eve", "file", True),
        ("Otto", "file", True),
    ]


def test_a_jobs_number_tells_more_than_an_equal_log_that_is_short(services, ada, add_person):
    log = Piece("slurm-1.out", b"done\n")
    mine = bring(services, ada, [Piece("a.psv", text("train.psv").encode()), log])
    bring(services, add_person("Eve"), [Piece("a.psv", text("train.psv").encode() + b"\n"), log])
    with services.database.reading() as session:
        found = elsewhere_of(session, session.get_one(EvidenceClaim, mine))
    assert [(each.same, each.is_sure) for each in found] == [("job", False)]


def test_the_same_number_on_two_clusters_is_two_jobs(services, ada, add_person):
    def named(cluster, extra=""):
        return [Piece("a.psv", f"JobID|State|Cluster\n1|COMPLETED|{cluster}\n{extra}".encode())]

    mine = bring(services, ada, named("lumi"))
    bring(services, add_person("Eve"), named("leonardo"))
    same = bring(services, add_person("Otto"), named("lumi", "\n"))
    with services.database.reading() as session:
        found = elsewhere_of(session, session.get_one(EvidenceClaim, mine))
    assert [(each.claim_id, each.same, each.is_sure) for each in found] == [(same, "job", True)]


def test_what_cannot_be_read_leaves_nothing_behind_and_a_lab_that_asks_for_none_takes_none(services, ada):
    with pytest.raises(Invalid):
        bring(services, ada, [Piece("a.psv", b"nothing")])
    with services.database.reading() as session:
        assert session.scalars(select(EvidenceClaim)).all() == []
    path = "labs/sl1-add/lab.yaml"
    asked = (SAMPLE / path).read_text().partition("evidence:")[1:]
    publish_changed(services, {path: ("".join(asked), "")})
    with pytest.raises(NotFound):
        bring(services, ada)


def test_two_at_once_are_two_claims_with_numbers_of_their_own(services, ada):
    bring(services, ada)
    jobs = ("fail", "limit", "oom", "cancel")
    results = at_once(4, lambda number: bring(services, ada, pieces(jobs[number])))
    assert all(isinstance(each, int) for each in results), results
    with services.database.reading() as session:
        numbers = session.scalars(select(EvidenceClaim.number).order_by(EvidenceClaim.number)).all()
    assert numbers == [1, 2, 3, 4, 5]


def test_of_two_mentors_at_once_one_decides(services, ada, mentor, add_person):
    claim_id, mentors = bring(services, ada), (mentor, add_person("Otto", mentor=True))
    results = at_once(2, lambda number: judge(services, mentors[number], claim_id))
    assert sorted(type(each) for each in results if not isinstance(each, int)) == [Conflict]


def test_files_of_one_name_are_told_apart():
    named = named_apart(
        [Piece("C:\\work\\job.sh", b"1"), Piece("../job.sh", b"2"), Piece("\u202e", b"3"), Piece("", b"4")]
    )
    assert [piece.name for piece in named] == ["job.sh", "job.sh (2)", "paste.txt", "paste.txt (2)"]
