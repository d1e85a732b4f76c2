"""A certificate on paper: what it says, to eyes, to screen readers and to cameras, in every script of Europe and however long."""

import dataclasses
import json
import re
from datetime import date
from io import BytesIO
from pathlib import Path

import pypdf
import pypdfium2
import pytest
import zxingcpp

import lms
from lms.certification import document
from lms.certification.document import Certificate, typeset
from lms.errors import NotFound
from lms.words import speaking

NUMBER = "4d0f6a5e-1c1e-4a0d-9b3a-2f6f0f6f9a11"
CERTIFICATE = Certificate(
    kind="track",
    holder="Ada Lovelace",
    title="From rented GPUs to EuroHPC",
    description="An AI workload moved to a European supercomputer.",
    criteria=("Every course of the track passed.", "Questions: 88 %"),
    issuer="European AI Support Centre",
    issued_on=date(2026, 11, 27),
    awarded_on=date(2026, 11, 27),
    valid_until=date(2027, 11, 27),
    number=NUMBER,
    address=f"https://learn.example.eu/credentials/{NUMBER}",
    signed='{"name": "From rented GPUs to EuroHPC"}',
)
COMPANY = dataclasses.replace(CERTIFICATE, kind="level", holder="Aurora Fjord AS", title="Fast Lane")

SCRIPTS = {
    "Latin": "Ąą Ćć Čč Ďď Đđ Ęę Ėė Əə Ğğ Ģģ Ħħ İı Įį Ķķ Ļļ Łł Ńń Ņņ Ňň Ŋŋ Œœ Őő Øø Ŕŕ Řř Şş Šš Șș Țț Ťť Ŧŧ Ųų Űű Ůů Ŵŵ Ŷŷ Źź Żż Žž "
    "Þþ Ðð ß ẞ Æ æ Ǧǧ Ǩǩ Ǯǯ Ẽẽ",
    "Greek": "Αα Ββ Γγ Δδ Εε Ζζ Ηη Θθ Ιι Κκ Λλ Μμ Νν Ξξ Οο Ππ Ρρ Σσς Ττ Υυ Φφ Χχ Ψψ Ωω Άά Ϊϊΐ Ύύ Ἀ ᾷ ῖ",
    "Cyrillic": "Аа Бб Вв Гг Ґґ Ѓѓ Дд Ђђ Єє Ёё Жж Ѕѕ Йй Іі Її Јј Ќќ Љљ Њњ Ћћ Ўў Џџ Щщ Ъъ Ыы Ьь Ээ Юю Яя Әә Җҗ Ңң Өө Үү Һһ",
    "Georgian": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ ᲐᲑᲒᲓ",
    "Armenian": "ԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
}
TYPEFACES = {"LibertinusSerif", "NotoSerifGeorgian", "NotoSerifArmenian"}
MILLIMETRE = 72 / 25.4
"""In points."""


def read(certificate):
    return pypdf.PdfReader(BytesIO(typeset(certificate)))


def said(certificate):
    """The words of the page, as a program copies them, on one line and without breaks inside words."""
    [page] = read(certificate).pages
    return " ".join(page.extract_text().replace("\u200b", "").split())


def fonts(reader):
    """The fonts of the one page: name -> descriptor."""
    found = [each.get_object() for each in reader.pages[0]["/Resources"]["/Font"].values()]
    inner = [
        each["/DescendantFonts"][0].get_object() if "/DescendantFonts" in each else each for each in found
    ]
    return {each["/BaseFont"].split("+")[-1]: each["/FontDescriptor"].get_object() for each in inner}


def test_it_says_who_has_shown_what_and_when():
    person, company = said(CERTIFICATE), said(COMPANY)
    for words in (
        "European AI Support Centre",
        "Ada Lovelace has passed every course of the track From rented GPUs to EuroHPC",
        "Every course of the track passed. Questions: 88 %",
        "27 November 2026",
        "27 November 2027",
        NUMBER,
        CERTIFICATE.address,
    ):
        assert words in person
    assert "Aurora Fjord AS has met every requirement of Fast Lane" in company
    assert "FIRST AWARDED" not in person
    renewed = dataclasses.replace(CERTIFICATE, awarded_on=date(2025, 11, 1))
    assert "1 November 2025" in said(renewed)


def test_it_says_nothing_of_its_state():
    ends = dataclasses.replace(CERTIFICATE, valid_until=None)
    assert "VALID UNTIL" in said(CERTIFICATE)
    assert "VALID UNTIL" not in said(ends)
    assert not re.search("revoked|suspended|expired", said(CERTIFICATE), re.IGNORECASE)


def test_screen_readers_get_a_tagged_page_with_a_title_a_language_and_words_for_pictures():
    reader = read(CERTIFICATE)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("en")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "From rented GPUs to EuroHPC, Ada Lovelace"
    assert reader.metadata.author == "European AI Support Centre"
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfuaid:part>1<", xmp)
    assert re.search(r"pdfaid:part>3<", xmp)
    tags = list(elements(root["/StructTreeRoot"]))
    assert [each["/S"] for each in tags if str(each["/S"]).startswith("/H")] == ["/H1", "/H2"]
    alternatives = [each["/Alt"] for each in tags if each["/S"] == "/Figure"]
    assert sorted(alternatives) == [
        f"QR code that leads to {CERTIFICATE.address}",
        "The badge of this certificate",
    ]


def elements(node):
    """The structure elements under `node`, in reading order."""
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        each = child.get_object()
        if isinstance(each, dict) and "/S" in each:
            yield each
            yield from elements(each)


