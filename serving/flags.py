"""Flags: what to know before leaning on a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from pricing.bundle_tables import WEDGE_ITEMS
from pricing.market.supply import Region
from pricing.materials import Form, oxide_per_metal_kg
from pricing.withheld import MARK
from serving.book import MonthRow
from serving.questions import ALL_REGIONS, PriceRequest
from serving.schemas import Flag

UNEXPLAINED = "unexplained"
STALE_AFTER_DAYS = 45  # a month and the weeks until the next one is published
REGION_WORDS = {Region.CHINA: "in China", Region.EX_CHINA: "outside China"}


def price_flags(row: MonthRow, request: PriceRequest, age_days: int) -> Iterator[Flag]:
    """Yield the flags of a price."""
    if age_days > STALE_AFTER_DAYS:
        yield Flag("stale_data", f"The figures of {row.month} are {age_days} days old; newer ones may exist.")
    if row.text("status") == "refused":
        yield Flag("refused", f"No fair price: {row.text('reason')}.")
    if row.text("status") == "band":
        yield Flag("band", f"A band and no point: {row.text('reason')}.")
    if row.text("status") == "estimate" and row.text("reason"):
        yield Flag("caution", f"{row.text('reason')}.")
    if request.form is Form.METAL:
        ratio = oxide_per_metal_kg(request.material)
        yield Flag("metal_by_stoichiometry", f"Metal is oxide x {ratio:.6f} kg/kg; no toll and no loss is in it.")
    for region in asked_regions(request):
        yield from _market_flags(row, region, request.as_of)


def wedge_flags(row: MonthRow, request: PriceRequest) -> Iterator[Flag]:
    """Yield what to know before quoting one part of a wedge."""
    for region in asked_regions(request):
        total = row.number(f"wedge.{region}.total")
        parts = {item: row.number(f"wedge.{region}.{item}") for item in WEDGE_ITEMS}
        known = {item: value for item, value in parts.items() if value is not None}
        if row.text("status") == "estimate" and total is not None and len(known) == len(parts):
            yield from _parts_flags(region, total, known)


def _parts_flags(region: Region, total: float, parts: Mapping[str, float]) -> Iterator[Flag]:
    where = REGION_WORDS[region]
    unexplained = parts[UNEXPLAINED]
    if abs(unexplained) > abs(total - unexplained):
        text = (
            f"More of the gap between market and fair price {where} is unexplained than explained. It holds panics, "
            "stocks and the model's own error; it is no distortion that was measured."
        )
        yield Flag(f"unexplained.{region}", text)
    explained = [value for item, value in parts.items() if item != UNEXPLAINED]
    offset = min(sum(v for v in explained if v > 0), -sum(v for v in explained if v < 0))
    if offset > abs(sum(explained)):
        text = f"Parts of the wedge {where} offset each other and exceed their sum: lean on the sum, not on one part."
        yield Flag(f"offsetting_parts.{region}", text)


def asked_regions(request: PriceRequest) -> Iterator[Region]:
    """Yield the regions a request asks about."""
    for region in Region:
        if request.region in (ALL_REGIONS, region):
            yield region


def _market_flags(row: MonthRow, region: Region, as_of: date) -> Iterator[Flag]:
    where = REGION_WORDS[region]
    if row.text(f"market.{region}.evidence") == MARK:
        return  # said by private_flags
    if row.number(f"market.{region}") is None:
        banded = row.number(f"market.{region}.low") is not None
        text = "only a band is known" if banded else "no price is known"
        yield Flag(f"no_quote.{region}", f"Market {where} in {row.month}: {text}.")
        return
    evidence = row.text(f"market.{region}.evidence")
    if evidence and evidence != "observed":
        yield Flag(f"{evidence}_market.{region}", f"The market price {where} is {evidence}, not a quote of its own.")
    quote_day = row.text(f"market.{region}.quote_day")
    if quote_day and (as_of - date.fromisoformat(quote_day)).days > STALE_AFTER_DAYS:
        yield Flag(f"stale_quote.{region}", f"The last quote {where} is of {quote_day}.")
