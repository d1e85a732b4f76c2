"""Somebody's word for what no course can show: whose is enough, what goes with it, and how it is taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lms.audit import AuditEvent
from lms.certification.attestation.attest import access_to_attest
from lms.certification.attestation.document import MOST_BYTES, Upload, read
from lms.certification.attestation.tables import Attestation, AttestedDocument
from lms.certification.evidence import company_of
from lms.errors import Forbidden, Invalid, NotFound
from tests.conftest import NOW, new_person
from tests.steps import company, viewer_of

TODAY = NOW.date()
PDF = b"%PDF-1.7 ..."


def words(crew):
    with crew.services.database.reading() as session:
        return company_of(session, crew.services.shelf, crew.organisation.id).attested


def test_a_lead_declares_what_the_policy_lets_a_lead_declare_and_nothing_more(crew):
    crew.attest("rules")
    assert [(each.kind, each.by) for each in words(crew)] == [("rules", "lead")]
    with pytest.raises(Forbidden, match="somebody else"):
        crew.attest("plan")
    crew.attest("plan", by=crew.miriam)
    crew.attest("plan", by=crew.sofia)
    assert [each.by for each in words(crew)] == ["lead", "mentor", "staff"]
    with pytest.raises(NotFound):
        crew.attest("menu", by=crew.sofia)


def test_nobody_vouches_as_mentor_or_for_the_centre_for_whom_they_work_for(crew):
    services = crew.services
    mo, sam = new_person(services, "Mo", mentor=True), new_person(services, "Sam", staff=True)
    crew.attest("plan", by=viewer_of(services, mo))
    for person in (mo, sam):
        crew.join(person, as_lead=person is sam)
    with pytest.raises(Forbidden):
        crew.attest("plan", by=viewer_of(services, mo))
    with pytest.raises(Forbidden):
        crew.attest("plan", by=viewer_of(services, sam))
    crew.attest("rules", by=viewer_of(services, sam))
    assert words(crew)[-1].by == "lead", "a member of staff who leads a company speaks for it as its lead"


def test_only_who_may_speak_for_a_company_gets_to_its_documents(crew):
    services = crew.services
    other = new_person(services, "Olga")
    company(services, "Elsewhere", leads=[other])
    mo, eve = new_person(services, "Mo", mentor=True), new_person(services, "Eve")
    crew.join(mo)
    crew.join(eve)
    with services.database.reading() as session:
        for viewer in (viewer_of(services, crew.ada), crew.sofia, crew.miriam):
            assert access_to_attest(session, viewer, "nordlys").id == crew.organisation.id
        for person in (other, mo, eve):
            with pytest.raises(NotFound):
                access_to_attest(session, viewer_of(services, person), "nordlys")


def test_everything_that_is_wrong_is_told_at_once(crew):
    with pytest.raises(Invalid) as refusal:
        crew.attest(note=" ", since=TODAY + timedelta(days=1), until=TODAY - timedelta(days=1))
    assert set(refusal.value.fields) == {"note", "since", "until"}
    assert words(crew) == ()


def test_a_document_is_kept_once_under_its_digest_and_is_told_by_its_bytes(crew):
    first = crew.attest(upload=Upload("../../rules.exe", PDF))
    second = crew.attest(upload=Upload("again.pdf", PDF))
    assert (first.document_name, second.document_name) == ("rules.pdf", "again.pdf")
    assert first.document_sha256 == second.document_sha256
    with crew.services.database.reading() as session:
        (kept,) = session.scalars(select(AttestedDocument)).all()
    assert (kept.media, kept.data, kept.size) == ("application/pdf", PDF, len(PDF))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"%PDF-" + b"x" * MOST_BYTES, "larger than 5 MB"),
        (b"PK\x03\x04\xff", "neither a PDF nor"),
        (b"MZ\0text", "neither a PDF nor"),
    ],
)
def test_other_files_are_refused_and_nothing_is_kept(crew, data, told):
    with pytest.raises(Invalid) as refusal:
        crew.attest(upload=Upload("x.pdf", data))
    assert told in refusal.value.fields["document"]
    with crew.services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attestation)) == 0


def test_a_text_is_a_document_too():
    assert read(Upload("Liste – neu.csv", "Ärger".encode())).name == "Liste _ neu.txt"
    assert read(Upload("...", b"x")).name == "document.txt"


def test_a_word_is_taken_back_with_a_reason_by_who_gave_it_by_a_lead_or_by_the_centre(crew):
    services = crew.services
    declared, seen = crew.attest("rules"), crew.attest("plan", by=crew.miriam)
    other = viewer_of(services, new_person(services, "Mo", mentor=True))
    for number, by in (
        (declared.id, crew.miriam),
        (seen.id, viewer_of(services, crew.ada)),
        (seen.id, other),
    ):
        with pytest.raises(Forbidden):
            crew.take_back(number, by=by)
    with pytest.raises(Invalid):
        crew.take_back(seen.id, by=crew.miriam, reason=" ")
    assert len(words(crew)) == 2
    crew.take_back(seen.id, by=crew.miriam)
    crew.take_back(declared.id, by=crew.sofia)
    crew.take_back(declared.id, by=crew.sofia, reason="Again.")
    assert words(crew) == ()
    with services.database.reading() as session:
        kept = session.get_one(Attestation, declared.id)
        assert (kept.withdrawal_reason, kept.withdrawn_by) == ("No longer so.", crew.sofia.id)
        acts = session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.action.startswith("attestation."))
            .order_by(AuditEvent.id)
        ).all()
    assert acts == ["attestation.given"] * 2 + ["attestation.withdrawn"] * 2