def test_it_is_in_the_language_spoken():
    with speaking("el"):
        reader = read(CERTIFICATE)
        assert reader.trailer["/Root"]["/Lang"].startswith("el")
        assert "27 Νοεμβρίου 2026" in said(CERTIFICATE)


@pytest.mark.parametrize("script", SCRIPTS)
def test_names_of_every_european_script_are_drawn_in_typefaces_that_are_inside(script):
    letters = SCRIPTS[script]
    for part in (letters[: len(letters) // 2], letters[len(letters) // 2 :]):
        certificate = dataclasses.replace(CERTIFICATE, holder=part)
        assert "".join(part.split()) in said(certificate).replace(" ", "")
        used = fonts(read(certificate))
        assert {name.split("-")[0] for name in used} <= TYPEFACES
        assert all({"/FontFile2", "/FontFile3"} & set(each) for each in used.values())


def test_letters_that_no_typeface_has_are_named():
    with pytest.raises(NotFound, match="lack the letters 山 田") as refusal:
        typeset(dataclasses.replace(CERTIFICATE, holder="山田 Ada"))
    assert "other forms" in refusal.value.message
    with pytest.raises(NotFound, match="names nobody"):
        typeset(dataclasses.replace(CERTIFICATE, holder=""))


def test_pictographs_and_marks_that_turn_the_direction_round_are_left_out():
    odd = dataclasses.replace(
        CERTIFICATE, holder="Ada\u202e\x07 \U0001f680 Love\nlace", title="Launch \U0001f680 it"
    )
    assert "Ada Love lace has passed" in said(odd)
    assert read(odd).metadata.title == "Launch it, Ada Love lace"


@pytest.mark.parametrize(
    "words",
    [
        '#read("/etc/passwd")',
        "#pagebreak()",
        "$x^2$ \\ *bold* _it_ <label> @ref // no /* no */",
        "= Heading - `raw` -- --- ... ~ 'q' \"q\"",
        "Jean d'Arc & O’Neill",
        "${told} %(number)s {0}",
    ],
)
def test_what_looks_like_markup_is_shown_as_it_is(words):
    certificate = dataclasses.replace(
        CERTIFICATE, holder=words, title=words, description=words, criteria=(words,), issuer=words
    )
    assert said(certificate).count(" ".join(words.split())) == 5


@pytest.mark.parametrize("letter", ["W", "Щ", "Ⴟ", "Ա", "i", "Anna-Maria ", "von "])
def test_however_long_everything_stays_on_its_page_and_beside_its_badge(letter):
    name = (letter * 120)[:120].strip()
    certificate = Certificate(
        kind="level",
        holder=name,
        title=(letter * 200)[:200].strip(),
        description=(letter * 600)[:600],
        criteria=((letter * 2000)[:2000], (letter * 400)[:400]),
        issuer=name,
        issued_on=CERTIFICATE.issued_on,
        awarded_on=date(2025, 11, 27),
        valid_until=CERTIFICATE.valid_until,
        number=NUMBER,
        address=f"https://{'learn.' * 8}example.eu/credentials/{NUMBER}",
        signed=CERTIFICATE.signed,
    )
    words = said(certificate).replace(" ", "")
    assert name.replace(" ", "") in words
    assert "…" in words
    [page] = pypdfium2.PdfDocument(typeset(certificate))
    text = page.get_textpage()
    boxes = [
        text.get_charbox(index)
        for index in range(text.count_chars())
        if text.get_text_range(index, 1).strip("\u200b \r\n\x02\ufffe")
    ]
    assert len(boxes) > 300
    assert min(left for left, *_rest in boxes) >= 23 * MILLIMETRE
    assert max(right for _left, _bottom, right, _top in boxes) <= (24 + 184) * MILLIMETRE
    assert min(bottom for _left, bottom, *_rest in boxes) >= 11 * MILLIMETRE
    assert max(top for *_rest, top in boxes) <= 192 * MILLIMETRE


def test_a_camera_reads_the_address_off_the_page():
    [page] = pypdfium2.PdfDocument(typeset(CERTIFICATE))
    [code] = zxingcpp.read_barcodes(page.render(scale=2).to_numpy())
    assert code.text == CERTIFICATE.address


def test_what_was_signed_is_inside_to_the_byte():
    token = dataclasses.replace(CERTIFICATE, signed="e30.e30.c2ln")
    assert read(CERTIFICATE).attachments == {"credential.json": [CERTIFICATE.signed.encode()]}
    assert read(token).attachments == {"credential.jwt": [b"e30.e30.c2ln"]}


def test_the_same_certificate_is_the_same_bytes():
    first = typeset(CERTIFICATE)
    document._compiled.cache_clear()
    assert typeset(CERTIFICATE) == first
    assert typeset(COMPANY) != first
    assert read(CERTIFICATE).metadata.creation_date.date() == CERTIFICATE.issued_on


def test_it_bears_the_mark_of_the_site():
    mark = (Path(lms.__file__).parent / "web" / "static" / "mark.svg").read_text().strip()
    assert mark.replace('"', "'") in document.PAGE.read_text()


def test_values_reach_the_page_only_as_data():
    page = document.PAGE.read_text()
    assert re.findall(r"sys\.inputs[\w.]*", page) == ["sys.inputs.told"]
    assert not re.search(r"\beval\(|@preview|\bread\(", page)
    assert json.loads(json.dumps(document._told(CERTIFICATE)))["holder"] == "Ada Lovelace"
