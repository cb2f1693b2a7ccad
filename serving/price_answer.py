"""From a row of the book to the answer about a price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import hypot

from pricing.bundle_tables import HORIZONS, WEDGE_ITEMS, fair_column
from pricing.explain.gap import ON_PRIORS, RESTS_ON
from pricing.market.history import Evidence
from pricing.market.supply import Region, SupportSet
from pricing.materials import Form
from pricing.price import Basis, Currency, FxRate, MetalRatio, Place, Price, from_usd, oxide_to_metal, per
from serving.assumption_answer import assumption_range
from serving.book import Book, MonthRow, Row
from serving.flags import UNEXPLAINED, asked_regions, price_flags, wedge_flags
from serving.likeness_flags import likeness_flags
from serving.model_store import PublishedModel
from serving.private_flags import private_flags
from serving.questions import PriceRequest
from serving.quote_ids import price_quote_id
from serving.rounding import DIGITS, rounded, rounded_parts
from serving.schemas import (
    CostStackOut,
    Fair,
    FairPoint,
    Headline,
    IncentiveStep,
    Interval,
    ModelOut,
    PriceAnswer,
    Quote,
    RegionMarket,
    SupportSets,
    Wedge,
    WedgePart,
)

MODEL_NAME = "fairprice"
HEADLINE_HORIZON, HEADLINE_SET = "long_run", SupportSet.MARKET_ECONOMY
PLACES = {Region.CHINA: Place.CHINA_WORKS, Region.EX_CHINA: Place.EX_CHINA}
WEDGE_TITLES = {
    "subsidy_explicit": "grants and tax concessions",
    "support_financing": "cheap credit, land and energy",
    "support_plant_capital": "plant and capital below market-economy cost",
    "environment": "abatement not paid for",
    "production_quota": "production quotas",
    "illegal_output": "illegal output beyond the quotas",
    "export_duty_and_quota": "export duty and export quota (both ended in 2015 and live on in plants built under them)",
    "export_licence": "export licences",
    "vat_not_refunded": "VAT not refunded on export",
    "stockpiling": "state stockpiling",
    "western_responses": "Western floors, tariffs and subsidies",
    "capacity_and_start": "capacities not yet adjusted, starting conditions",
    ON_PRIORS: "items that rest on priors, together (closes the sum; no finding)",
    UNEXPLAINED: "unexplained: market less the model with every distortion on (panics, stocks, the model's own error)",
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """From USD/kg oxide to what the caller asked for: one factor, and the named steps behind it."""

    factor: float
    basis: Basis
    steps: tuple[str, ...]

    @classmethod
    def of(cls, request: PriceRequest, fx: FxRate | None) -> Conversion:
        """Return the conversion of a request; `fx` is the priced month's rate."""
        price = Price(1.0, Basis(request.material))
        if request.form is Form.METAL:
            price = oxide_to_metal(price, MetalRatio.stoichiometric(request.material))
        if fx is not None:
            price = from_usd(price, fx)
        if request.unit is not price.basis.unit:
            price = per(price, request.unit)
        return cls(price.amount, price.basis, price.steps)

    def basis_at(self, place: Place) -> str:
        """Return the answer's basis in words, at a place."""
        b = self.basis
        return f"{b.currency}/{b.unit} {b.material} {b.form}, {place}, ex VAT, nominal"


def price_answer(book: Book, request: PriceRequest) -> PriceAnswer:
    """Return what a material should cost and does cost as known on the day of the request."""
    row = book.on(request.material, request.as_of)
    fx = None if request.currency is Currency.USD else book.fx(request.currency, row.month, request.as_of)
    conversion = Conversion.of(request, fx)
    snapshot = book.snapshots.get(row.month, "")
    age = book.age_days(request.material, request.as_of, request.asked_on)
    return PriceAnswer(
        quote_id=price_quote_id(request, book.model, snapshot),
        material=request.material,
        form=request.form,
        unit=request.unit,
        currency=request.currency,
        region=request.region,
        as_of=request.as_of.isoformat(),
        month=row.month,
        vintage="as_known",
        basis=conversion.basis_at(Place.EX_CHINA),
        conversions=conversion.steps,
        digits=DIGITS,
        status=row.text("status"),
        reason=row.text("reason"),
        fair=_fair(row, conversion),
        assumption_range=assumption_range(book, request.material, row, conversion.factor),
        markets={region.value: _market(row, region, request.as_of, conversion) for region in asked_regions(request)},
        incentive=tuple(_incentive(book, row, conversion)) if request.material == "NdPr" else (),
        data_age_days=age,
        flags=(
            *private_flags(book, row, "as_known", asked_regions(request)),
            *price_flags(row, request, age),
            *wedge_flags(row, request),
            *likeness_flags(book, row),
        ),
        model=model_out(book.model),
        snapshot=snapshot,
        method=book.model.bundle.method,
        cost_stacks=tuple(_stacks(book.stacks(row.month), request.material)),
    )


