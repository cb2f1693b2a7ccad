"""The bridge from baseline to scenario: what each override does alone, and together; lines add up as shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from pricing.levers import Override
from pricing.scenarios.found import BridgeLine, Effects
from serving.rounding import rounded
from serving.scenarios.prices import SHARE_DIGITS, Shown, difference, move, number, share
from serving.scenarios.schemas import BridgeOut
from serving.scenarios.words import line_words, override_title, why_still

TOGETHER_WORDS = "What they do together, beyond the sum of each alone"


def bridge(
    lines: Sequence[BridgeLine], effects: Effects, overrides: Sequence[Override], shown: Shown
) -> tuple[BridgeOut, ...]:
    """Return the lines of a scenario for good; the last of several takes what rounding leaves."""
    titles = [*(override_title(override) for override in overrides), TOGETHER_WORDS]
    fair, base = move(effects.fair, pointed=shown.pointed), effects.fair.baseline.value
    columns = (
        _closed([number(line.fair) for line in lines], fair.difference),
        _closed([share(line.fair / base) for line in lines], share(effects.fair.change.value), SHARE_DIGITS),
        _market_column([line.market_china for line in lines], effects, "china"),
        _market_column([line.market_ex_china for line in lines], effects, "ex_china"),
    )
    still = [*(why_still(override) for override in overrides), ""]
    told = zip(lines, titles, still, zip(*columns, strict=True), strict=False)
    return tuple(_line(line, title, why, values) for line, title, why, values in told)


def _line(line: BridgeLine, title: str, still: str, values: Sequence[float | None]) -> BridgeOut:
    fair, fair_share, china, outside = values
    moves_in = round(line.moved, SHARE_DIGITS)
    plants, reached = _plants(line, fair)
    found = BridgeOut(line.lever, title, fair, fair_share, china, outside, moves_in, plants, reached, "")
    return replace(found, words=line_words(found, still, [moved.route for moved in line.normal_values]))


def _plants(line: BridgeLine, fair: float | None) -> tuple[tuple[float, float] | None, float | None]:
    """Return by how much normal values move, least and most, and the share of the most that the fair price takes."""
    changes = sorted(moved.scenario - moved.baseline for moved in line.normal_values)
    if not changes:
        return None, None
    most = max(changes, key=abs)
    ends = (rounded(changes[0]) or 0.0, rounded(changes[-1]) or 0.0)
    return ends, None if fair is None else round(line.fair / most, SHARE_DIGITS) + 0.0


def _market_column(values: Sequence[float], effects: Effects, region: str) -> list[float | None]:
    moved = effects.market[region]
    total = difference(number(moved.baseline.value), number(moved.scenario.value))
    return _closed([number(value) for value in values], total)


def _closed(values: Sequence[float | None], total: float | None, digits: int | None = None) -> list[float | None]:
    """Return shown values whose last takes what rounding leaves of their shown total; none where there is no total."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if total is None or len(known) < len(values) or not known:
        return [None for _ in values]
    rest = total - math.fsum(known[:-1])
    return [*known[:-1], rounded(rest) if digits is None else round(rest, digits) + 0.0]
