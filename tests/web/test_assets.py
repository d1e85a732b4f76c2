"""Images of courses are for everybody who reads them; the sources they were made from, with every answer, for nobody."""

from tests.steps import publish_changed, study

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5"/></svg>'
WITH_IMAGE = {
    "courses/s01-first/drawing.svg": DRAWING,
    "courses/s01-first/02-counting.md": ("Hours times GPUs.", "![Hours times GPUs](drawing.svg)"),
}


def digests(site):
    with site.database.reading() as session:
        catalogue = site.shelf.live(session).catalogue
    lab, course = catalogue.lab_by_id["SL1"], catalogue.course_by_id["S01"]
    return [lab.notebook, lab.handout, course.lessons[0].source], sorted(catalogue.assets.values())


def test_an_image_of_a_course_is_served_for_ever_and_cannot_run_anything(site, stranger):
    publish_changed(site, WITH_IMAGE)
    sources, (image,) = digests(site)
    answer = stranger.get(f"/assets/{image}.svg")
    assert (answer.data, answer.mimetype) == (DRAWING, "image/svg+xml")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    for digest in sources:
        for suffix in ("", ".ipynb", ".md", ".svg"):
            assert stranger.get(f"/assets/{digest}{suffix}").status_code == 404


def test_who_keeps_an_older_version_keeps_its_images(site, stranger, visitor):
    publish_changed(site, WITH_IMAGE)
    ada, bob = visitor("Ada"), visitor("Bob")
    study(site, ada.person)
    _, (image,) = digests(site)
    publish_changed(site, {"courses/s01-first/01-waiting.md": ("points: 2", "points: 3")})
    assert digests(site)[1] == []
    assert f"/assets/{image}.svg" in ada.get("/courses/S01/S01-2").text
    assert [each.get(f"/assets/{image}.svg").status_code for each in (ada, bob, stranger)] == [200, 404, 404]
