"""An explanation in sentences to read aloud: signed numbers, unit and basis named, no cause but a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pricing.explain import lines
from pricing.explain.gap import ON_PRIORS
from serving.explanations.schemas import DoubtOut, GapOut, Line, MonthOut, RegionOut
from serving.explanations.titles import FAIR_PRICE, INTERVAL, SAID
from serving.flags import UNEXPLAINED

REGION_WORDS = {"china": "in China", "ex_china": "outside China"}
TOLD = 0.005  # USD/kg from which a line is told on its own
SPANNING_NIL = "items whose band spans nil, together"
SAID_DIGITS = 2  # of an amount in a sentence
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
    yield from _quantities(first, last, comparable=not redrawn(parts) and not _revised(parts))
    yield from _known_today(last)
    yield from _stack(last)
    for region, at in markets.items():
        yield from _market(REGION_WORDS[region], at, redrawn=redrawn(parts))


def redrawn(parts: Iterable[Line]) -> bool:
    """Return whether draws were weighed anew between the two ends."""
    return any(part.item == lines.NEW_EVIDENCE and _size(part) > 0 for part in parts)


def _revised(parts: Iterable[Line]) -> bool:
    """Return whether news about earlier months moved the price between the two ends."""
    return any(part.item == lines.DATA_REVISION and _size(part) >= TOLD for part in parts)


def _change(material: str, basis: str, first: MonthOut, last: MonthOut, change: Line) -> str:
    if change.value is not None and first.fair.value:
        share = f"{change.value:+,.2f} ({change.value / first.fair.value:+.1%})"
        return (
            f"The fair price of {material} went from {first.fair.value:,.2f} in {first.month} to "
            f"{last.fair.value:,.2f} in {last.month}, {share}, in {basis}."
        )
    if first.fair.low is None or last.fair.low is None:
        return f"No change of the fair price of {material} can be given from {first.month} to {last.month}, in {basis}."
    bands = " and ".join(f"{_band(month.fair)} in {month.month}" for month in (first, last))
    moved = "" if change.low is None or change.high is None else f"; the ends moved by {_ends(change)}"
    return f"The fair price of {material} is a band and no point: {bands}{moved}, in {basis}."


def _parts_of_change(parts: Sequence[Line]) -> Iterator[str]:
    """Yield the inputs, then what is not an input: demand and the plants that answer it, data, evidence, model."""
    by_item = {part.item: part for part in parts}
    if not by_item:
        return
    costs = [by_item[name] for name in (*lines.COSTS, lines.EXCHANGE_RATES, lines.INFLATION) if name in by_item]
    yield from _listed("Prices of inputs", costs)
    market = (lines.DEMAND, lines.MARGIN, lines.MORE_TONNES, lines.SOURCE_MIX, lines.CO_PRODUCTS)
    yield from _listed("Demand and supply", [by_item[name] for name in market if name in by_item])
    rest = (lines.DATA_REVISION, lines.NEW_EVIDENCE, lines.CORRECTION, lines.MODEL_VERSION, INTERVAL)
    yield from _listed("Data and model", [by_item[name] for name in rest if name in by_item])


def _listed(head: str, parts: Sequence[Line]) -> Iterator[str]:
    """Yield one sentence: the sum of the lines, the largest of them by size, and the rest together."""
    if all(part.value is None for part in parts):
        told = [f"{_said(part)} {_ends(part)}" for part in _largest(parts)]
        if told:
            yield f"{head}, USD/kg at the low end and at the high end: {'; '.join(told)}."
        return
    total, largest = _sum(parts), _largest(parts)
    told = [f"{_said(part)} {part.value:+,.2f}" for part in largest]
    rest = round(total, SAID_DIGITS) - sum(round(part.value or 0.0, SAID_DIGITS) for part in largest)
    if told and abs(rest) >= TOLD:
        told.append(f"the rest {rest:+,.2f}")  # with what rounding leaves, so that what is read aloud adds up
    yield f"{head}: {total:+,.2f} USD/kg{' = ' + '; '.join(told) if len(told) > 1 else _alone(told)}."


def _alone(told: Sequence[str]) -> str:
    """Return what to say of a single line: its name, as its number was said."""
    return f" ({told[0].rpartition(' ')[0]})" if told else ""


def _largest(parts: Iterable[Line]) -> list[Line]:
    """Return the lines to be told one by one, the largest first."""
    return sorted((part for part in parts if _size(part) >= TOLD), key=_size, reverse=True)[:MOST_TOLD]


def _size(part: Line) -> float:
    """Return how large a line is: its value, or the farther end of its band where it has none."""
    numbers = (part.low, part.high, 0.0) if part.value is None else (part.value,)
    return max(abs(number) for number in numbers if number is not None)


def _said(part: Line) -> str:
    return SAID.get(part.item, part.title)


def _sum(parts: Iterable[Line]) -> float:
    return sum(part.value or 0.0 for part in parts)


def _quantities(first: MonthOut, last: MonthOut, *, comparable: bool) -> Iterator[str]:
    """Yield demand and plants of the fair world, and their growth where nothing was learned between: no cause."""
    if last.demand_t is None or last.capacity_t is None or not first.demand_t or not first.capacity_t:
        return
    moved = (last.demand_t / first.demand_t - 1, last.capacity_t / first.capacity_t - 1)
    grown = [f", {share:+.1%}" if comparable and first.month != last.month else "" for share in moved]
    yield (
        f"In the fair world of {last.month} demand at the reference price is {last.demand_t:,.0f} t a year{grown[0]}; "
        f"plants could yield {last.capacity_t:,.0f}{grown[1]}, and scrap comes on top."
    )


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


def _market(where: str, at: RegionOut, *, redrawn: bool) -> Iterator[str]:
    """Yield the market's move and its parts, the gap that is left, and the bands of what rests on priors."""
    moved, before, after = at.market_change.value, at.first.market.value, at.last.market.value
    if moved is not None and at.first.month != at.last.month:
        parts = [part for part in at.parts_of_market_change if part.value is not None]
        span = f"The market {where} went from {before:,.2f} to {after:,.2f}"
        if parts:
            unsure = {part.item for end in (at.first, at.last) for part in end.parts if _spans_nil(part)}
            title = "every other item, together" if redrawn else SPANNING_NIL
            yield from _listed(span, _together(parts, title, lambda part: redrawn or part.item in unsure))
        else:
            yield f"{span}: {moved:+,.2f} USD/kg."
    yield from _gap(where, at.last)


