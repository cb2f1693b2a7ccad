"""`python -m serving`: the service, without the rest of `fairprice`."""

from __future__ import annotations

import sys

from serving.cli import app

if __name__ == "__main__":
    sys.exit(app(["serve", *sys.argv[1:]]))
