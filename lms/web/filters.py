"""Dates, durations, numbers and assets, as people read them, in the reader's language and zone."""

import hashlib
from datetime import date, datetime
from functools import cache, lru_cache
from math import ceil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from flask import Flask, get_flashed_messages, url_for

from lms import words
from lms.web import request
from lms.words import gettext as _
from lms.words import ngettext

STATIC = Path(__file__).parent / "static"


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        about=about,
        clock=clock,
        day=day,
        moment=moment,
        ago=ago,
        iso=iso,
        duration=duration,
        number=number,
        percent=percent,
        seconds=seconds,
        size=size,
        span=span,
    )
    app.jinja_env.globals.update(
        _=words.gettext,
        ngettext=words.ngettext,
        asset=asset,
        url_for=address,
        get_flashed_messages=get_flashed_messages,
    )


def zone() -> ZoneInfo:
    name = request.viewer().time_zone or request.services().settings.time_zone
    return ZoneInfo(name)


@cache
def time_zones() -> list[str]:
    return sorted(
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    )


def day(value: datetime | date | None) -> str:
    """12 November 2026"""
    if value is None:
        return ""
    local = value.astimezone(zone()).date() if isinstance(value, datetime) else value
    return format_date(local, "long", locale=words.locale())


def moment(value: datetime | None) -> str:
    """12 Nov 2026, 14:05"""
    return (
        ""
        if value is None
        else format_datetime(value, _("d MMM y, HH:mm"), tzinfo=zone(), locale=words.locale())
    )


def clock(value: datetime) -> str:
    """14:05"""
    return format_datetime(value, _("HH:mm"), tzinfo=zone(), locale=words.locale())


def iso(value: datetime | date | None) -> str:
    """For a `datetime` attribute."""
    return "" if value is None else value.isoformat()


def ago(value: datetime | None) -> str:
    """3 minutes ago"""
    return (
        ""
        if value is None
        else format_timedelta(value - request.now(), add_direction=True, locale=words.locale())
    )


def duration(minutes: float) -> str:
    """Minutes as 45 min, or 1 h 55 min."""
    hours, rest = divmod(round(minutes), 60)
    if not hours:
        return _("%(minutes)s min", minutes=rest)
    return (
        _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if rest else _("%(hours)s h", hours=hours)
    )


def seconds(milliseconds: float) -> str:
    """0.4 s"""
    return _("%(seconds)s s", seconds=format_decimal(round(milliseconds / 1000, 1), locale=words.locale()))


def span(value: float) -> str:
    """Seconds as they were measured: 0.4 s, 12 min, 1 h 5 min."""
    return seconds(value * 1000) if value < 120 else duration(value / 60)


def about(seconds: float) -> str:
    """A guess, as rough as it is: a few seconds, about 20 seconds, about 3 minutes."""
    if seconds < 5:
        return _("a few seconds")
    if seconds <= 50:
        return ngettext("about %(num)s second", "about %(num)s seconds", ceil(seconds / 5) * 5)
    if seconds <= 50 * 60:
        return ngettext("about %(num)s minute", "about %(num)s minutes", ceil(seconds / 60))
    return ngettext("about %(num)s hour", "about %(num)s hours", ceil(seconds / 3600))


def number(value: float) -> str:
    return format_decimal(round(value, 2), locale=words.locale())


def percent(value: float) -> str:
    """A whole number of hundredths: 70 -> 70%"""
    return format_percent(value / 100, locale=words.locale())


def size(value: int) -> str:
    """Bytes as 412 bytes, 12 kB, 3.4 MB."""
    if value < 1000:
        return ngettext("%(num)s byte", "%(num)s bytes", value)
    if value < 1_000_000:
        return _("%(size)s kB", size=number(round(value / 1000)))
    return _("%(size)s MB", size=number(round(value / 1_000_000, 1)))


@lru_cache(maxsize=4096)
def address(endpoint: str, **values: Any) -> str:
    """`url_for` for templates, remembered: a lesson has some twenty links, and building one costs as much as a query's rows."""
    return url_for(endpoint, **values)


@cache
def _digest(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


@cache
def asset(path: str) -> str:
    """The address of a file of the interface. It changes with the content, so browsers may keep it for ever."""
    return url_for("front.static", version=_digest(path), path=path)
