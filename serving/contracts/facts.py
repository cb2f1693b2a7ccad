"""The facts of a contract: what the caller gives, and where he names a series of ours, its fixings as known on a day.

An index is given with its fixings, or as {series: NAME}, perhaps with the material it is of. Rates of VAT that are not
given are the dated Chinese ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar, cast

from features.vat import chinese_vat
from pricing.contracts.index import Fixing
from pricing.contracts.periods import month_of, month_shifted
from pricing.contracts.terms.reading import read
from pricing.contracts.terms.schema import Term
from pricing.errors import Fault, InputError, TermsError
from pricing.materials import Form, Material
from pricing.price import Currency, Unit, Vat
from serving.book import Book
from serving.contracts.templates.named import with_templates
from serving.reading import MAX_FAULTS, Fields

AnyCase = TypeVar("AnyCase", bound=Term)
OpenBook = Callable[[], Book]
SERIES, MATERIAL = "series", "material"
REACH_MONTHS = 36  # a lag of two years and the rest of the quotational year
DOLLARS_PER_KG = {"currency": Currency.USD.value, "unit": Unit.KG.value, "form": Form.OXIDE.value}


@dataclass(frozen=True, slots=True)
class Series:
    """A series of the dataset as an index of a contract: its fixings within reach, known on the day."""

    name: str
    material: Material
    fixings: Mapping[str, Fixing]

    @property
    def vat(self) -> Vat | None:
        """Return the VAT basis of all fixings; where months differ, that of those which bear tax."""
        found = {fixing.vat for fixing in self.fixings.values()}
        if len(found) <= 1:
            return next(iter(found), Vat.EXCLUDED)
        return None if None in found else Vat.INCLUDED if Vat.INCLUDED in found else Vat.NOT_REFUNDED

    def row(self) -> dict[str, Any]:
        """Return the series as an index of the facts."""
        fixings = {month: fixing.amount for month, fixing in self.fixings.items()}
        found: dict[str, Any] = {**DOLLARS_PER_KG, "fixings": fixings}
        if self.vat is not None:
            found["vat"] = self.vat.value
        if self.vat is not Vat.EXCLUDED:
            found["vat_rates"] = {month: fixing.vat_rate for month, fixing in self.fixings.items()}
        return found


@dataclass(frozen=True, slots=True)
class Origin:
    """Which of the facts are ours: series by index, the book they were read from, defaults."""

    series: Mapping[str, Series] = field(default_factory=dict)
    book: Book | None = None
    as_of_by_default: bool = False
    vat_by_default: bool = False

    def series_of(self, index: str) -> str:
        """Return the series that an index stands for: its own name where the facts name none."""
        return self.series[index].name if index in self.series else index


@dataclass(frozen=True, slots=True)
class ReadCase(Generic[AnyCase]):
    """A contract with its facts, and which of them are ours."""

    case: AnyCase
    origin: Origin


def read_case(values: Mapping[str, object], kind: type[AnyCase], open_book: OpenBook) -> ReadCase[AnyCase]:
    """Return the case of a request; one InputError with every fault of contract and facts."""
    faults: list[Fault] = []
    given, origin = _resolved(with_templates(values), open_book, faults)
    try:
        case = read(given, kind)
    except TermsError as refused:
        _refuse(faults, refused.faults)
    if faults:
        _refuse(faults, ())
    return ReadCase(case, origin)


def _refuse(faults: list[Fault], others: tuple[Fault, ...]) -> None:
    """Raise the faults of both; what the reader found at a place that was told already is left out."""
    told = {fault.path for fault in faults}
    more = [fault for fault in others if fault.path not in told]
    raise InputError(*[*faults, *more][:MAX_FAULTS])


def _resolved(
    values: Mapping[str, object], open_book: OpenBook, faults: list[Fault]
) -> tuple[Mapping[str, object], Origin]:
    """Return the request with fixings in place of names of series, and with rates of VAT."""
    facts = values.get("facts")
    if not isinstance(facts, Mapping):
        return values, Origin()
    found: dict[str, object] = dict(facts)
    vat_by_default = facts.get("vat") is None
    if vat_by_default:
        found["vat"] = [{"from": step.first_day, "rate": step.rate} for step in chinese_vat()]
    named = _named_series(facts.get("indices"))
    if not named:
        return {**values, "facts": found}, Origin(vat_by_default=vat_by_default)
    book, contract = open_book(), values.get("contract")
    as_of_by_default = facts.get("as_of") is None
    as_of = _as_of(facts, book, faults)
    found["as_of"] = as_of or facts.get("as_of")
    terms = contract if isinstance(contract, Mapping) else {}
    series = {name: _series(name, row, terms, book, as_of, faults) for name, row in named.items()}
    rows = {name: one.row() for name, one in series.items()}
    found["indices"] = {**cast("Mapping[str, object]", facts["indices"]), **rows}
    return {**values, "facts": found}, Origin(series, book, as_of_by_default, vat_by_default)


def _named_series(indices: object) -> dict[str, Mapping[str, object]]:
    """Return the indices that name a series."""
    if not isinstance(indices, Mapping):
        return {}
    return {name: row for name, row in indices.items() if isinstance(row, Mapping) and SERIES in row}


def _as_of(facts: Mapping[str, object], book: Book, faults: list[Fault]) -> date | None:
    """Return the day on which the series are read, by default the last one of the data; None once a fault is noted."""
    stated = facts.get("as_of")
    if isinstance(stated, date):
        return stated
    return Fields(facts, faults, "facts").day("as_of", book.first_day(), book.last_day, book.last_day)


def _series(
    name: str,
    row: Mapping[str, object],
    terms: Mapping[str, object],
    book: Book,
    as_of: date | None,
    faults: list[Fault],
) -> Series:
    """Return the series an index names; an empty one once a fault is noted."""
    fields = Fields(row, faults, f"facts.indices.{name}")
    stated = terms.get(MATERIAL) if row.get(MATERIAL) is None else None
    own = stated if stated in list(book.materials) else None
    material = fields.choice(MATERIAL, book.materials, cast("str | None", own), required=own is None)
    of = Material(material) if material else None
    series = fields.choice(SERIES, book.reference_names(of))
    fields.close()
    if series is None or of is None or as_of is None:
        return Series(series or "", of or Material.NDPR, {})
    known = book.reference(of, series, as_of).fixings
    first, last = _reach(terms)
    return Series(series, of, {month: one for month, one in known.items() if first <= month <= last})


def _reach(terms: Mapping[str, object]) -> tuple[str, str]:
    """Return the first and last month that a contract can settle on."""
    days = list(_days(terms))
    if len(days) < len(("from", "to")):
        return "", "9999"
    return month_shifted(month_of(days[0]), -REACH_MONTHS), month_shifted(month_of(days[1]), REACH_MONTHS)


def _days(terms: Mapping[str, object]) -> Iterator[date]:
    for name in ("from", "to"):
        try:
            yield date.fromisoformat(str(terms.get(name)))
        except ValueError:
            continue
