"""An explanation in sentences to read aloud: signed numbers, unit and basis named, no cause but a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pricing.explain import lines
from pricing.explain.gap import ON_PRIORS
from serving.explain_schemas import GapOut, Line, MonthOut, RegionOut

REGION_WORDS = {"china": "in China", "ex_china": "outside China"}
TOLD = 0.005  # USD/kg from which a line is told on its own
MOST_TOLD = 6  # lines in one sentence; the rest are told together


def words(
    material: str,
    basis: str,
    first: MonthOut,
    last: MonthOut,
    change: Line,
    parts: Sequence[Line],
    markets: Mapping[str, RegionOut],
) -> Iterator[str]:
    """Yield the sentences: the change and its lines, quantities, what is known today, the cost stack, the market."""
    yield _change(material, basis, first, last, change)
    yield from _parts_of_change(parts)
    yield from _quantities(first, last)
    yield from _known_today(last)
    yield from _stack(last)
    for region, at in markets.items():
        yield from _market(REGION_WORDS[region], at)


def _change(material: str, basis: str, first: MonthOut, last: MonthOut, change: Line) -> str:
    if change.value is not None and first.fair.value:
        share = f"{change.value:+,.2f} ({change.value / first.fair.value:+.1%})"
        return (
            f"The fair price of {material} went from {first.fair.value:,.2f} in {first.month} to "
            f"{last.fair.value:,.2f} in {last.month}, {share}, in {basis}."
        )
    bands = " and ".join(f"{_band(month.fair)} in {month.month}" for month in (first, last))
    return f"The fair price of {material} is no point at both ends: {bands}, in {basis}."


def _parts_of_change(parts: Sequence[Line]) -> Iterator[str]:
    """Yield the inputs, then what is not an input: demand and the plants that answer it, data, evidence, model."""
    by_item = {part.item: part for part in parts}
    if not by_item:
        return
    costs = [by_item[name] for name in (*lines.COSTS, lines.EXCHANGE_RATES, lines.INFLATION) if name in by_item]
    yield from _listed("Prices of inputs", costs)
    market = (lines.DEMAND, lines.MARGIN, lines.MORE_TONNES, lines.SOURCE_MIX, lines.CO_PRODUCTS)
    yield from _listed("Demand and supply", [by_item[name] for name in market if name in by_item])
    rest = (lines.DATA_REVISION, lines.NEW_EVIDENCE, lines.CORRECTION, lines.MODEL_VERSION)
    yield from _listed("Data and model", [by_item[name] for name in rest if name in by_item])


def _listed(head: str, parts: Sequence[Line]) -> Iterator[str]:
    """Yield one sentence: the sum of the lines, the largest of them by size, and the rest together."""
    if all(part.value is None for part in parts):
        told = [f"{part.title} {_band(part, '+')}" for part in _largest(parts)]
        if told:
            yield f"{head}, USD/kg, bands and no points: {'; '.join(told)}."
        return
    total, largest = _sum(parts), _largest(parts)
    told = [f"{part.title} {part.value:+,.2f}" for part in largest]
    rest = total - _sum(largest)
    if told and abs(rest) >= TOLD:
        told.append(f"the rest {rest:+,.2f}")
    yield f"{head}: {total:+,.2f} USD/kg{' = ' + '; '.join(told) if len(told) > 1 else _alone(told)}."


def _alone(told: Sequence[str]) -> str:
    """Return what to say of a single line: its name, as its number was said."""
    return f" ({told[0].rpartition(' ')[0]})" if told else ""


def _largest(parts: Iterable[Line]) -> list[Line]:
    """Return the lines to be told one by one, the largest first."""
    return sorted((part for part in parts if _size(part) >= TOLD), key=_size, reverse=True)[:MOST_TOLD]


def _size(part: Line) -> float:
    """Return how large a line is: its value, or the farther end of its band."""
    return max(abs(number) for number in (part.value, part.low, part.high, 0.0) if number is not None)


def _sum(parts: Iterable[Line]) -> float:
    return sum(part.value or 0.0 for part in parts)


def _quantities(first: MonthOut, last: MonthOut) -> Iterator[str]:
    """Yield demand and plants of the fair world at both ends: facts beside the lines, and no cause of them."""
    pairs = ((first.demand_t, last.demand_t), (first.capacity_t, last.capacity_t))
    told = [
        f"{name} {after:,.0f} t a year, {after / before - 1:+.1%}"
        for name, (before, after) in zip(
            ("demand at the reference price", "what plants could yield"), pairs, strict=True
        )
        if before and after
    ]
    if told and first.month != last.month:
        yield f"In the fair world of {last.month}, against {first.month}: {'; '.join(told)}."


def _known_today(last: MonthOut) -> Iterator[str]:
    """Yield the month by all figures known today, where it differs from what was said."""
    now, said = last.known_today.value, last.fair.value
    if now is not None and said is not None and abs(now - said) >= TOLD:
        yield f"By all figures known today the fair price of {last.month} is {now:,.2f}, {now - said:+,.2f} USD/kg."


def _stack(last: MonthOut) -> Iterator[str]:
    """Yield what the last month's price is made of."""
    costs = [part for part in last.cost_stack if part.item != lines.MARGIN]
    if not costs:
        return
    margin = next(part for part in last.cost_stack if part.item == lines.MARGIN)
    if margin.value is None:
        told = "; ".join(f"{part.title} {_band(part)}" for part in _largest(costs))
        yield f"What it costs in {last.month}, as bands: {told}; {margin.title} {_band(margin, '+')}."
        return
    told = "; ".join(f"{part.title} {part.value:,.2f}" for part in _largest(costs))
    rest = _sum(costs) - _sum(_largest(costs))
    more = f"; the rest {rest:,.2f}" if abs(rest) >= TOLD else ""
    yield f"Full cost in {last.month} is {_sum(costs):,.2f} USD/kg: {told}{more}."
    yield f"The fair price less full cost is {margin.value:+,.2f} USD/kg."


def _market(where: str, at: RegionOut) -> Iterator[str]:
    """Yield the market's move and its parts, the gap that is left, and the bands of what rests on priors."""
    moved = at.market_change.value
    if moved is not None and at.first.month != at.last.month:
        span = f"from {at.first.market.value:,.2f} to {at.last.market.value:,.2f}"
        parts = [part for part in at.parts_of_market_change if part.value is not None]
        yield from _listed(f"The market {where} went {span}", parts)
    yield from _gap(where, at.last)


def _gap(where: str, end: GapOut) -> Iterator[str]:
    pointed = [part for part in end.parts if part.value is not None]
    if end.total is not None and pointed:
        yield from _listed(f"Market less fair price {where} in {end.month}", pointed)
    bands = [part for part in end.parts if part.value is None and part.low is not None and part.item != ON_PRIORS]
    if bands:
        told = "; ".join(f"{part.title} {_band(part, '+')}" for part in _largest(bands))
        yield f"On priors alone, so bands (80 % of draws), {where}: {told}."


def _band(part: Line, sign: str = "") -> str:
    if part.low is None or part.high is None:
        return "not available"
    return f"{part.low:{sign},.2f} to {part.high:{sign},.2f}"
