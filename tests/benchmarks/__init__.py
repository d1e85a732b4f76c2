"""`make bench`: speed and footprint, as ratios of things measured in one run. Never asserted: machines are noisy."""
