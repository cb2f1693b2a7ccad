"""Several terms under several outlooks in one request: each cell as its single call; a bad one is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from pricing.errors import FairPriceError, Fault, InputError
from serving.bodies import read_body, write_body
from serving.contracts.comparisons.schemas import CellFigures, CellOut, ComparisonAnswer, DifferenceOut
from serving.contracts.outlook.model import ModelPrices
from serving.contracts.valuations.budget import check_steps
from serving.contracts.valuations.desk import answered, prepared
from serving.contracts.valuations.numbers import usd
from serving.contracts.valuations.priced import Ready
from serving.contracts.valuations.schemas import ValuationAnswer
from serving.error_responses import INTERNAL, error_out
from serving.fault_words import shown
from serving.reading import Fields, refuse_if_any
from serving.rounding import DIGITS

LOG = logging.getLogger("fairprice.comparison")
MOST_CELLS = 50
TERMS, OUTLOOKS = "terms", "outlooks"
SHARED = ("facts", "parties", "alternative")
OK = 200
SAME_PATHS = "Cells with as many paths and the same seed rest on the same paths, so that differences are sharp."
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cell:
    """One set of terms under one outlook, as they were sent."""

    terms: str
    outlook: str
    places: tuple[int, int]
    body: Mapping[str, object]
    own: frozenset[str]  # of the body's fields, those that the terms state

    def ready(self, model: ModelPrices) -> Ready | FairPriceError:
        """Return the single call laid out, or what is wrong with it."""
        return self._told(lambda: prepared(self.body, model))

    def value(self, asked: Ready | FairPriceError, model: ModelPrices) -> ValuationAnswer | FairPriceError:
        """Return the answer of the single call, or what is wrong with it."""
        return asked if isinstance(asked, FairPriceError) else self._told(lambda: answered(asked, model))

    def _told(self, call: Callable[[], T]) -> T | FairPriceError:
        try:
            return call()
        except InputError as fault:
            return InputError(*(replace(one, path=self._place(one.path)) for one in fault.faults))
        except FairPriceError as fault:
            return fault
        except Exception:
            LOG.exception("the cell of %s under %s broke", self.terms, self.outlook)
            return FairPriceError(INTERNAL.message)

    def _place(self, path: str) -> str:
        """Return where in the comparison a field of the single call was sent."""
        head = path.split(".", 1)[0]
        if head in self.own:
            return f"{TERMS}.{self.places[0]}.{path}"
        return f"{OUTLOOKS}.{self.places[1]}.{path}" if head == "outlook" else path


def comparison_of(body: bytes, model: ModelPrices) -> bytes:
    """Return the comparison of a body; InputError where it is none."""
    return compared(read_body(body), model)


def compared(values: Mapping[str, object], model: ModelPrices) -> bytes:
    """Return the comparison of a body that was read already."""
    cells = cells_of(values)
    return written(cells, list(in_turn(cells, model)))


def in_turn(cells: Sequence[Cell], model: ModelPrices) -> Iterator[ValuationAnswer | FairPriceError]:
    """Yield what each cell finds; TermsError before any is valued where all together take more than one request may."""
    asked = [cell.ready(model) for cell in cells]
    check_steps(sum(one.steps for one in asked if isinstance(one, Ready)))
    for cell in cells:
        yield cell.value(asked.pop(0), model)  # so that the paths of a cell are gone with it


def cells_of(values: Mapping[str, object]) -> list[Cell]:
    """Return the cells of a body, terms outermost; InputError where it is no comparison of 1 to MOST_CELLS cells."""
    faults: list[Fault] = []
    terms = _listed(values.get(TERMS), TERMS, faults)
    outlooks = _listed(values.get(OUTLOOKS), OUTLOOKS, faults)
    known = (TERMS, OUTLOOKS, *SHARED)
    fields = Fields(values, faults)
    fields.read += known
    fields.close()
    if len(terms) * len(outlooks) > MOST_CELLS:
        found = f"{len(terms)} terms x {len(outlooks)} outlooks = {len(terms) * len(outlooks)} cells"
        faults.append(Fault(TERMS, found, f"at most {MOST_CELLS} cells in one request"))
    refuse_if_any(faults)
    shared = {name: values[name] for name in SHARED if values.get(name) is not None}
    return [
        _cell(shared, (place, term), (other, outlook))
        for place, term in enumerate(terms)
        for other, outlook in enumerate(outlooks)
    ]


def written(cells: Sequence[Cell], found: Sequence[ValuationAnswer | FairPriceError]) -> bytes:
    """Return the answer of cells, each valued or refused."""
    figures = [None if isinstance(one, FairPriceError) else _figures(one) for one in found]
    by_place = {cell.places: own for cell, own in zip(cells, figures, strict=True)}
    out = tuple(_out(cell, own, one, by_place) for cell, own, one in zip(cells, figures, found, strict=True))
    refused = sum(one.error is not None for one in out)
    answers = [one for one in found if isinstance(one, ValuationAnswer)]
    data = answers[0] if answers else None
    return write_body(
        ComparisonAnswer(
            terms=tuple(dict.fromkeys(cell.terms for cell in cells)),
            outlooks=tuple(dict.fromkeys(cell.outlook for cell in cells)),
            cells=out,
            answered=len(out) - refused,
            refused=refused,
            assumptions=(SAME_PATHS, *dict.fromkeys(words for one in answers for words in one.assumptions)),
            flags=tuple(dict.fromkeys(flag for one in answers for flag in one.flags)),
            model=None if data is None else data.model,
            snapshot=None if data is None else data.snapshot,
        )
    )


def _listed(sent: object, name: str, faults: list[Fault]) -> list[Mapping[str, object]]:
    """Return named objects of a list; what is none is a fault."""
    items = sent if isinstance(sent, list) else []
    if not 1 <= len(items) <= MOST_CELLS:
        found = f"{len(items)} entries" if isinstance(sent, list) else shown(sent)
        faults.append(Fault(name, found, f"a list of 1 to {MOST_CELLS} objects with a name each"))
        return []
    names: list[object] = []
    for place, item in enumerate(items):
        own = item.get("name") if isinstance(item, dict) else None
        if not isinstance(own, str) or not own or own in names:
            allowed = "a name of its own, and what it names"
            faults.append(Fault(f"{name}.{place}.name", shown(own if isinstance(item, dict) else item), allowed))
        names.append(own)
    return [item for item in items if isinstance(item, dict)]


Placed = tuple[int, Mapping[str, object]]


def _cell(shared: Mapping[str, object], term: Placed, outlook: Placed) -> Cell:
    own = {name: value for name, value in term[1].items() if name != "name"}
    prices = {name: value for name, value in outlook[1].items() if name != "name"}
    return Cell(
        str(term[1]["name"]),
        str(outlook[1]["name"]),
        (term[0], outlook[0]),
        {**shared, **own, **prices},
        frozenset(own) | {"contract", "contracts"},
    )


def _figures(found: ValuationAnswer) -> CellFigures:
    seller, buyer = found.values
    return CellFigures(
        as_of=found.as_of,
        to_seller_usd=seller.value_usd,
        to_buyer_usd=buyer.value_usd,
        standard_error_usd=seller.standard_error_usd,
        present_value_to_seller_usd=found.present_value_to_seller_usd,
        total_usd=found.total_usd,
        usd_per_kg=_per_kg(found),
        by_year_usd={str(one.year): one.net_usd.mean for one in found.years},
        binding_probability={
            leg.name: leg.binding_probability for leg in found.legs if leg.binding_probability is not None
        },
    )


def _out(
    cell: Cell,
    own: CellFigures | None,
    found: ValuationAnswer | FairPriceError,
    by_place: Mapping[tuple[int, int], CellFigures | None],
) -> CellOut:
    status, error = error_out(found) if isinstance(found, FairPriceError) else (OK, None)
    term, outlook = cell.places
    return CellOut(
        cell.terms,
        cell.outlook,
        status,
        own,
        _difference(own, by_place[0, outlook]),
        _difference(own, by_place[term, 0]),
        error,
    )


def _difference(one: CellFigures | None, other: CellFigures | None) -> DifferenceOut | None:
    if one is None or other is None:
        return None
    years = dict.fromkeys([*other.by_year_usd, *one.by_year_usd])
    return DifferenceOut(
        _less(one.to_seller_usd, other.to_seller_usd),
        _less(one.to_buyer_usd, other.to_buyer_usd),
        _less(one.total_usd, other.total_usd),
        round(one.usd_per_kg - other.usd_per_kg, DIGITS) + 0.0,
        {year: _less(one.by_year_usd.get(year, 0.0), other.by_year_usd.get(year, 0.0)) for year in sorted(years)},
    )


def _per_kg(found: ValuationAnswer) -> float:
    """Return the mean payment in USD/kg over the tonnes of all contracts."""
    tonnes = sum(one.tonnes for one in found.contracts)
    paid = sum(one.usd_per_kg * one.tonnes for one in found.contracts)
    return round(paid / tonnes, DIGITS) + 0.0 if tonnes else 0.0


def _less(one: float, other: float) -> float:
    return usd(one - other)
