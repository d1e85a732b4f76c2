"""What is in the bytes: strictly read, bounded, and named where it is something else."""

import base64
import json
import zlib

import pytest
from openbadgeslib.baking import ITXT_KEYWORD_OB3, bake_png

from lms.verification.read import MOST_PICTURE, Unreadable, read, strict_json
from lms.verification.verify import Verdict
from tests.verification.issuers import Issuer, World, report_of
from tests.verification.test_verify import SVG, baked, png


@pytest.fixture
def issuer():
    return Issuer(World())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "nothing in it"),
        (b"  \n", "nothing in it"),
        (b"hello", "neither JSON nor"),
        (b"https://issuer.example/credentials/1", "neither JSON nor"),
        (b"\xff\xd8\xff\xe0JFIF", "neither text nor a PNG"),
        (b"[{}]", "This is a list"),
        (b'{"a": 1', "none (Expecting"),
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b'{"a": {"b": 1, "b": 1}}', "stands twice"),
        (b'{"a": NaN}', "no number"),
        (b'{"a": -Infinity}', "no number"),
        (b'{"a": 1e999}', "larger than numbers are"),
        (b'{"a": "\\ud800"}', "characters that are none"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "nested deeper"),
        (b'{"a":' * 9000 + b"1" + b"}" * 9000, "nested deeper"),
        (b'{"a": ' + b"9" * 5000 + b"}", "This begins like JSON"),
        (b'{"@context": "https://w3id.org/openbadges/v2", "type": "Assertion"}', "version 2"),
        (b'{"type": "VerifiablePresentation", "verifiableCredential": []}', "presentation"),
        (b"eyJhIjoxfQ.eyJhIjoxfQ.AAAA~WyJhIl0~", "SD-JWT"),
        (b"eyJhIjoxfQ.eyJhIjoxfQ.AAB", "damaged"),
        (b"eyJhIjoxfR.eyJhIjoxfQ.AAAA", "damaged"),
        (b"AAAA.AAAA.AAAA", "none"),
        (b"W10.W10.AAAA", "does not hold"),
        (b"<svg/>", "no Open Badge 3.0 in this picture"),
        (b"<html><p></html>", "picture is damaged"),
        (b'<!DOCTYPE s [<!ENTITY a "b">]><svg>&a;</svg>', "picture is damaged"),
        (b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>', "picture is damaged"),
        (b"\x89PNG\r\n\x1a\n", "picture is damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 40, "picture is damaged"),
        (png(), "no Open Badge 3.0 in this picture"),
        (b'{"a": "' + b"x" * 300_000 + b'"}', "larger than any"),
        (b"x" * (MOST_PICTURE + 1), "larger than any"),
    ],
    ids=lambda each: each[:20].decode("latin-1") if isinstance(each, bytes) else "",
)  # fmt: skip
def test_what_is_no_open_badge_is_told_in_a_sentence(data, words):
    with pytest.raises(Unreadable) as refused:
        read(data)
    assert words in refused.value.message
    report = report_of(data, World())
    assert (report.verdict, report.sentence, report.checks) == (Verdict.UNREADABLE, refused.value.message, ())


def test_spaces_and_a_mark_of_byte_order_around_it_do_no_harm(issuer):
    assert read(b"\xef\xbb\xbf \n" + json.dumps(issuer.badge()).encode() + b"\n").carrier == "json"
    assert read(f"\n{issuer.token()}\n".encode()).carrier == "jwt"


def test_two_badges_in_one_picture_are_refused_for_readers_differ_on_which_counts(issuer):
    first, second = json.dumps(issuer.proved()), issuer.token()
    picture = bake_png(baked(first, "png"), second, keyword=ITXT_KEYWORD_OB3)
    with pytest.raises(Unreadable, match="more than one badge"):
        read(picture)
    inner = (
        b'<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0">%s</o:credential></svg>' % first.encode()
    )
    with pytest.raises(Unreadable, match="more than one badge"):
        read(baked(second, "svg").replace(b"</svg>", inner))


@pytest.mark.parametrize(
    "node",
    [b'<ob:credential verify="%s"/>', b"<ob:credential>\n %s </ob:credential>", b"<ob:credential><![CDATA[%s]]></ob:credential>"],
    ids=["attribute", "text", "cdata"],
)  # fmt: skip
def test_a_badge_in_a_drawing_is_found_whatever_its_prefix_is_called(issuer, node):
    token = issuer.token()
    drawing = SVG.replace(b"<svg", b'<svg xmlns:ob="https://purl.imsglobal.org/ob/v3p0"')
    found = read(drawing.replace(b"</svg>", node % token.encode() + b"</svg>"))
    assert (found.carrier, found.token) == ("svg", token)


def chunk(kind, data):
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def with_chunk(data):
    whole = png()
    return whole[:-12] + chunk(b"iTXt", data) + whole[-12:]


def test_a_compressed_badge_is_read_and_a_bomb_is_not(issuer):
    text = json.dumps(issuer.proved()).encode()
    head = ITXT_KEYWORD_OB3 + b"\0\1\0en\0\0"
    assert read(with_chunk(head + zlib.compress(text))).body == json.loads(text)
    with pytest.raises(Unreadable, match="damaged"):
        read(with_chunk(head + zlib.compress(b"{" * 3_000_000)))


def test_base64_has_one_spelling():
    assert base64.b64decode("AAB=") == base64.b64decode("AAA=")
    token = "eyJhIjoxfQ.eyJhIjoxfQ."
    assert read(f"{token}AAA".encode()).carrier == "jwt"
    with pytest.raises(Unreadable, match="damaged"):
        read(f"{token}AAB".encode())


def test_numbers_within_reach_are_read():
    assert strict_json('{"a": [1, 2.5, -3e2]}') == {"a": [1, 2.5, -300.0]}
