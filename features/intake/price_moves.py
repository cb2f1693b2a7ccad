"""New monthly prices against their own line and the market around it: jumps, slips of unit and VAT, repeats."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.basis_checks import vat_smells
from features.dataset import Dataset
from features.intake.peers import peer_doubts
from features.intake.price_lines import Lines
from features.intake.rows import Entry, Held
from features.intake.slips import SLIPS, VAT_SLIP, named, vat_near
from features.panel import FloatArray
from features.private.prices import STRAYS
from features.rules import intake_rules, quality_rules


@dataclass(frozen=True)
class Move:
    """A price after the last one of its line, and what the market did meanwhile (NaN where nothing tells)."""

    before: float
    months: int
    own: float
    around: float

    @property
    def strange(self) -> float:
        """Return the part of the log move that the market does not show."""
        return self.own if math.isnan(self.around) else self.own - self.around


def price_doubts(
    entry: Entry, row: Mapping[Any, Any], move: Move | None, lines: Lines
) -> tuple[list[Held], list[Held]]:
    """Return why a price should be looked at beside its own line, and why beside the market."""
    rule = intake_rules()["prices"]
    history = lines.moves(row["line"], int(row["number"]), rule["own_months"])
    told = move is not None and len(history) >= rule["at_least"]
    own = list(line_doubts(entry, row, move, lines, history)) if move is not None and told else []
    if any(one.rule in SLIPS for one in own):
        return own, []
    beside = [] if told else list(_off_market(entry, row, lines))
    return own, beside or list(peer_doubts(entry, row, lines))


def vat_between_lines(entries: Sequence[Entry], before: Dataset, after: Dataset) -> Iterator[Held]:
    """Yield new prices of months in which two prices that should agree now differ by just the VAT."""
    rules, months = quality_rules(), {entry.values["month"] for entry in entries}
    old, new = (
        set(vat_smells(replace(one, prices=one.prices[one.prices["month"].isin(months)]), rules))
        for one in (before, after)
    )
    for finding in sorted(new - old, key=str):
        material, month = finding.row.split()
        for entry in entries:
            if (entry.values["material"], entry.values["month"]) == (material, month):
                yield entry.held(VAT_SLIP, finding.found, finding.expected)


def last_move(row: Mapping[Any, Any], lines: Lines) -> Move | None:
    """Return the move of a price since the last one of its line, None where there is none of late."""
    rule = intake_rules()["prices"]
    earlier = lines.line(row["line"])
    earlier = earlier[earlier["number"].between(row["number"] - rule["own_months"], row["number"] - 1)]
    if earlier.empty:
        return None
    last = earlier.iloc[-1]
    own = float(row["log_mean"] - last["log_mean"])
    around = lines.around(row, int(last["number"]), rule["families"])
    return Move(float(last["mean"]), int(row["number"] - last["number"]), own, around)


def line_doubts(entry: Entry, row: Mapping[Any, Any], move: Move, lines: Lines, history: FloatArray) -> Iterator[Held]:
    """Yield why a price should be looked at beside its own line and the sizes of the line's moves so far."""
    rules = intake_rules()
    rule = rules["prices"]
    limit = max(rule["factor"] * float(history.max()), rule["floor_ratio"]) * math.sqrt(move.months)
    if min(abs(move.own), abs(move.strange)) > limit:
        name, may_be = named(move.own, rules, lines.yuan_per_usd)
        ends = (move.before * math.exp(side * limit) for side in (-1, 1))
        yield entry.held(name, f"{_told(entry, move)}; {may_be}", "{:.6g} to {:.6g}".format(*ends))
    elif _like_vat(move, row, lines):
        yield entry.held(VAT_SLIP, f"{_told(entry, move)}; {_rate(move.strange)}", _market_expected(move))
    yield from _repeated(entry, row, lines)


def _like_vat(move: Move, row: Mapping[Any, Any], lines: Lines) -> bool:
    """Return whether the part of a move that the market does not show is just a rate of VAT, and rare."""
    rules = intake_rules()
    if vat_near(move.strange, rules) is None or abs(move.around) > abs(move.own):  # then it is the market that moved
        return False
    usual = lines.strange_moves(row, rules["prices"]["families"])
    if len(usual) < rules["vat"]["at_least"]:
        return False
    return abs(move.strange) > float(np.quantile(usual, rules["vat"]["unusual_quantile"])) * math.sqrt(move.months)


