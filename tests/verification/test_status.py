"""Whether a badge was taken back: what its issuer's signed lists say, and what is said when they cannot be believed."""

import base64
import gzip

import pytest
from openbadgeslib.ob3.status_list import status_entry

from lms.verification.verify import Verdict
from tests.verification.issuers import LIST, Issuer, World, changed, outcomes, report_of, told

SECOND = "https://issuer.example/status/2"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def issuer(world):
    return Issuer(world)


def says(world, badge, outcome, words):
    report = report_of(badge, world)
    found = told(report, "status")
    assert (found.outcome.value, words in found.reason) == (outcome, True), report.checks
    wanted = {"passed": Verdict.VALID, "failed": Verdict.INVALID, "unknown": Verdict.UNCLEAR}
    assert report.verdict is wanted[outcome], report.checks
    assert all(each == "passed" for name, each in outcomes(report).items() if name != "status")


@pytest.mark.parametrize("form", ["proved", "token"])
def test_a_bit_says_whether_a_badge_was_revoked(world, issuer, form):
    badge = getattr(issuer, form)(issuer.with_status())
    issuer.publish_list(revoked=[41, 43])
    says(world, badge, "passed", "neither revoked nor suspended")
    issuer.publish_list(revoked=[42])
    says(world, badge, "failed", "revoked it")


def test_of_two_lists_the_graver_word_counts(world, issuer):
    entries = status_entry(LIST, "revocation", 42), status_entry(SECOND, "suspension", 9)
    badge = issuer.proved(issuer.with_status(*entries))
    issuer.publish_list()
    says(world, badge, "unknown", "Nothing is at https://issuer.example/status/2")
    issuer.publish_list(url=SECOND, purpose="suspension")
    says(world, badge, "passed", "neither")
    issuer.publish_list(url=SECOND, purpose="suspension", revoked=[9])
    says(world, badge, "failed", "suspended it")
    del world.pages[LIST]
    says(world, badge, "failed", "suspended it")


def test_a_message_is_no_revocation(world, issuer):
    badge = issuer.proved(
        issuer.with_status({**status_entry(LIST, "revocation", 42), "statusPurpose": "message"})
    )
    body = changed(issuer.list(revoked=[42]), "credentialSubject.statusPurpose", "message")
    world.pages[LIST] = issuer.proved(body)
    says(world, badge, "passed", "neither")


@pytest.mark.parametrize("as_token", [False, True])
def test_a_list_that_was_changed_is_not_believed(world, issuer, as_token):
    badge = issuer.proved(issuer.with_status())
    revoked, clean = issuer.list(revoked=[42]), issuer.list()
    if as_token:
        head, _body, tail = issuer.list_token(revoked).split(".")
        world.pages[LIST] = ".".join([head, issuer.list_token(clean).split(".")[1], tail]).encode()
    else:
        bits = clean["credentialSubject"]["encodedList"]
        world.pages[LIST] = changed(issuer.proved(revoked), "credentialSubject.encodedList", bits)
    says(world, badge, "failed", "changed after it was signed")


def test_a_list_to_which_something_was_added_is_not_believed(world, issuer):
    world.pages[LIST] = changed(issuer.proved(issuer.list()), "sneaky", "x")
    says(world, issuer.proved(issuer.with_status()), "failed", "changed after it was signed")


def test_a_list_that_nobody_signed_is_not_believed(world, issuer):
    world.pages[LIST] = issuer.list()
    says(world, issuer.proved(issuer.with_status()), "unknown", "not signed in a way")


def test_a_list_of_another_issuer_is_not_believed(world, issuer):
    stranger = Issuer(world, "did:web:stranger.example")
    stranger.publish_list()
    says(world, issuer.proved(issuer.with_status()), "failed", "somebody else's")
    body = stranger.list(issuer=issuer.did)
    world.pages[LIST] = stranger.proved(body)
    says(world, issuer.proved(issuer.with_status()), "failed", "a key of did:web:stranger.example")


def test_another_list_of_the_issuer_cannot_stand_in_its_place(world, issuer):
    issuer.publish_list(revoked=[42])
    world.pages[LIST] = issuer.proved(issuer.list(url=SECOND))
    says(world, issuer.proved(issuer.with_status()), "failed", "exchanged")


