"""The gap between market and fair price by item, as a history's row holds it: points, and bands for what is assumed.

An item whose every input was assumed and not observed in that year rests on priors alone: it is a band, never a point.
What those items hold together is known all the same, because the gap and the other items are: one line closes the sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PREFIX, TOTAL, EDGES = "wedge", "total", ("low", "high")
RESTS_ON = "rests_on"  # observed, derived or prior: what a history says of each item and month
ON_PRIORS = "resting_on_priors"
# Which observed inputs stand behind an item; an item without one rests on priors alone, and so does one not named here.
OBSERVED_BY: Mapping[str, tuple[str, ...]] = {
    "subsidy_explicit": ("subsidy_rate_est",),
    "production_quota": ("mining_quota",),
    "illegal_output": ("illegal_output_share_est",),
    "export_duty_and_quota": ("export_tax_rate", "quota_rent"),
    "export_licence": ("quota_rent",),
    "vat_not_refunded": ("vat_not_refunded",),
    "stockpiling": ("stockpile_purchase_est",),
    "western_responses": ("import_tariff", "policy_floor"),
    "capacity_and_start": ("capacity_china_est", "capacity_ex_china_est"),
    "unexplained": ("china_price", "ex_china_price"),
}
LEARNED = "learned_correction"  # learned on simulated economies: no prior of this one, and a point
CERTAIN = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a gap, nominal USD/kg; no value where it rests on priors alone or is not available."""

    name: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Market less fair in one region and month; the values of the items add up to the total."""

    total: float | None
    items: tuple[Item, ...]


def gap_of(row: Mapping[str, object], region: str, assumed: Mapping[str, float], *, pointed: bool = True) -> Gap:
    """Return a region's gap in a history's row; `assumed` is the share of the year's months an input was a prior.

    Items are those that the row holds, in its order. Without `pointed` there are bands and no value at all.
    """
    total = _number(row.get(f"{PREFIX}.{region}.{TOTAL}"))
    names = item_names(row, region)
    central = {name: _number(row.get(f"{PREFIX}.{region}.{name}")) for name in names}
    shown = {name: value for name, value in central.items() if pointed and not _assumed(row, region, name, assumed)}
    items = [Item(name, shown.get(name), *_edges(row, f"{PREFIX}.{region}.{name}")) for name in names]
    if not pointed or total is None or any(value is None for value in central.values()):
        return Gap(total if pointed else None, tuple(items))
    held = total - sum(value for value in shown.values() if value is not None)
    closing = [Item(ON_PRIORS, held, None, None)] if len(shown) < len(names) else []
    return Gap(total, (*items, *closing))


def item_names(row: Mapping[str, object], region: str) -> tuple[str, ...]:
    """Return the items of a region's gap that a history's row holds, in its order."""
    start = f"{PREFIX}.{region}."
    found = (column.removeprefix(start) for column in row if column.startswith(start))
    return tuple(name for name in found if name != TOTAL and name.rpartition(".")[2] not in (*EDGES, RESTS_ON))


def rests_on_priors(name: str, assumed: Mapping[str, float]) -> bool:
    """Return whether no input behind an item was observed, or derived from an observation, in the year."""
    return name != LEARNED and all(assumed.get(column, 1.0) >= CERTAIN for column in OBSERVED_BY.get(name, ()))


def _assumed(row: Mapping[str, object], region: str, name: str, assumed: Mapping[str, float]) -> bool:
    """Return whether an item rests on priors alone: as the row says of its month, else as the year's inputs do."""
    said = row.get(f"{PREFIX}.{region}.{name}.{RESTS_ON}")
    return said == "prior" if said else rests_on_priors(name, assumed)


def _edges(row: Mapping[str, object], column: str) -> tuple[float | None, float | None]:
    low, high = (_number(row.get(f"{column}.{edge}")) for edge in EDGES)
    return low, high


def _number(value: object) -> float | None:
    """Return a number of the row, which may be text where the table does not know the column; None where none is."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if number - number == 0 else None  # neither NaN nor infinite
