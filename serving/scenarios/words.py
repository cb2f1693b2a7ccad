"""A scenario's answer in words: what an override says, what each does alone, what each price does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pricing.levers import Override, Way
from pricing.levers.words import number
from pricing.scenarios.targets import CHINA, ELSEWHERE, IMPORT_TARIFF, UNITED_STATES
from serving.scenarios.payment_schemas import MoveOut
from serving.scenarios.schemas import BridgeOut, MaterialMoved, PeakOut

PAYS_ONLY = "floor_paid."
ON_OXIDE = tuple(f"{IMPORT_TARIFF}.{importer}.oxide.{CHINA}" for importer in (UNITED_STATES, ELSEWHERE))
AT_THE_BORDER = ("export_cut.", "duty.", "vat.", "tariff.", f"{IMPORT_TARIFF}.")  # acts on what China exports
RARELY = 0.5  # share of draws below which an override moves prices in the minority of draws
WHERE = {"china": "in China", "ex_china": "outside China"}
TITLES = {
    "market.china": "market in China",
    "market.ex_china": "market outside China",
    "fair": "fair price",
}


def override_words(override: Override) -> str:
    """Return what an override does to its lever, such as: Wages in China x 1.1 (9.5 to 10.4 USD/h, loaded)."""
    lever = override.lever
    stands = f"({number(override.baseline)} to {number(override.value)} {lever.unit})"
    return f"{_pulled(override)} {stands}{months(override)}"


def override_title(override: Override) -> str:
    """Return an override in short, such as: Wages in China x 1.1, from 2027-01."""
    return f"{_pulled(override)}{months(override)}"


def _pulled(override: Override) -> str:
    amount = number(override.amount)
    how = {Way.SET: f"set to {amount}", Way.SCALE: f"x {amount}", Way.ADD: f"{override.amount:+g}"}[override.way]
    return f"{override.lever.title} {how}"


def months(override: Override) -> str:
    """Return when an override holds; nothing where it holds for good."""
    if override.first is None:
        return ""
    return f", from {override.first}" if override.last is None else f", {override.first} to {override.last}"


def why_still(override: Override) -> str:
    """Return why an override moves no price."""
    if override.value == override.baseline:
        return "it stands at its baseline"
    if all(target.startswith(PAYS_ONLY) for target in override.lever.targets):
        return "it moves payments alone"
    if all(target.startswith(IMPORT_TARIFF) and target not in ON_OXIDE for target in override.lever.targets):
        return "it moves landed prices alone"
    if override.lever.targets[0].startswith(AT_THE_BORDER):
        return (
            "it touches no export in the model, where what a licence is worth stops most of that trade; customs "
            "figures show some, so read its effect as unknown and not as nil"
        )
    return "it does not bind"


def line_words(line: BridgeOut, still: str, routes: Sequence[str]) -> str:
    """Return one line of a bridge in words; `still` says why, where it moves nothing; `routes` are plants it moves."""
    title, plants = line.title, plant_words(line, routes)
    if line.moves_in == 0:
        return f"{title}: moves no price in any draw; {still}{plants}."
    parts = [
        f"{name} {signed(amount)} USD/kg"
        for name, amount in (
            ("fair price", line.fair),
            ("market in China", line.market_china),
            ("market outside China", line.market_ex_china),
        )
        if amount is not None
    ]
    if line.fair is None and line.fair_share is not None:
        parts.insert(0, f"fair price {percent(line.fair_share)}")
    rarely = f"; moves prices in {whole_percent(line.moves_in)} of draws only" if line.moves_in < RARELY else ""
    return f"{title}: {', '.join(parts) or 'no price to move'}{rarely}{plants}."


def plant_words(line: BridgeOut, routes: Sequence[str]) -> str:
    """Return what an override does to the normal values of plants and how much of it passes into the fair price."""
    if line.normal_value is None:
        return ""
    low, high = (signed(edge) for edge in line.normal_value)
    if len(routes) == 1:
        moved, of_it = f"normal value of {routes[0].replace('_', ' ')} {low} USD/kg NdPr oxide", "of it"
    else:
        moved, of_it = f"normal values of {len(routes)} plants {low} to {high} USD/kg NdPr oxide", "of the largest"
    if line.pass_through is None:
        return f"; {moved}"
    return f"; {moved}; pass-through: {whole_percent(line.pass_through)} {of_it} reaches the fair price"


def signed(amount: float, digits: int = 2) -> str:
    """Return an amount with its sign; never -0.00.

    >>> signed(-0.001), signed(1234.5)
    ('+0.00', '+1,234.50')
    """
    return f"{round(amount, digits) + 0.0:+,.{digits}f}"


def between(before: float, after: float, digits: int = 2) -> float:
    """Return what lies between two amounts as they are shown, so that what is shown adds up.

    >>> between(121.0243, 121.4788)
    0.46
    """
    return round(round(after, digits) - round(before, digits), digits) + 0.0


def percent(change: float) -> str:
    """Return a share in percent with its sign; never -0.0 %."""
    return f"{signed(100 * change, 1)} %"


def whole_percent(share: float) -> str:
    """Return a share in whole per cent.

    >>> whole_percent(0.468), whole_percent(-0.001)
    ('47 %', '0 %')
    """
    return f"{round(100 * share):d} %"


def material_words(found: MaterialMoved) -> tuple[str, ...]:
    """Return what happens to a material's prices, a sentence each."""
    return (*_moves(found), *(_furthest(found.material, peak) for peak in found.furthest))


def _moves(found: MaterialMoved) -> Iterator[str]:
    now = "while an override holds" if found.path else "at today's plants"
    for region, moved in found.market.items():
        yield _sentence(f"{found.material} market {WHERE[region]} {now}", moved)
    for region, moved in found.market_adjusted.items():
        yield _sentence(f"{found.material} market {WHERE[region]} once plants have adjusted", moved)
    yield _sentence(f"{found.material} fair price, {now if found.path else 'long run'}", found.fair_long_run)
    for region, moved in found.wedge.items():
        before, after = moved.baseline.value, moved.scenario.value
        if before is not None and after is not None:
            yield f"{found.material} market less fair {WHERE[region]}: from {signed(before)} to {signed(after)} USD/kg."


def _furthest(material: str, peak: PeakOut) -> str:
    return _sentence(f"{material} {TITLES[peak.price]} at its furthest, in {peak.quarter}", peak.move)


def _sentence(what: str, moved: MoveOut) -> str:
    change = moved.change
    if change is None or change.value is None:
        return f"{what}: no price."
    by = percent(change.value)
    if change.low is not None and change.high is not None and change.low < change.high:
        by = f"{by}, 80 % range {percent(change.low)} to {percent(change.high)}"
    before, after = moved.baseline, moved.scenario
    if before.value is not None and after.value is not None and moved.difference is not None:
        if before == after:
            return f"{what}: {before.value:,.2f} USD/kg, unchanged."
        by = f"{signed(between(before.value, after.value))} ({by})"
        return f"{what}: from {before.value:,.2f} to {after.value:,.2f} USD/kg, {by}."
    if after.low is not None and after.high is not None:
        return f"{what}: a band of {after.low:,.2f} to {after.high:,.2f} USD/kg and no point; it moves by {by}."
    return f"{what}: no price is known; it would move by {by}."
