"""What other versions left in the folder of the runtime, told and removed from a terminal."""

import pytest
from click.testing import CliRunner

from lms.cli.browser import runtime
from lms.runtime import fetch
from lms.runtime.pruning import leftovers
from lms.runtime.recipe import shipped


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LMS_RUNTIME", str(tmp_path))
    for name in [shipped().id, shipped(science=True).id, "0123456789abcdef"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    for name in [*fetch.folders(shipped()), "packages-0123456789abcdef", "half-abc"]:
        (tmp_path / "downloads" / name).mkdir(parents=True)
        (tmp_path / "downloads" / name / "part").write_bytes(bytes(400_000))
    (tmp_path / "half-xyz").mkdir()  # stopped while it was removed, or just before it was there
    (tmp_path / "half-xyz" / "manifest.json").write_text("{}")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").write_bytes(b"not ours")
    (tmp_path / "photos" / "manifest.json").write_text("{}")
    (tmp_path / "half-time.txt").write_text("nor this")
    (tmp_path / "downloads" / "sheet-music").mkdir()
    return tmp_path


def test_what_other_versions_left_is_removed_and_nothing_else(root):
    before = {path for path in root.rglob("*") if path.is_dir()}
    done = CliRunner().invoke(runtime, ["prune"])
    assert done.exit_code == 0
    after = {path for path in root.rglob("*") if path.is_dir()}
    gone = {"0123456789abcdef", "half-xyz", "downloads/packages-0123456789abcdef", "downloads/half-abc"}
    assert before - after == {root / name for name in gone}
    assert after <= before
    assert (root / "photos/holiday.jpg").read_bytes() == b"not ours"
    assert (root / "half-time.txt").read_text() == "nor this"
    assert done.output.splitlines() == [
        *(f"Removed {root / name}" for name in sorted(gone)),
        "1 MB are free again.",
    ]
    assert leftovers(root) == []


def test_a_second_prune_and_one_of_nothing_say_so(root, tmp_path, monkeypatch):
    CliRunner().invoke(runtime, ["prune"])
    assert CliRunner().invoke(runtime, ["prune"]).output == "Nothing of other versions is here.\n"
    monkeypatch.setenv("LMS_RUNTIME", str(tmp_path / "never"))
    assert CliRunner().invoke(runtime, ["prune"]).output == "Nothing of other versions is here.\n"


def test_who_asks_how_things_stand_is_told_what_could_be_removed(root):
    (root / shipped().id / "manifest.json").unlink()
    (root / shipped(science=True).id / "manifest.json").unlink()
    asked = CliRunner().invoke(runtime, ["status"])
    assert asked.exit_code == 1
    assert "Nothing is built" in asked.output
    assert f"Other versions left 1 MB in {root}." in asked.output
    assert "lms runtime prune" in asked.output
    assert "prune" not in CliRunner().invoke(runtime, ["status", "--json"]).output
