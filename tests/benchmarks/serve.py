"""What the benchmarks load: `lms serve` exactly as it is, or the same processes with the bare pages beside the site."""

import sys

from lms.cli.processes import APPLICATION, supervise
from lms.settings import read_settings

APPLICATIONS = {"slipway": APPLICATION, "with-bare-pages": "tests.benchmarks.site:app"}

if __name__ == "__main__":
    what, port = sys.argv[1], int(sys.argv[2])
    sys.exit(supervise(read_settings(), "127.0.0.1", port, with_worker=True, application=APPLICATIONS[what]))
