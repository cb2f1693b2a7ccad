"""Progress outside a terminal: a line as a stage begins and one as it ends, written at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from training.stage_lines import stage_lines
from training.terminal import progress_shown

SIX = datetime(2026, 4, 20, 6, tzinfo=UTC)


def test_a_stage_says_when_it_begins_and_when_and_after_how_long_it_ends() -> None:
    """The fit takes 351 seconds; the gate runs twice; what is done at once says so once."""
    told: list[str] = []
    seconds = iter([0, 100, 351, 352, 360, 361, 362, 363, 364, 365])
    report = stage_lines(told.append, lambda: SIX + timedelta(seconds=next(seconds)))
    for share in (0.0, 0.5, 1.0, 1.0):
        report("fit", share)
    for share in (0.0, 1.0, 0.0, 1.0):
        report("gate", share)
    report("record", 1.0)
    report("record", 1.0)
    assert told == [
        "2026-04-20 06:00:00 UTC fit: begins",
        "2026-04-20 06:05:51 UTC fit: done in 351 s",
        "2026-04-20 06:06:00 UTC gate: begins",
        "2026-04-20 06:06:01 UTC gate: done in 1 s",
        "2026-04-20 06:06:02 UTC gate: begins",
        "2026-04-20 06:06:03 UTC gate: done in 1 s",
        "2026-04-20 06:06:04 UTC record: done",
    ]


def test_a_log_holds_each_line_while_the_stage_still_runs(tmp_path: Path) -> None:
    log = tmp_path / "retrain.log"
    with log.open("w") as file, progress_shown(Console(file=file)) as report:
        report("fit", 0.0)
        assert log.read_text().endswith(" UTC fit: begins\n")
        report("fit", 0.4)
        report("fit", 1.0)
        assert log.read_text().splitlines()[-1].endswith(" UTC fit: done in 0 s")
