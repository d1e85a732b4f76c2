"""What other versions of Slipway built and fetched in this folder: about a hundred megabytes each, and no longer served by this one."""

import shutil
from pathlib import Path

from lms.runtime import fetch
from lms.runtime.build import HALF, KEPT
from lms.runtime.recipe import MANIFEST, shipped
from lms.runtime.standing import building

BUILD = "[0-9a-f]" * 16
"""What a recipe's id looks like, for a glob: `LMS_RUNTIME` may name a folder with other things in it, and manifest.json is no rare name."""


def leftovers(root: Path) -> list[Path]:
    """Whole builds by other recipes, parts of them, and what killed builders left behind. Nothing that is not known to be one of these."""
    recipes = [shipped(science=science) for science in (True, False)]
    builds = {recipe.id for recipe in recipes}
    parts = {name for recipe in recipes for name in fetch.folders(recipe)}
    return sorted(
        {
            *(whole.parent for whole in root.glob(f"{BUILD}/{MANIFEST}") if whole.parent.name not in builds),
            *(part for part in (root / KEPT).glob(f"p*-{BUILD}") if part.name not in parts),
            *root.glob(f"{HALF}*/"),
            *(root / KEPT).glob(f"{HALF}*/"),
        }
    )


def size(folders: list[Path]) -> int:
    """Bytes on the disk, about."""
    return sum(path.lstat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())


def prune(root: Path) -> list[Path]:
    """Remove the leftovers below `root`, when nobody builds there; which they were. Another version that serves one of them loses it."""
    with building(root):
        found = leftovers(root)
        for folder in found:
            # Out of sight first: a folder that is there is whole.
            gone = folder.with_name(f"{HALF}{folder.name}")
            folder.rename(gone)
            shutil.rmtree(gone)
    return found