def test_a_list_for_another_purpose_is_not_the_one(world, issuer):
    issuer.publish_list(purpose="suspension", revoked=[42])
    says(world, issuer.proved(issuer.with_status()), "failed", "another purpose")


@pytest.mark.parametrize(
    ("member", "day"), [("validUntil", "2026-11-22T00:00:00Z"), ("validFrom", "2026-12-24T00:00:00Z")]
)
def test_an_old_list_is_no_news(world, issuer, member, day):
    issuer.publish_list(**{member: day})
    says(world, issuer.proved(issuer.with_status()), "unknown", "not of today")


@pytest.mark.parametrize("kind", ["1EdTechRevocationList", "StatusList2021Entry", "SomethingNew"])
def test_a_list_of_a_kind_that_is_not_read_is_never_taken_as_not_revoked(world, issuer, kind):
    badge = issuer.token(issuer.badge(credentialStatus={"id": LIST, "type": kind}))
    says(world, badge, "unknown", kind)
    assert LIST not in world.asked


@pytest.mark.parametrize("entry", [LIST, 7, None, [], [[]]])
def test_an_entry_that_is_none_is_never_taken_as_not_revoked(world, issuer, entry):
    report = report_of(issuer.token(issuer.badge(credentialStatus=[entry])), world)
    assert report.verdict is not Verdict.VALID
    assert outcomes(report)["status"] == "unknown"


@pytest.mark.parametrize("index", ["-1", "4.2", "", "x", " 42", "４２", "1e3", None, True, -1, 4.2, "9" * 10])
def test_a_place_that_is_none_is_refused(world, issuer, index):
    issuer.publish_list()
    entry = {**status_entry(LIST, "revocation", 1), "statusListIndex": index}
    report = report_of(issuer.token(issuer.with_status(entry)), world)
    assert (report.verdict, outcomes(report)["status"]) == (Verdict.INVALID, "failed")


def test_a_place_beyond_the_list_or_in_one_that_is_too_short_cannot_be_told(world, issuer):
    issuer.publish_list()
    badge = issuer.token(issuer.with_status(status_entry(LIST, "revocation", 131_072)))
    says(world, badge, "unknown", "no place 131072")
    short = "u" + base64.urlsafe_b64encode(gzip.compress(bytes(1024))).decode().rstrip("=")
    world.pages[LIST] = issuer.proved(changed(issuer.list(), "credentialSubject.encodedList", short))
    says(world, issuer.token(issuer.with_status()), "unknown", "shorter than lists are")


@pytest.mark.parametrize(
    "bits",
    [
        "u!!",
        "",
        "uAAAA",
        "u" + base64.urlsafe_b64encode(gzip.compress(bytes(6 * 2**20))).decode().rstrip("="),
    ],
    ids=["no base64", "empty", "no gzip", "a bomb"],
)
def test_a_list_that_cannot_be_unpacked_cannot_be_told(world, issuer, bits):
    world.pages[LIST] = issuer.list_token(
        changed(issuer.list(), "credentialSubject.encodedList", bits)
    ).encode()
    says(world, issuer.proved(issuer.with_status()), "unknown", "cannot be read")


@pytest.mark.parametrize(
    "page", [b"", b"<html>", b"{}", b"[]", b"null", b"\xff\xfe", b'{"type": 1, "type": 2}']
)
def test_what_is_no_list_cannot_be_told(world, issuer, page):
    world.pages[LIST] = page
    report = report_of(issuer.proved(issuer.with_status()), world)
    assert (report.verdict, outcomes(report)["status"]) == (Verdict.UNCLEAR, "unknown")


def test_more_states_than_two_are_not_read(world, issuer):
    issuer.publish_list()
    entry = {**status_entry(LIST, "revocation", 1), "statusSize": 2}
    says(world, issuer.token(issuer.with_status(entry)), "unknown", "more than two states")


def test_a_badge_cannot_have_many_lists_asked(world, issuer):
    entries = [
        status_entry(f"https://issuer.example/status/{number}", "revocation", 1) for number in range(5)
    ]
    report = report_of(issuer.token(issuer.with_status(*entries)), world)
    assert outcomes(report)["status"] == "unknown"
    assert world.asked == ["https://issuer.example/.well-known/did.json"]
