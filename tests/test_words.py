"""Words come in the language that is spoken, and English is the source."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lms import words


def test_without_a_catalogue_the_source_is_what_is_read():
    assert words.gettext("Hello, %(name)s", name="Ada") == "Hello, Ada"
    assert words.gettext("100 % sure") == "100 % sure"


@pytest.mark.parametrize(("count", "told"), [(0, "0 labs"), (1, "1 lab"), (2, "2 labs")])
def test_numbers_choose_their_form(count, told):
    assert words.ngettext("%(num)s lab", "%(num)s labs", count) == told


def test_a_language_is_spoken_only_within_its_block():
    assert words.language() == words.SOURCE
    with words.speaking("de"):
        assert words.language() == "de"
        assert words.locale().language == "de"
        with words.speaking("ar"):
            assert words.locale().text_direction == "rtl"
        assert words.language() == "de"
    assert words.language() == words.SOURCE


def test_a_language_is_spoken_only_in_its_own_thread():
    with words.speaking("de"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(words.language).result() == words.SOURCE
        assert words.language() == "de"


def test_english_is_always_offered_and_comes_first():
    assert words.languages()[0] == words.SOURCE
    assert len(set(words.languages())) == len(words.languages())
