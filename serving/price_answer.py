"""From a row of the book to the answer about a price."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.price import Currency, Place
from serving.assumption_answer import assumption_range
from serving.book import Book, MonthRow, Row
from serving.conversion import Conversion
from serving.fair_answer import fair_out
from serving.flags import asked_regions, price_flags, wedge_flags
from serving.likeness_flags import likeness_flags
from serving.market_answer import market_out
from serving.model_store import PublishedModel
from serving.private_flags import private_flags
from serving.questions import PriceRequest
from serving.quote_ids import price_quote_id
from serving.rounding import DIGITS, rounded
from serving.schemas import CostStackOut, IncentiveStep, ModelOut, PriceAnswer

MODEL_NAME = "fairprice"


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
        fair=fair_out(row, conversion),
        assumption_range=assumption_range(book, request.material, row, conversion.factor),
        markets={region.value: market_out(row, region, request.as_of, conversion) for region in asked_regions(request)},
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


def model_out(model: PublishedModel) -> ModelOut:
    """Return which model answered."""
    return ModelOut(MODEL_NAME, model.version, model.source, model.digest, model.bundle.method)


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
