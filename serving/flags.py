"""Flags: what to know before leaning on a number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pricing.market.supply import Region
from pricing.materials import Form, oxide_per_metal_kg
from serving.book import MonthRow
from serving.questions import PriceRequest
from serving.schemas import Flag

STALE_AFTER_DAYS = 45  # DESIGN 4
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
    for region in Region:
        yield from _market_flags(row, region, request.as_of)


def _market_flags(row: MonthRow, region: Region, as_of: date) -> Iterator[Flag]:
    where = REGION_WORDS[region]
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
