"""What an achievement is aligned with leads to a page, and names the version of the tree."""

from lms.certification.alignment import alignments_of, hpccf
from lms.certification.keys import claims_in


def test_a_skill_of_the_forum_leads_to_its_page_where_its_id_says_which():
    assert hpccf("AI1.4").url == "https://www.hpc-certification.org/wiki/skill-tree/ai/1/4/b"
    assert hpccf("K1.2.1").url.endswith("/skill-tree/k/1/2/1/b")
    assert hpccf("USE2.1-B").url == "https://www.hpc-certification.org/wiki/skill-tree/"
    assert hpccf("AI1.4").framework.endswith("v2025.12")


def test_a_course_is_aligned_with_everything_its_front_matter_names(edition):
    (forum, esco, eqf) = alignments_of(edition.catalogue.course_by_id["S01"])
    assert (forum.code, esco.name, eqf.code) == ("USE2.1", "Python (computer programming)", "5")
    assert esco.url == "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d"


def test_alignments_and_results_stand_in_what_is_signed_and_those_of_a_track_are_its_courses(ready):
    course, track = (claims_in(each.jwt) for each in (ready.issue_course(), ready.issue_track()))
    told = [claims["credentialSubject"]["achievement"]["alignment"] for claims in (course, track)]
    assert [each["targetCode"] for each in told[0]][::2] == ["USE2.1", "5"]
    assert told[0] == told[1]
    described = course["credentialSubject"]["achievement"]["resultDescription"]
    assert [(each["resultType"], each["valueMax"]) for each in described] == [
        ("Percent", "100"),
        ("RawScore", "10"),
    ]
    results = course["credentialSubject"]["result"]
    assert [each["resultDescription"] for each in results] == [each["id"] for each in described]
    assert [each["value"] for each in results] == ["100", "10"]
    assert "result" not in track["credentialSubject"]
