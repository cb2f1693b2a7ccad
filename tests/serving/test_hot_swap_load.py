"""Under load the champion changes ten times and the registry is away once: no request fails, no answer is mixed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from pricing.bundle import Bundle, write_bundle

ROOT = Path(__file__).parents[2]


def test_no_request_fails_and_every_answer_is_one_models_own(bundle: Bundle, tmp_path: Path) -> None:
    write_bundle(bundle, tmp_path / "bundle")
    command = [sys.executable, "benchmarks/hot_swap.py", "--bundle", str(tmp_path / "bundle"), "--quiet-s", "0.5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) requests, 0 failures, 3 bundles seen\n10 changes", done.stdout)
    assert found, done.stdout
    assert int(found[1]) > 100