def _gap(where: str, end: GapOut) -> Iterator[str]:
    pointed = [part for part in end.parts if part.value is not None]
    if end.total is not None and pointed:
        told = _together(pointed, SPANNING_NIL, _spans_nil)
        range_ = f" (80 %: {end.low:+,.2f} to {end.high:+,.2f})" if end.low is not None and end.high is not None else ""
        yield from _listed(f"Market less fair price {where} in {end.month}{range_}", told)
    elif end.low is not None and end.high is not None:
        yield f"Market less fair price {where} in {end.month} is a band: {end.low:+,.2f} to {end.high:+,.2f} USD/kg."
    bands = [part for part in end.parts if part.value is None and part.low is not None]
    if bands:
        listed = "; ".join(f"{_said(part)} {_band(part, '+')}" for part in _largest(bands))
        yield f"No point, but a band of 80 % of draws, {where}: {listed}."


def _together(parts: Sequence[Line], title: str, which: Callable[[Line], bool]) -> list[Line]:
    """Return the lines with those of one kind added up to one; what is unexplained, or no item, stays on its own."""
    added = [part for part in parts if part.item not in (FAIR_PRICE, UNEXPLAINED, ON_PRIORS) and which(part)]
    rest = [part for part in parts if part not in added]
    return [*rest, Line("together", title, _sum(added), None, None)] if added else rest


def _spans_nil(part: Line) -> bool:
    return part.low is not None and part.high is not None and part.low < 0 < part.high


def _band(part: Line, sign: str = "") -> str:
    if part.low is None or part.high is None:
        return "not available"
    return f"{part.low:{sign},.2f} to {part.high:{sign},.2f}"


def _ends(part: Line) -> str:
    """Return the change at the low end and at the high end."""
    return "not available" if part.low is None or part.high is None else f"{part.low:+,.2f} and {part.high:+,.2f}"


def doubt_words(doubt: DoubtOut | None) -> Iterator[str]:
    """Yield what the last month owes to priors, what of them the data could not teach, and the range over sets."""
    if doubt is None:
        return
    moving = [p for p in doubt.priors if p.swing_low is not None and p.swing_high is not None]
    if moving:
        told = "; ".join(f"{p.parameter} {p.swing_low:+.0%} to {p.swing_high:+.0%}" for p in moving[:MOST_TOLD])
        yield f"The price of {doubt.month} with one prior at its 10 and 90 % points, the widest first: {told}."
    unknown = [p.parameter for p in moving if p.identified is False]
    if unknown:
        yield (
            f"Not identified, so as believed before any data: {len(unknown)} of {len(moving)} parameters, "
            f"first {', '.join(unknown[:MOST_TOLD])}."
        )
    ratios = sorted((a.ratio, a.assumption_set) for a in doubt.assumptions if a.ratio is not None)
    if ratios:
        (low, lowest), (high, highest) = ratios[0], ratios[-1]
        yield (
            f"Under other assumptions the price of {doubt.month} runs from {low - 1:+.0%} ({lowest}) to "
            f"{high - 1:+.0%} ({highest}) of the headline."
        )
