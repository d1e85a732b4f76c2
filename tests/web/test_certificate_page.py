"""The public page of a certificate: what became of it in one sentence, for ever; whose it is, as long as they want that told."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from openbadgeslib.baking import ITXT_KEYWORD_OB3, SVG_ELEMENT_OB3, extract_png, extract_svg
from sqlalchemy import select

from lms.certification.tables import Credential
from tests import steps
from tests.conftest import new_person
from tests.web.conftest import shown


@pytest.fixture
def ada(visitor, site, tmp_path):
    ada, mentor = visitor("Ada"), new_person(site, "Mentor", mentor=True)
    steps.company(site, "Nordlys Robotics", leads=[ada.person])
    steps.pass_everything(site, ada.person, mentor, tmp_path)
    return ada


@pytest.fixture
def staff(visitor):
    return visitor("Sofia", staff=True)


def certified(ada):
    """The address of a certificate of Ada's."""
    return ada.post("/courses/S01/certificate").location


def levelled(staff):
    """The address of her company's."""
    return staff.post("/companies/nordlys-robotics/levels/R1", data={"reason": "Seen."}).location


def change(site, address, **values):
    with site.database.transaction() as session:
        found = session.get_one(Credential, address.rpartition("/")[2])
        for name, value in values.items():
            setattr(found, name, value)
        return found.issued_at


def test_a_suspension_is_told_with_its_reason_and_is_lifted(ada, staff, stranger):
    address = levelled(staff)
    assert ada.post(f"/staff{address}/suspend", data={"reason": "x"}).status_code == 404
    assert staff.post(f"/staff{address}/suspend", data={"reason": " "}).status_code == 422
    assert "This certificate is valid" in shown(stranger.get(address))
    staff.post(f"/staff{address}/suspend", data={"reason": "Their contact left."})
    page = shown(stranger.get(address))
    assert "This certificate is suspended since" in page
    assert "Their contact left." in page
    assert "It is genuine, and does not count until" in page
    assert "Suspend this certificate" not in page
    assert "Lift the suspension" in shown(staff.get(address))
    assert "Lift the suspension" not in page
    staff.post(f"/staff{address}/resume")
    assert "This certificate is valid" in shown(stranger.get(address))


def test_staff_renew_what_is_near_its_end_from_its_page(ada, staff, stranger, site):
    address = levelled(staff)
    assert "Renew this certificate" not in shown(staff.get(address))
    issued = change(site, address)
    change(site, address, issued_at=issued - timedelta(days=340), valid_until=issued + timedelta(days=20))
    assert "Renew this certificate" in shown(staff.get(address))
    assert "Renew this certificate" not in shown(stranger.get(address))
    new = staff.post("/companies/nordlys-robotics/levels/R1").location
    assert new != address
    page = stranger.get(address)
    assert "A newer certificate replaces this one" in shown(page)
    assert f'href="{new}"' in page.text
    assert "This certificate is valid" in shown(stranger.get(new))


def test_who_takes_their_name_off_is_named_no_more_and_what_they_hold_still_verifies(ada, staff, stranger):
    address = certified(ada)
    assert "Ada" in shown(stranger.get(address))
    before = stranger.get(f"{address}.json").data
    for other in (staff, stranger):
        assert "Take your name off" not in shown(other.get(address))
    assert staff.post(f"{address}/forget").status_code == 404
    assert stranger.post(f"{address}/forget").location.startswith("/sign-in")
    assert "Ada" in shown(stranger.get(address))
    assert ada.post(f"{address}/forget").location == address
    page = shown(stranger.get(address))
    assert "Its holder asked to be forgotten" in page
    assert "This certificate is valid" in page
    assert "Ada" not in stranger.get(address).text
    assert stranger.get(f"{address}.json").data == before
    assert ada.post(f"{address}/forget").status_code == 404
    again = certified(ada)
    assert again != address
    assert "Ada" in shown(stranger.get(again))
    companys = levelled(staff)
    assert ada.post(f"{companys}/forget").status_code == 404
    assert "Nordlys Robotics" in shown(stranger.get(companys))


def test_only_the_holder_is_offered_linkedin_which_is_told_all_it_asks_for(ada, staff, stranger):
    address = certified(ada)
    for other in (staff, stranger):
        assert "linkedin" not in other.get(address).text
    link = ada.get(address).text.partition('href="https://www.linkedin.com')[2].partition('"')[0]
    told = parse_qs(urlsplit(link.replace("&amp;", "&")).query)
    assert told["startTask"] == ["CERTIFICATION_NAME"]
    assert told["name"] == ["The first course"]
    assert told["certUrl"] == [f"http://slipway.test{address}"]
    assert told["certId"] == [address.rpartition("/")[2]]
    assert {"organizationName", "issueYear", "issueMonth"} <= told.keys()


def test_one_that_was_issued_before_embedded_proofs_stays_valid_as_it_is(ada, stranger, site):
    address = certified(ada)
    token = stranger.get(f"{address}.jwt").text
    change(
        site,
        address,
        document=None,
        proof_kid=None,
        status_purpose=None,
        status_list=None,
        status_index=None,
    )
    page = shown(stranger.get(address))
    assert "This certificate is valid" in page
    assert "The status list" not in page
    assert "The signed file (JSON)" not in page
    assert stranger.get(f"{address}.json").status_code == 404
    assert stranger.get(f"{address}.jwt").text == token
    svg, png = stranger.get(f"{address}.svg").data, stranger.get(f"{address}.png").data
    assert extract_svg(svg, element=SVG_ELEMENT_OB3) == token
    assert extract_png(png, keyword=ITXT_KEYWORD_OB3) == token


def test_two_forms_that_no_longer_say_the_same_are_relied_on_by_nobody(ada, stranger, site):
    address = certified(ada)
    with site.database.transaction() as session:
        found = session.scalars(select(Credential)).one()
        found.document = found.document.replace("The first course", "The last course")
    assert "Do not rely on this certificate" in shown(stranger.get(address))
    change(site, address, document="no JSON")
    assert "Do not rely on this certificate" in shown(stranger.get(address))


def test_the_badge_is_public_and_no_other_is(stranger):
    for kind in ("course", "track", "level"):
        png = stranger.get(f"/badges/{kind}.png")
        assert (png.mimetype, png.data[:4]) == ("image/png", b"\x89PNG")
        assert png.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert stranger.get(f"/badges/{kind}.svg").mimetype == "image/svg+xml"
    for nowhere in ("/badges/king.png", "/badges/course.gif", "/badges/..%2Fcourse.png"):
        assert stranger.get(nowhere).status_code == 404
