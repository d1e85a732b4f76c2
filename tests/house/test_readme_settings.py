"""README, Configuring, names every setting there is, and none that is not."""

import re
from dataclasses import fields

from lms.settings import Settings
from tests.conftest import REPOSITORY


def test_the_readme_lists_every_setting_under_configuring():
    readme = (REPOSITORY / "README.md").read_text()
    section = re.search(r"^#+ Configuring\b(.*?)(?=^# |^## |\Z)", readme, re.MULTILINE | re.DOTALL)
    assert section, "README has no section Configuring"
    named = set(re.findall(r"\bLMS_[A-Z_]+\b", section[1]))
    known = {f"LMS_{each.name.upper()}" for each in fields(Settings)}
    assert {name for name in named if not name.startswith("LMS_TEST_")} == known
