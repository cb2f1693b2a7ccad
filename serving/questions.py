"""What a caller may ask about prices, read with every fault collected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.errors import Fault
from pricing.market.supply import Region
from pricing.materials import Form, Material
from pricing.price import Currency, Unit
from serving.book import VINTAGES, Book
from serving.reading import Fields, Span, got, refuse_if_any

Query = Iterable[tuple[str, str]]
ALL_REGIONS = "all"
REGIONS = (ALL_REGIONS, *(region.value for region in Region))
FORMATS = ("json", "csv")
AGE = Span(Decimal(0), Decimal(36_500), "days")


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """One question for a price. `asked_on` is kept only when the caller left the day to us."""

    material: Material
    as_of: date
    form: Form = Form.OXIDE
    unit: Unit = Unit.KG
    currency: Currency = Currency.USD
    region: str = ALL_REGIONS
    asked_on: date | None = None


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """One question for a history; both months included."""

    material: Material
    vintage: str
    first_month: str
    last_month: str
    format: str


def read_price(book: Book, material: str, query: Query, today: date) -> PriceRequest:
    """Return the price request of a path and a query; InputError with every fault."""
    faults: list[Fault] = []
    named = read_named(book, material, faults)
    fields = query_fields(query, faults)
    as_of, asked_on = read_day(fields, book, named, today)
    form = fields.choice("form", Form, Form.OXIDE)
    unit = fields.choice("unit", Unit, Unit.KG)
    currency = _currency(fields, book, named, as_of)
    region = fields.choice("region", REGIONS, ALL_REGIONS)
    fields.close()
    refuse_if_any(faults)
    return PriceRequest(
        got(named), got(as_of), Form(got(form)), Unit(got(unit)), Currency(got(currency)), got(region), asked_on
    )


def lies_within(book: Book, request: PriceRequest) -> bool:
    """Return whether a book can answer a price request that was read elsewhere."""
    material, day = request.material, request.as_of
    if material not in book.materials or not book.first_day(material) <= day <= book.last_day:
        return False
    month = book.on(material, day).month
    return request.currency is Currency.USD or book.fx(request.currency, month, day) is not None


def read_history(book: Book, material: str, query: Query) -> HistoryRequest:
    """Return the history request of a path and a query; InputError with every fault."""
    faults: list[Fault] = []
    named = read_named(book, material, faults)
    fields = query_fields(query, faults)
    vintage = fields.choice("vintage", VINTAGES, "as_known")
    months = book.months(named)
    first = fields.month("from", *months, months[0])
    last = fields.month("to", *months, months[1])
    written = fields.choice("format", FORMATS, FORMATS[0])
    fields.close()
    if first and last and first > last:
        fields.note("to", last, f"a month on or after {first}")
    refuse_if_any(faults)
    return HistoryRequest(got(named), got(vintage), got(first), got(last), got(written))


def read_material(book: Book, material: str, query: Query) -> Material:
    """Return the material of a path that takes no query; InputError with every fault."""
    faults: list[Fault] = []
    named = read_named(book, material, faults)
    query_fields(query, faults).close()
    refuse_if_any(faults)
    return got(named)


def read_no_query(query: Query) -> None:
    """Refuse query parameters where none is known."""
    faults: list[Fault] = []
    query_fields(query, faults).close()
    refuse_if_any(faults)


def query_fields(query: Query, faults: list[Fault]) -> Fields:
    """Return a query's fields; a parameter sent twice is a fault."""
    values: dict[str, object] = {}
    fields = Fields(values, faults, text=True)
    for name, value in query:
        if name in values:
            fields.note(name, "sent twice", "one value")
        values[name] = value
    return fields


def read_day(fields: Fields, book: Book, material: Material | None, today: date) -> tuple[date | None, date | None]:
    """Return the day to price for and, where the caller left it to us, the day of asking.

    Reads `as_of` and `max_age_days`. Data older than the caller allows are a fault.
    """
    asked_on = None if fields.has("as_of") else today
    as_of = fields.day("as_of", book.first_day(material), book.last_day, book.last_day)
    oldest = fields.number("max_age_days", AGE, required=False)
    if material and as_of and oldest is not None:
        age = book.age_days(material, as_of, asked_on)
        if age > oldest:
            fields.note("max_age_days", oldest, f"{age} or more: the data are {age} days old; train on newer data")
    return as_of, asked_on


def read_named(book: Book, found: str, faults: list[Fault]) -> Material | None:
    """Return the material that a path names; None and a fault where there is none of it."""
    named = Fields({"material": found}, faults).choice("material", book.materials)
    return Material(named) if named else None


def _currency(fields: Fields, book: Book, material: Material | None, as_of: date | None) -> str | None:
    currency = fields.choice("currency", book.currencies, Currency.USD)
    if currency in (None, Currency.USD) or not (material and as_of):
        return currency
    month = book.on(material, as_of).month
    if book.fx(Currency(currency), month, as_of) is None:
        fields.note("currency", currency, f"USD: no {currency} rate of {month} was known on {as_of}")
    return currency
