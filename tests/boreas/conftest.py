"""The practice machine lives beside the labs that use it, as it will on the learner's import path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "labs"))
