"""New monthly prices of an arrival, judged in rounds: a bad one leaves the market that judges the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.dataset import Dataset
from features.intake.price_lines import Lines
from features.intake.price_moves import Move, far_from_mean, in_step, last_move, price_doubts, revised
from features.intake.rows import Entry, Held
from features.intake.slips import SLIPS, VAT_SLIP


@dataclass(frozen=True)
class Round:
    """Why prices should be looked at: beside their own lines, and beside a market."""

    own: tuple[Held, ...]
    beside: tuple[Held, ...]

    @property
    def reasons(self) -> tuple[Held, ...]:
        """Return all reasons."""
        return (*self.own, *self.beside)


def unusual_prices(
    entries: Sequence[Entry], replaces: Mapping[str, Mapping[str, Any]], dataset: Dataset
) -> Iterator[Held]:
    """Yield why monthly prices should be looked at; the order of the entries does not matter.

    First all are judged with all in the market; what fails beside its own line leaves it, and all are judged again;
    what fails then leaves it in place of those, and the third round counts. So one bad value blames no good row.
    """
    rows = Lines.of(dataset, entries).new

    def judged(out: frozenset[str]) -> Round:
        market = Lines.of(dataset, [entry for entry in entries if entry.row not in out])
        return _judged(entries, replaces, rows, market)

    found = judged(frozenset())
    if failed(found.reasons):
        alone = failed(found.own)
        found = judged(alone) if alone else found
        if (failing := failed(found.reasons)) != alone:
            found = judged(failing)
    yield from found.reasons


def failed(reasons: Sequence[Held]) -> frozenset[str]:
    """Return the rows, as FILE:LINE, whose price itself is in doubt."""
    return frozenset(one.row for one in reasons if one.rule in {*SLIPS, "revision"})


def _judged(
    entries: Sequence[Entry],
    replaces: Mapping[str, Mapping[str, Any]],
    rows: Mapping[str, Mapping[Any, Any]],
    market: Lines,
) -> Round:
    own: list[Held] = []
    beside: list[Held] = []
    moves: dict[str, Move] = {}
    for entry in entries:
        row = rows[entry.row]
        own += far_from_mean(entry)
        if entry.row in replaces:
            own += revised(entry, replaces[entry.row], market, row)
            continue
        if move := last_move(row, market):
            moves[entry.row] = move
        by_line, by_market = price_doubts(entry, row, move, market)
        own += by_line
        beside += by_market
    together = tuple(in_step(entries, moves))
    told = {one.row for one in together}
    return Round((*together, *_not_told(own, told)), _not_told(beside, told))


def _not_told(reasons: Sequence[Held], rows: Collection[str]) -> tuple[Held, ...]:
    """Return reasons without those of VAT of rows whose whole source is told to have moved by it."""
    return tuple(one for one in reasons if one.rule != VAT_SLIP or one.row not in rows)