def in_step(entries: Sequence[Entry], moves: Mapping[str, Move]) -> Iterator[Held]:
    """Yield the prices of a source whose lines all moved by the same rate of VAT, the same way: a change of basis."""
    least = intake_rules()["vat"]["lines_in_step"]
    together: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.row in moves:
            together[entry.values["source"], entry.values["month"]].append(entry)
    for rows in together.values():
        told = [(vat_near(moves[entry.row].own, intake_rules()), moves[entry.row].own > 0) for entry in rows]
        if len(rows) >= least and len(set(told)) == 1 and told[0][0] is not None:
            for entry in rows:
                found = (
                    f"{_told(entry, moves[entry.row])}, as all {len(rows)} lines of {entry.values['source']} at once"
                )
                yield entry.held(VAT_SLIP, found, "lines that move by different shares")


def _off_market(entry: Entry, row: Mapping[Any, Any], lines: Lines) -> Iterator[Held]:
    """Yield a price far from the level of its market, where its own line tells nothing."""
    rules = intake_rules()
    rule = rules["prices"]
    levels = lines.market(row, rule["home"], rule["market_months"])
    if not len(levels):
        return
    off = float(row["level"] - np.median(levels))
    if abs(off) > rule["level_ratio"]:
        name, may_be = named(off, rules, lines.yuan_per_usd)
        middle = math.exp(float(np.median(levels)))
        found = f"{math.exp(row['level']):,.4g} USD/kg without VAT, {math.exp(off):.3g} times the market's; {may_be}"
        ends = (middle * math.exp(side * rule["level_ratio"]) for side in (-1, 1))
        yield entry.held(name, found, "{:.4g} to {:.4g} USD/kg".format(*ends))


def _repeated(entry: Entry, row: Mapping[Any, Any], lines: Lines) -> Iterator[Held]:
    rows = lines.line(row["line"])
    values = np.r_[rows.loc[rows["number"] < row["number"], "mean"].to_numpy(dtype=float), row["mean"]]
    breaks = np.flatnonzero(np.r_[True, values[1:] != values[:-1], True])
    runs = np.diff(breaks)
    longest = int(runs[:-1].max()) if len(runs) > 1 else 0
    rule = intake_rules()["stale"]
    most = max(rule["factor"] * longest, rule["at_least"] - 1)
    if runs[-1] > most:
        found = f"{values[-1]:g} for the {runs[-1]}th time in a row"
        yield entry.held("stale", found, f"at most {most} times; {longest} in a row was the most before")


def revised(entry: Entry, replaced: Mapping[str, Any], lines: Lines, row: Mapping[Any, Any]) -> Iterator[Held]:
    """Yield why a price that takes the place of one held should be looked at."""
    rules = intake_rules()
    history = lines.moves(row["line"], int(row["number"]), rules["prices"]["own_months"])
    usual = float(history.max()) if len(history) else 0.0
    limit = rules["revisions"]["share_of_largest_move"] * usual
    old, new = float(replaced["mean"]), float(entry.values["mean"])
    if abs(math.log(new / old)) > limit or vat_near(math.log(new / old), rules):
        found = f"{new:g} {entry.values['currency']}/kg in place of {old:g}, {new / old - 1:+.1%}"
        expected = f"a revision by {math.expm1(limit):.1%} at most, and not by just the VAT"
        yield entry.held("revision", found, expected)


def far_from_mean(entry: Entry) -> Iterator[Held]:
    """Yield a last quote far from the mean of its month."""
    mean, last = entry.values["mean"], entry.values["last"]
    if max(last / mean, mean / last if last else math.inf) > STRAYS:
        yield entry.held("stray", f"a last quote of {last:g} beside a mean of {mean:g}", "half the mean to double")


def _told(entry: Entry, move: Move) -> str:
    meanwhile = "" if math.isnan(move.around) else f" while the market moved {math.expm1(move.around):+.1%}"
    value = f"{entry.values['mean']:g} {entry.values['currency']}/kg"
    return f"{value} after {move.before:g}, {math.expm1(move.own):+.1%}{meanwhile}"


def _rate(move: float) -> str:
    return f"just the VAT of {vat_near(move, intake_rules()):.0%}"


def _market_expected(move: Move) -> str:
    moved = 0.0 if math.isnan(move.around) else move.around
    return f"about {move.before * math.exp(moved):.6g}, as the market around it"
