"""When a course or a track counts as passed. Pure.

A course is passed when it was studied (every lesson, enough question points) and each of its labs is passed. It is as old as its oldest
lab or its study, whichever came last: evidence ages from the day the last piece was in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lms.content.model import Course, Track
from lms.learning.progress import Progress


@dataclass(frozen=True)
class CoursePassed:
    """`at` is when the last piece was in."""

    course: Course
    at: datetime


def course_passed(
    course: Course, studied: Progress, labs_passed: Mapping[str, datetime]
) -> CoursePassed | None:
    """Whether and when `course` was passed. `labs_passed` maps lab ids to when."""
    if studied.studied_at is None or any(lab not in labs_passed for lab in course.labs):
        return None
    return CoursePassed(course, max([studied.studied_at, *(labs_passed[lab] for lab in course.labs)]))


def track_passed(track: Track, courses: Mapping[str, CoursePassed]) -> datetime | None:
    """When the last course of the track was passed, or None while one is missing."""
    if not track.courses or any(course not in courses for course in track.courses):
        return None
    return max(courses[course].at for course in track.courses)