def headline(row: MonthRow, factor: float = 1.0) -> Headline:
    """Return the fair price to quote when only one is wanted."""
    return _headline(row, HEADLINE_HORIZON, factor)


def short_run_headline(row: MonthRow) -> Headline:
    """Return the fair price at today's capacities, in the headline's support set."""
    return _headline(row, "short_run", 1.0)


def _headline(row: MonthRow, horizon: str, factor: float) -> Headline:
    point = _point(row, horizon, HEADLINE_SET, factor)
    low, high = point.interval_80 or (None, None)
    return Headline(horizon, HEADLINE_SET, point.value, low, high)


def model_out(model: PublishedModel) -> ModelOut:
    """Return which model answered."""
    return ModelOut(MODEL_NAME, model.version, model.source, model.digest, model.bundle.method)


def _fair(row: MonthRow, conversion: Conversion) -> Fair:
    sets = {
        horizon: SupportSets(*(_point(row, horizon, support, conversion.factor) for support in SupportSet))
        for horizon in HORIZONS
    }
    return Fair(conversion.basis_at(Place.EX_CHINA), headline(row, conversion.factor), **sets)


def _point(row: MonthRow, horizon: str, support: SupportSet, factor: float) -> FairPoint:
    """Return one fair price; a band has no point, a refusal has nothing."""

    def at(statistic: str) -> float | None:
        return rounded(row.number(fair_column(horizon, support, statistic)), factor)

    if row.text("status") == "refused":
        return FairPoint(None, None, None, None, None)
    intervals = (_interval(at("p25"), at("p75")), _interval(at("p10"), at("p90")), _interval(at("p2.5"), at("p97.5")))
    if row.text("status") == "band":
        return FairPoint(None, None, *intervals)
    return FairPoint(at("mean"), at("p50"), *intervals)


def _interval(low: float | None, high: float | None) -> Interval | None:
    return None if low is None or high is None else (low, high)


def _market(row: MonthRow, region: Region, as_of: date, conversion: Conversion) -> RegionMarket:
    column = f"market.{region}"
    factor = conversion.factor
    quote_day = row.text(f"{column}.quote_day") or None
    quote = Quote(
        value=rounded(row.number(column), factor),
        low=rounded(row.number(f"{column}.low"), factor),
        high=rounded(row.number(f"{column}.high"), factor),
        evidence=row.text(f"{column}.evidence"),
        source_basis=row.text(f"{column}.basis"),
        quote_day=quote_day,
        age_days=(as_of - date.fromisoformat(quote_day)).days if quote_day else None,
    )
    fair, gap = gap_shown(row, region, factor)
    below = row.number(f"p_market_below_fair.{region}") if row.text("status") != "refused" else None
    return RegionMarket(
        basis=conversion.basis_at(PLACES[region]),
        market=quote,
        fair_on_this_basis=fair,
        wedge=_wedge(row, region, factor, gap),
        p_market_below_fair=rounded(below),
    )


def gap_shown(row: MonthRow, region: Region, factor: float = 1.0) -> tuple[float | None, float | None]:
    """Return the fair price on a region's basis, and the market less it as both are shown; None without a point."""
    if row.text("status") != "estimate":
        return None, None
    fair, market = rounded(_fair_here(row, region), factor), rounded(row.number(f"market.{region}"), factor)
    return fair, None if fair is None or market is None else rounded(market - fair)


def _fair_here(row: MonthRow, region: Region) -> float | None:
    """Return the headline on a region's basis: delivered outside China, or at works in China (freight less)."""
    if region is Region.EX_CHINA:
        return row.number(fair_column(HEADLINE_HORIZON, HEADLINE_SET, "mean"))
    market, total = row.number(f"market.{region}"), row.number(f"wedge.{region}.total")
    return None if market is None or total is None else market - total


