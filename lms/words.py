"""Every sentence a person reads, in their language.

English is the source. A catalogue is `lms/translations/<language>/LC_MESSAGES/messages.mo`; whoever answers a person says
`speaking(language)` first, and everything below may then simply ask for words. Nothing here knows a web request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel import Locale
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "translations"
SOURCE = "en"

_language: ContextVar[str] = ContextVar("language", default=SOURCE)


@cache
def languages() -> tuple[str, ...]:
    """The languages there is a catalogue for; the source language first."""
    found = sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.mo"))
    return (SOURCE, *(code for code in found if code != SOURCE))


@cache
def catalogue_of(language: str) -> NullTranslations:
    if language == SOURCE:
        return NullTranslations()
    return Translations.load(str(FOLDER), [language])


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within this, words come in `language`."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def language() -> str:
    return _language.get()


def locale() -> Locale:
    """For dates and numbers. English here is the English of Europe: 12 November, 14:05."""
    return _locale_of(_language.get())


@cache
def _locale_of(spoken: str) -> Locale:
    return Locale.parse("en_GB" if spoken == SOURCE else spoken)


def gettext(message: str, **values: object) -> str:
    """`message` in the language spoken, with `%(name)s` filled in."""
    text: str = catalogue_of(_language.get()).ugettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """The form for `num`, which fills `%(num)s` too."""
    text: str = catalogue_of(_language.get()).ungettext(singular, plural, num)
    return text % {"num": num, **values}
