"""New observations against the history of their series: jumps, slips, repeats, gaps, revisions, strange dates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from features.dataset import Dataset
from features.intake.rows import Entry, Held
from features.intake.slips import VAT_SLIP, named, vat_near
from features.intake.usual import Usual
from features.panel import month_number
from features.rules import intake_rules


@dataclass(frozen=True)
class Histories:
    """All rows of the panel with the day each was said to be public, and the catalogue that describes them."""

    dataset: Dataset
    rows: pd.DataFrame

    def usual(self, series: str) -> Usual:
        """Return what one series has shown."""
        mine = self.rows.iloc[self._places.get(series, [])]
        return Usual.of(mine, self.dataset.catalogue.unit(series), intake_rules())

    def card(self, series: str) -> dict[Any, Any]:
        """Return the catalogue's row of a series."""
        return self._cards[series]

    @cached_property
    def _cards(self) -> dict[str, dict[Any, Any]]:
        return {str(row["series"]): row for row in self.dataset.catalogue.series.reset_index().to_dict("records")}

    @cached_property
    def _places(self) -> dict[Any, Any]:
        return dict(self.rows.groupby("series").indices)

    @cached_property
    def yuan_per_usd(self) -> float:
        """Return the last exchange rate."""
        return float(self.dataset.panel.series(intake_rules()["slips"]["yuan_for_dollars"])["value"].iloc[-1])


def unusual(
    entries: Iterable[Entry], replaces: Mapping[str, Mapping[str, Any]], histories: Histories, accepted: frozenset[str]
) -> Iterator[Held]:
    """Yield why observations should be looked at; those in order, or accepted, are history for the ones after them."""
    in_order = sorted(entries, key=lambda entry: (entry.values["series"], entry.values["date"]))
    for series, rows in groupby(in_order, key=lambda entry: str(entry.values["series"])):
        usual = histories.usual(series)
        card = SeriesCard(histories.card(series), histories.yuan_per_usd)
        for entry in rows:
            found = list(value_doubts(entry, replaces.get(entry.row), usual, card))
            yield from found
            if entry.row not in replaces and (not found or entry.row in accepted):
                usual = usual.with_value(entry.values["date"], entry.values["value"])


@dataclass(frozen=True)
class SeriesCard:
    """The catalogue's row of a series, and the last exchange rate."""

    row: Mapping[Any, Any]
    yuan_per_usd: float

    @property
    def frequency(self) -> str:
        """Return how often the series has a value."""
        return str(self.row["frequency"])


def value_doubts(entry: Entry, replaced: Mapping[str, Any] | None, usual: Usual, card: SeriesCard) -> Iterator[Held]:
    """Yield why one observation should be looked at, beside the history of its series or the figure it replaces."""
    if replaced is not None:
        yield from _revised(entry, float(replaced["value"]), usual, card)
        return
    yield from _too_soon(entry, usual)
    before = usual.before(entry.values["date"])
    if before is None:
        return
    steps = _periods(before[0], entry.values["date"], card.frequency)
    if steps is not None:
        yield from _gap(entry, before[0], usual, card.frequency)
        yield from _stale(entry, usual, card.frequency)
    yield from _jump(entry, before[1], usual, card, math.sqrt(max(steps or 1.0, 1.0)))


def _jump(entry: Entry, before: float, usual: Usual, card: SeriesCard, widening: float) -> Iterator[Held]:
    """Yield a move beyond the largest one of history, wider over a gap; or one of just the VAT that is rare."""
    rules = intake_rules()
    limit = move_limit(usual, str(card.row["group"]), rules) * widening
    value = entry.values["value"]
    move = usual.move(before, value)
    if abs(move) <= limit:
        yield from _hidden_vat(entry, before, usual, str(card.row["unit"]))
        return
    ends, factor = (usual.moved(before, -limit), usual.moved(before, limit)), _factor(str(card.row["group"]), rules)
    log_move = math.log(value / before) if value > 0 and before > 0 else math.nan
    known = not math.isnan(log_move)
    rule, may_be = named(log_move, rules, card.yuan_per_usd) if known else ("jump", "to nil, or a change of sign")
    yield entry.held(
        rule, f"{value:g} after {before:g} {card.row['unit']}, {_size(before, value)}; {may_be}",
        f"{ends[0]:.6g} to {ends[1]:.6g}, at most {factor:g} times the largest move so far",
    )  # fmt: skip