def _wedge(row: MonthRow, region: Region, factor: float, shown_total: float | None) -> Wedge:
    if row.text("status") == "refused":
        return Wedge(None, None, None, ())
    column = f"wedge.{region}"
    total = row.number(f"{column}.total")
    central = {item: row.number(f"{column}.{item}") for item in WEDGE_ITEMS}
    shown = rounded_parts(total, central, UNEXPLAINED, factor, shown_total)
    pointed = row.text("status") == "estimate"
    assumed = [item for item in WEDGE_ITEMS if row.text(f"{column}.{item}.{RESTS_ON}") == Evidence.PRIOR]
    parts = [
        WedgePart(
            item=item,
            title=WEDGE_TITLES[item],
            value=shown[item] if pointed and item not in assumed else None,
            low=rounded(row.number(f"{column}.{item}.low"), factor),
            high=rounded(row.number(f"{column}.{item}.high"), factor),
        )
        for item in WEDGE_ITEMS
    ]
    if pointed and assumed:
        parts.append(_together(shown, assumed))
    low, high = wedge_range(row, region, total)
    return Wedge(shown_total, rounded(low, factor), rounded(high, factor), tuple(parts))


def _together(shown: Mapping[str, float | None], assumed: Sequence[str]) -> WedgePart:
    """Return what the items that rest on priors hold together: known, as the gap and the other items are."""
    values = [value for value in (shown[item] for item in assumed) if value is not None]
    whole = rounded(sum(values)) if len(values) == len(assumed) else None
    return WedgePart(ON_PRIORS, WEDGE_TITLES[ON_PRIORS], whole, None, None)


def wedge_range(row: MonthRow, region: Region, total: float | None) -> tuple[float | None, float | None]:
    """Return the wedge's 80 % range: the fair price's interval and the market's own range, as independent errors.

    Each side is the root of the sum of squares of the fair price's and the market's. Where the market outside China is
    a band without a point, from its low less p90 to its high less p10.
    """
    mean, low, high = (row.number(fair_column(HEADLINE_HORIZON, HEADLINE_SET, x)) for x in ("mean", "p10", "p90"))
    market_low, market_high = row.number(f"market.{region}.low"), row.number(f"market.{region}.high")
    if mean is None or low is None or high is None:
        return None, None
    if total is not None:
        market = total + mean
        below, above = (abs(market - (market if edge is None else edge)) for edge in (market_low, market_high))
        return total - hypot(high - mean, below), total + hypot(mean - low, above)
    if region is Region.EX_CHINA and market_low is not None and market_high is not None:
        return market_low - high, market_high - low
    return None, None


def _incentive(book: Book, row: MonthRow, conversion: Conversion) -> Iterator[IncentiveStep]:
    for step in book.incentive.get(row.month, []):
        plain = MonthRow(row.month, row.known_on, step)
        yield IncentiveStep(
            tonnes_per_year=plain.number("tonnes_ndpr") or 0.0,
            price=rounded(plain.number("price"), conversion.factor),
            low=rounded(plain.number("low"), conversion.factor),
            high=rounded(plain.number("high"), conversion.factor),
            marginal_project=plain.text("marginal_project"),
            heavy_credit=rounded(plain.number("heavy_credit_at_fair"), conversion.factor),
            price_without_heavy_credit=rounded(plain.number("heavy_credit_zero"), conversion.factor),
        )


def _stacks(rows: list[Row], material: str) -> Iterator[CostStackOut]:
    """Yield the normal values per kg of this material's oxide where there are any, else per kg of all oxides."""
    units = {str(row["unit_of"]) for row in rows}
    unit_of = f"{material} oxide" if f"{material} oxide" in units else "REO"
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["unit_of"] == unit_of and row["usd_per_kg"] is not None:
            grouped.setdefault((str(row["route"]), str(row["variant"])), []).append(row)
    for (route, variant), parts in grouped.items():
        yield _stack(route, variant, unit_of, parts)


def _stack(route: str, variant: str, unit_of: str, rows: list[Row]) -> CostStackOut:
    parts: dict[str, dict[str, float]] = {}
    for row in rows:
        amount = rounded(float(str(row["usd_per_kg"])))
        parts.setdefault(str(row["stage"]), {})[str(row["component"])] = amount or 0.0
    total = round(sum(amount for stage in parts.values() for amount in stage.values()), DIGITS)
    return CostStackOut(route, variant, f"USD/kg {unit_of}, nominal", total, parts)
