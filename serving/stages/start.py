"""Where a ladder starts: a price that the caller states, or the model's fair or market price of an oxide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pricing.market.supply import Region
from pricing.materials import Material
from pricing.price import Place
from pricing.stages.ladder import Stage
from serving.book import Book, MonthRow
from serving.fair_answer import headline
from serving.flags import price_flags
from serving.likeness_flags import likeness_flags
from serving.market_answer import PLACES
from serving.price_answer import model_out
from serving.private_flags import market_flags
from serving.questions import PriceRequest
from serving.reading import Fields, Span, plain
from serving.schemas import Flag, ModelOut
from serving.stages.steps import PLACES as REGIONS
from serving.stages.steps import OxidePrice

GIVEN, FAIR, MARKET = "given", "fair", "market"
ORIGINS = (GIVEN, FAIR, MARKET)
USD_PER_KG = Span(Decimal("0.01"), Decimal(1_000_000), "USD/kg")
START_WANTED = "an object with stage and usd_per_kg, or with from: fair or market"
AS_STATED = "USD/kg, as the caller states it"
FAIR_FLAGS = ("stale_data", "refused", "band", "caution")

OpenBook = Callable[[], Book]


@dataclass(frozen=True, slots=True)
class ModelDay:
    """The model's prices of one day, as a fair price or as a region's market; `read` names those asked for."""

    book: Book
    origin: str
    region: Region
    as_of: date
    read: list[Material] = field(default_factory=list)

    def price(self, material: Material) -> tuple[OxidePrice, str]:
        """Return the price of a material's oxide and, where it has neither point nor band, the reason."""
        if material not in self.book.materials or self.as_of < self.book.first_day(material):
            return OxidePrice(None), f"the model has no {material} on {self.as_of}"
        self.read.append(material)
        row = self.row(material)
        if self.origin == FAIR:
            (low, value, high), reason = _fair(row), row.text("reason") or row.text("status")
        else:
            (low, value, high), reason = _market(row, self.region), row.text(f"market.{self.region}.evidence")
        price = OxidePrice(_decimal(value), _decimal(low), _decimal(high), self.basis(material))
        return price, reason or "no quote"

    def row(self, material: Material) -> MonthRow:
        """Return the month that the day is priced on."""
        return self.book.on(material, self.as_of)

    def flags(self) -> Iterator[Flag]:
        """Yield what to know before leaning on the prices that were read; the first is that of the start."""
        start, *others = self.read
        yield from self._flags(start)
        for material in others:
            yield from (Flag(flag.code, f"{material}: {flag.text}") for flag in self._flags(material))

    def _flags(self, material: Material) -> Iterator[Flag]:
        row, request = self.row(material), PriceRequest(material, self.as_of, region=self.region)
        flags = price_flags(row, request, self.book.age_days(material, self.as_of, None))
        yield from (flag for flag in flags if (flag.code in FAIR_FLAGS) is (self.origin == FAIR))
        yield from likeness_flags(self.book, row) if self.origin == FAIR else market_flags(self.book, row, self.region)

    def price_of(self, material: Material, name: str, inner: Fields) -> OxidePrice | None:
        """Return a price for a field that the caller left to the model; without a point a fault is noted."""
        price, reason = self.price(material)
        if price.value is None:
            inner.note(name, f"no {self.origin} price of {material} ({reason})", str(USD_PER_KG))
            return None
        return price

    def basis(self, material: Material) -> str:
        """Return the basis of the price in words."""
        place = Place.EX_CHINA if self.origin == FAIR else PLACES[self.region]
        return f"USD/kg {material} oxide, {place}, ex VAT, nominal; {self.origin} of {self.row(material).month}"


@dataclass(frozen=True, slots=True)
class Start:
    """A stage and its price; without one only changes can be told."""

    stage: Stage
    origin: str
    price: OxidePrice
    basis: str
    day: ModelDay | None = None

    @property
    def as_of(self) -> str | None:
        """Return the day the model priced for; None for a stated price."""
        return None if self.day is None else self.day.as_of.isoformat()

    @property
    def model(self) -> ModelOut | None:
        """Return which model priced the start; None for a stated price."""
        return None if self.day is None else model_out(self.day.book.model)

    @property
    def snapshot(self) -> str | None:
        """Return the data that the start was priced on, as a price does; None for a stated price."""
        return None if self.day is None else self.day.book.snapshots.get(self.day.row(self.day.read[0]).month, "")

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Return what to know before leaning on the model's prices; nothing about a stated price."""
        return () if self.day is None else tuple(self.day.flags())


def read_start(
    top: Fields, fields: Fields | None, open_book: OpenBook, material: Material, *, optional: bool
) -> Start | None:
    """Return where a ladder starts; None once a fault is noted. `optional`: a stage alone will do."""
    if fields is None:
        _no_day(top)
        return None
    origin = fields.choice("from", ORIGINS, GIVEN)
    found = (
        _given(top, fields, optional=optional)
        if origin in (GIVEN, None)
        else _modelled(top, fields, open_book, material, origin)
    )
    fields.close()
    return found


def unpriced(_material: Material, name: str, inner: Fields) -> None:
    """Note that a price has to be stated, because no model prices this ladder."""
    inner.note(name, "nothing", f"{USD_PER_KG}, since the ladder starts from a stated price")


def _given(top: Fields, fields: Fields, *, optional: bool) -> Start | None:
    stage = fields.choice("stage", Stage)
    price = fields.number("usd_per_kg", USD_PER_KG, required=not optional)
    _no_day(top)
    fields.none("region", "a stated price is where the caller says it is")
    return None if stage is None else Start(Stage(stage), GIVEN, OxidePrice(price), AS_STATED)


def _no_day(top: Fields) -> None:
    top.none("as_of", "only a fair or market price has a day")


def _modelled(top: Fields, fields: Fields, open_book: OpenBook, material: Material, origin: str) -> Start | None:
    book = open_book()
    fields.choice("stage", (Stage.OXIDE,), Stage.OXIDE)
    regions = REGIONS if origin == MARKET else (Region.EX_CHINA.value,)  # the fair price is delivered outside China
    region = fields.choice("region", regions, Region.EX_CHINA.value)
    as_of = top.day("as_of", book.first_day(), book.last_day, book.last_day)
    fields.none("usd_per_kg", f"the price is the model's {origin} price")
    if region is None or as_of is None:
        return None
    day = ModelDay(book, origin, Region(region), as_of)
    price, reason = day.price(material)
    if price.value is None and price.low is None:
        fields.note("from", f"{origin}: no price of {material} ({reason})", "given, with usd_per_kg")
        return None
    return Start(Stage.OXIDE, origin, price, price.source, day)


def _fair(row: MonthRow) -> tuple[float | None, float | None, float | None]:
    point = headline(row)
    return point.low, point.value, point.high


def _market(row: MonthRow, region: Region) -> tuple[float | None, float | None, float | None]:
    low, value, high = (row.number(f"market.{region}{end}") for end in (".low", "", ".high"))
    return low, value, high


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else plain(Decimal(str(round(value, 4))))