def move_limit(usual: Usual, group: str, rules: Mapping[str, Any]) -> float:
    """Return the move beyond which a new value is held back, on the scale of a series; infinite where nothing tells."""
    rule = rules["moves"]
    if len(usual.moves) < rule["at_least"]:
        return float(rule["unknown_ratio"]) if usual.ratio else math.inf
    return float(max(_factor(group, rules) * usual.largest, rule["floor_ratio" if usual.ratio else "floor_linear"]))


def _factor(group: str, rules: Mapping[str, Any]) -> float:
    return float(rules["moves"]["factor_by_group"].get(group, rules["moves"]["factor"]))


def _hidden_vat(entry: Entry, before: float, usual: Usual, unit: str) -> Iterator[Held]:
    rule = intake_rules()["vat"]
    if unit not in rule["series_units"] or not usual.ratio or len(usual.moves) < rule["at_least"]:
        return
    move = usual.move(before, entry.values["value"])
    rate = vat_near(move, intake_rules())
    if rate and abs(move) > (usually := float(np.quantile(usual.moves, rule["unusual_quantile"]))):
        found = f"{entry.values['value']:g} after {before:g}, just the VAT of {rate:.0%}"
        yield entry.held(VAT_SLIP, found, f"a move below {math.expm1(usually):.1%}, as nearly all before")


def _stale(entry: Entry, usual: Usual, frequency: str) -> Iterator[Held]:
    rule = intake_rules()["stale"]
    run = usual.run_to(entry.values["date"], entry.values["value"])
    longest = usual.longest_run(run - 1)
    if frequency in rule["frequencies"] and run > (most := max(rule["factor"] * longest, rule["at_least"] - 1)):
        found = f"{entry.values['value']:g} for the {run}th time in a row"
        yield entry.held("stale", found, f"at most {most} times; {longest} in a row was the most before")


def _gap(entry: Entry, before: date, usual: Usual, frequency: str) -> Iterator[Held]:
    period = intake_rules()["gaps"]["frequencies"][frequency]
    months = _months(before, entry.values["date"])
    if months > max(usual.longest_gap, period):
        found = f"nothing between {before} and {entry.values['date']}"
        yield entry.held("gap", found, f"at most {max(usual.longest_gap, period)} months from one value to the next")


def _too_soon(entry: Entry, usual: Usual) -> Iterator[Held]:
    if usual.soonest is None:
        return
    lag = (entry.stated - entry.values["date"]).days
    if lag < usual.soonest - intake_rules()["soonest"]["slack_days"]:
        yield entry.held("soon", f"public {lag} days after its date", f"at least {usual.soonest} days, as ever before")


def _revised(entry: Entry, old: float, usual: Usual, card: SeriesCard) -> Iterator[Held]:
    """Yield a revision larger than those seen, or than a share of the largest move while few were."""
    rule, value = intake_rules()["revisions"], entry.values["value"]
    seen = float(usual.revisions.max()) if len(usual.revisions) else 0.0
    largest = usual.largest if len(usual.moves) else 0.0
    limit = max(rule["factor"] * seen, rule["share_of_largest_move"] * largest)
    if not abs(usual.move(old, value)) <= limit:
        ends = usual.moved(old, -limit), usual.moved(old, limit)
        found = f"{value:g} {card.row['unit']} in place of {old:g}, {_size(old, value)}"
        yield entry.held("revision", found, f"a revision to {ends[0]:.6g} to {ends[1]:.6g}")


def _periods(before: date, after: date, frequency: str) -> float | None:
    """Return the periods from one value to the next, None for series without a rhythm."""
    period = intake_rules()["gaps"]["frequencies"].get(frequency)
    return _months(before, after) / period if period else None


def _months(before: date, after: date) -> int:
    first, last = month_number([before.isoformat(), after.isoformat()])
    return int(last - first)


def _size(before: float, after: float) -> str:
    return f"{after / before - 1:+.0%}" if before > 0 else f"{after - before:+g}"
