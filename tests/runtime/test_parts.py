"""What goes into the browser's Python: merged the same way every time, and nothing that was not pinned."""

import hashlib
import json
import zipfile

import pytest

from lms.errors import Invalid, Unavailable
from lms.runtime import packages, recipe, science
from lms.runtime.fetch import require


def lay_out(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


INSTALLED = {
    "IPython/__init__.py": "x = 1",
    "IPython/core/tests/test_magic.py": "assert False",
    "IPython/utils/themes/neutral.json": "{}",
    "ipython-9.18.1.dist-info/METADATA": "Name: ipython",
    "ipython-9.18.1.dist-info/RECORD": "",
    "pygments/lexers/python.py": "",
    "pygments/lexers/cobol.py": "",
    "ipython_pygments_lexers.py": "",
    "bin/ipython": "",
    "share/man/ipython.1": "",
}


def test_what_runs_is_merged_and_the_rest_left_out(tmp_path):
    lay_out(tmp_path / "site", INSTALLED)
    (tmp_path / "own.py").write_text("x = 2")
    versions = packages.merge(tmp_path / "site", tmp_path / "kernel.zip", tmp_path / "own.py")
    assert zipfile.ZipFile(tmp_path / "kernel.zip").namelist() == [
        "IPython/__init__.py",
        "IPython/utils/themes/neutral.json",
        "ipython-9.18.1.dist-info/METADATA",
        "ipython_pygments_lexers.py",
        "pygments/lexers/python.py",
        "own.py",
    ]
    assert versions == {"ipython": "9.18.1"}
    assert packages.imports_of(tmp_path / "site") == ["IPython", "ipython_pygments_lexers", "pygments"]


def test_the_same_packages_give_the_same_bytes_whenever_they_were_installed(tmp_path):
    for name, files in (("a", INSTALLED), ("b", dict(reversed(INSTALLED.items())))):
        lay_out(tmp_path / name, files)
        packages.merge(tmp_path / name, tmp_path / f"{name}.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_file_that_is_not_the_pinned_one_is_refused_with_both_sums():
    good = hashlib.sha256(b"good").hexdigest()
    require(b"good", good, "This file")
    with pytest.raises(
        Unavailable, match=f"sha256 is {hashlib.sha256(b'evil').hexdigest()}, and should be {good}"
    ):
        require(b"evil", good, "This file")


def test_another_pin_is_another_recipe():
    plain = recipe.shipped()
    assert plain.id == recipe.shipped().id
    others = {
        recipe.Recipe(plain.tools + b"\n", plain.packages).id,
        recipe.Recipe(plain.tools, plain.packages + b"\n").id,
        recipe.shipped(science=True).id,
    }
    assert len(others | {plain.id}) == 4


OFFICIAL = {
    "info": {"python": "3.14.0"},
    "packages": {
        name: {
            "name": name,
            "version": "1",
            "depends": depends,
            "imports": [name],
            "file_name": f"{name}-1.whl",
            "sha256": hashlib.sha256(name.encode()).hexdigest(),
        }
        for name, depends in {
            "pandas": ["numpy", "pytz"],
            "numpy": [],
            "pytz": [],
            "scipy": ["numpy"],
        }.items()
    },
}
"""A made-up lock: the real distribution is not on any registry, so no test has it."""


def test_science_brings_what_is_wanted_with_what_it_needs_and_nothing_else(tmp_path):
    entries = science.closure(OFFICIAL, ["pandas"])
    assert entries.keys() == {"pandas", "numpy", "pytz"}
    lay_out(tmp_path / "dist", {entry["file_name"]: name for name, entry in entries.items()})
    (tmp_path / "out").mkdir()
    science.bring(tmp_path / "dist", entries, tmp_path / "out")
    assert (tmp_path / "out/numpy-1.whl").read_text() == "numpy"
    lock = json.loads(science.lock_of(entries, OFFICIAL["info"]))
    assert list(lock["packages"]) == ["numpy", "pandas", "pytz"]


def test_a_distribution_that_lacks_files_is_told_all_of_them(tmp_path):
    lay_out(tmp_path, {"pytz-1.whl": "pytz"})
    with pytest.raises(
        Invalid, match=r"lacks numpy-1\.whl, pandas-1\.whl\. Unpack the full official distribution"
    ):
        science.bring(tmp_path, science.closure(OFFICIAL, ["pandas"]), tmp_path)


def test_a_file_of_a_distribution_that_was_altered_is_refused(tmp_path):
    lay_out(
        tmp_path, {f"{name}-1.whl": name for name in ("pandas", "numpy", "pytz")} | {"numpy-1.whl": "evil"}
    )
    (tmp_path / "out").mkdir()
    with pytest.raises(Unavailable, match=r"numpy-1\.whl is not the file that was pinned"):
        science.bring(tmp_path, science.closure(OFFICIAL, ["pandas"]), tmp_path / "out")
