"""The notebook page's scripts say nothing that translators cannot find."""

import re

from lms.web.workbench_words import SENTENCES
from tests.notebook.test_bundle import SOURCES

SAID = re.compile(r'\b_\(\s*"((?:[^"\\]|\\.)*)"')


def test_the_list_of_sentences_is_what_the_scripts_say():
    said = {
        sentence for path in (SOURCES / "src").rglob("*.js") for sentence in SAID.findall(path.read_text())
    }
    assert len(said) > 100
    assert set(SENTENCES) == said
    assert list(SENTENCES) == sorted(SENTENCES)


def test_every_call_has_its_sentence_in_it():
    for path in (SOURCES / "src").rglob("*.js"):
        for call in re.findall(r"(?<![\w.])_\((?!\))(.{0,30})", path.read_text()):
            assert call.lstrip().startswith('"') or "sentence" in call or "whole" in call, (path.name, call)
