"""What must hold between the files of a tree: ids that are unique, prerequisites without a circle, tracks that name what is there."""

from collections.abc import Iterable, Mapping, Sequence

from lms.content import schema
from lms.content.gathering import Gathering, cycle_through
from lms.content.lab import LabSources
from lms.content.marked import Marked, UnreadableError, read
from lms.content.model import Track
from lms.content.page import Page
from lms.content.validate import Format, validate

TRACKS = "courses/tracks.yaml"


def check_ids(
    courses: Iterable[Page], lessons: Iterable[Page], labs: Iterable[LabSources], gathering: Gathering
) -> None:
    """Each kind of thing is found by its id alone, wherever its file lies."""
    for what, things in (
        ("courses", [(page.declared_id, page.path, page.line("id")) for page in courses]),
        ("lessons", [(page.declared_id, page.path, page.line("id")) for page in lessons]),
        ("labs", [(lab.declared_id, lab.path, lab.marked.line_of(("id",))) for lab in labs]),
    ):
        first: dict[str, str] = {}
        for name, path, line in things:
            if name and name in first:
                gathering.error(
                    path,
                    line,
                    "duplicate-id",
                    f"There are two {what} '{name}': the other is in {first[name]}.",
                    "Give one another id.",
                )
            first.setdefault(name, path)


def check_prerequisites(courses: Sequence[Page], gathering: Gathering) -> None:
    known = {page.declared_id for page in courses}
    edges = {page.front["id"]: page.front["prerequisites"] for page in courses if page.front}
    for page in courses:
        for index, needed in enumerate(page.front.get("prerequisites", ())):
            if needed not in known:
                gathering.unknown(page.path, page.line("prerequisites", index), "course", needed, known)
        circle = cycle_through(page.front["id"], edges) if page.front else []
        if circle:
            gathering.error(
                page.path,
                page.line("prerequisites"),
                "prerequisite-cycle",
                f"One would need this course before itself: {' → '.join(circle)}.",
                "Take one out.",
            )


def read_tracks(files: Mapping[str, bytes], courses: set[str], gathering: Gathering) -> tuple[Track, ...]:
    """The tracks of tracks.yaml. Courses without tracks are allowed: a tree may hold labs only."""
    written, marked = read_file(TRACKS, files, schema.Tracks, gathering)
    if written is None:
        return ()
    known = {track.id for track in written.tracks}
    edges = {track.id: track.prerequisites for track in written.tracks}
    for index, track in enumerate(written.tracks):
        at = ("tracks", index)
        if track.id in {other.id for other in written.tracks[:index]}:
            gathering.error(
                TRACKS,
                marked.line_of((*at, "id")),
                "duplicate-id",
                f"There are two tracks '{track.id}'.",
                "Give one another id.",
            )
        if not track.courses:
            gathering.error(
                TRACKS,
                marked.line_of((*at, "courses")),
                "empty-track",
                f"The track '{track.id}' has no courses.",
                "Name some, or take it out.",
            )
        for number, course in enumerate(track.courses):
            if course not in courses:
                gathering.unknown(TRACKS, marked.line_of((*at, "courses", number)), "course", course, courses)
        for number, needed in enumerate(track.prerequisites):
            if needed not in known:
                gathering.unknown(
                    TRACKS, marked.line_of((*at, "prerequisites", number)), "track", needed, known
                )
        circle = cycle_through(track.id, edges)
        if circle:
            gathering.error(
                TRACKS,
                marked.line_of((*at, "prerequisites")),
                "prerequisite-cycle",
                f"One would need this track before itself: {' → '.join(circle)}.",
                "Take one out.",
            )
    return tuple(
        Track(t.id, t.title, t.summary, tuple(t.roles), tuple(t.courses), tuple(t.prerequisites))
        for t in written.tracks
    )


def read_file(
    path: str, files: Mapping[str, bytes], model: type[Format], gathering: Gathering
) -> tuple[Format | None, Marked]:
    """What a file of this format says, and where; None when it is not there or not valid."""
    if path not in files:
        return None, Marked({})
    gathering.keep(files[path], path)
    try:
        marked = read(files[path].decode("utf-8-sig"))
    except UnicodeDecodeError:
        gathering.error(path, 1, "encoding", "This file is not UTF-8 text.", "Save it as UTF-8.")
        return None, Marked({})
    except UnreadableError as cause:
        gathering.error(path, cause.line, cause.code, cause.message, cause.hint)
        return None, Marked({})
    written, problems = validate(model, marked, path)
    gathering.problems += problems
    return written, marked
