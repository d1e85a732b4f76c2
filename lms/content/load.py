"""A tree into a catalogue, or into everything that is wrong with it."""

import posixpath
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lms.content import rules
from lms.content.course import CoursePages, build_course, find_sources
from lms.content.gathering import Gathering
from lms.content.lab import LabWorkshop, build_lab, read_lab
from lms.content.links import Addresses
from lms.content.machines import read_machines
from lms.content.model import Catalogue
from lms.content.problem import Problem, failed
from lms.content.readiness import read_readiness
from lms.content.rendering import Cache, Progress, make_pages
from lms.content.tree import Tree

PROOFS = 3  # at once


@dataclass(frozen=True)
class Loaded:
    """What became of a tree.

    `catalogue` is None as soon as one problem is an error; `draft` holds whatever could be read even then, for its author to
    look at. `blobs` are the bytes that a release must keep, by digest: sources, rendered HTML, images, notebooks, hand-outs,
    handed-out files and the modules that labs import. `manifest` has the digest of each file of the tree among them, by path.
    """

    catalogue: Catalogue | None
    draft: Catalogue
    problems: tuple[Problem, ...]
    blobs: Mapping[str, bytes]
    manifest: Mapping[str, str]


def _unheard(done: int, total: int, what: str) -> None:
    """For callers who do not watch."""


def load(
    tree: Tree,
    *,
    workshop: LabWorkshop | None,
    on_progress: Progress = _unheard,
    cache: Cache | None = None,
) -> Loaded:
    """Reads all of a tree and reports all its problems together, in the order of files and lines.

    Publishing needs a `workshop`, which makes the hand-outs and proves the labs; without one, `Lab.handout` is "". `cache` keeps
    pages by a digest of their source and the renderer, so that only what changed is rendered again.
    `on_progress(done, total, what)` is told of each text and each lab.
    """
    files = tree.files
    gathering = Gathering(problems=list(tree.problems))
    folders = find_sources(files, gathering)
    lab_paths = sorted(
        path for path in files if path.startswith("labs/") and posixpath.basename(path) == "lab.yaml"
    )
    machines = read_machines(files, gathering)
    labs_read = [read_lab(path, files, gathering) for path in lab_paths]

    texts = [source for sources in folders.values() for source in sources]
    texts += [lab.introduction for lab in labs_read]
    total = len(texts) + len(labs_read)
    pages = make_pages(texts, cache, lambda done, _, what: on_progress(done, total, what))
    for page in pages.values():
        gathering.problems += page.problems

    courses = [
        CoursePages(
            pages[folder + "/course.md"],
            tuple(pages[source.path] for source in sources if source.kind == "lesson"),
        )
        for folder, sources in folders.items()
        if folder + "/course.md" in pages
    ]
    addresses = _addresses(files, courses)
    addresses.labs = {lab.declared_id: f"/labs/{lab.declared_id}" for lab in labs_read if lab.declared_id}
    for lab in labs_read:
        addresses.pages[lab.notebook_path] = (f"/labs/{lab.declared_id}", pages[lab.notebook_path])

    heads = [course.course for course in courses]
    course_ids, lab_ids = {page.declared_id for page in heads}, set(addresses.labs)
    rules.check_ids(heads, [lesson for course in courses for lesson in course.lessons], labs_read, gathering)
    rules.check_prerequisites(heads, gathering)
    tracks = rules.read_tracks(files, course_ids, gathering)
    proving = {lab.declared_id for lab in labs_read if lab.written and lab.written.slurm}
    policy = read_readiness(files, heads, lab_ids, proving, gathering)
    built_courses = [build_course(course, addresses, lab_ids, gathering) for course in courses]
    built_labs = [
        build_lab(sources, pages[sources.notebook_path], addresses, files, machines, workshop, gathering)
        for sources in labs_read
    ]
    with ThreadPoolExecutor(PROOFS) as several:
        proofs = several.map(lambda built: built[1]() if built and built[1] else [], built_labs)
        for number, (sources, found) in enumerate(zip(labs_read, proofs, strict=True), start=1):
            gathering.problems += found
            on_progress(len(texts) + number, total, sources.path)

    for path in addresses.assets:
        gathering.keep(files[path], path)
    draft = Catalogue(
        tracks=tracks,
        courses=tuple(course for course in built_courses if course),
        labs=tuple(built[0] for built in built_labs if built),
        policy=policy,
        assets=dict(sorted(addresses.assets.items())),
    )
    problems = tuple(
        sorted(
            set(gathering.problems + addresses.problems),
            key=lambda p: (p.path, p.line, p.severity, p.code, p.message),
        )
    )
    return Loaded(None if failed(problems) else draft, draft, problems, gathering.blobs, gathering.manifest)


def _addresses(files: Mapping[str, bytes], courses: list[CoursePages]) -> Addresses:
    addresses = Addresses(files)
    for course in courses:
        base = f"/courses/{course.course.declared_id}"
        addresses.pages[course.course.path] = (base, course.course)
        for lesson in course.lessons:
            addresses.pages[lesson.path] = (f"{base}/{lesson.declared_id}", lesson)
    return addresses
