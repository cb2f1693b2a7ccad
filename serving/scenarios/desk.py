"""Scenarios without HTTP: read a question, find its answer or solve for it, keep it, and give it again by its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NoReturn

import orjson

from pricing.errors import DataError, FairPriceError, Fault, InputError, UnknownQuoteError
from pricing.scenarios.answer import answer
from serving.bodies import read_body, write_body
from serving.book import Book
from serving.error_responses import error_out
from serving.fault_words import shown
from serving.floor_answer import floor_answer
from serving.floor_questions import read_floor
from serving.questions import Query, read_no_query
from serving.scenarios.answer import scenario_answer
from serving.scenarios.ids import bundle_of, scenario_id
from serving.scenarios.kept import Answers
from serving.scenarios.listings import levers_answer, presets_answer
from serving.scenarios.question import ScenarioRequest, asks_scenario, read_scenario
from serving.scenarios.start import Start, Starts

MOST = 50  # scenarios of one batch
SCENARIOS = "scenarios"
OK, CREATED = 200, 201


@dataclass(frozen=True, slots=True)
class Said:
    """An answer's bytes, the status that says whether it is new, and the id of a scenario."""

    body: bytes
    status: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Unsolved:
    """A scenario that was read, and is to be solved: about half a second of work."""

    start: Start
    request: ScenarioRequest
    name: str
    kept: Answers

    def solve(self) -> Said:
        """Return the answer and keep it; one that was found meanwhile is known."""
        known = self.kept.get(self.name)
        if known is not None:
            return Said(known, OK, self.name)
        try:
            found = answer(self.start.base, self.request.scenario)
        except DataError as fault:
            _too_far(fault)
        body = write_body(scenario_answer(self.start, self.request, found, self.name))
        self.kept.put(self.name, body)
        return Said(body, CREATED, self.name)


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One scenario of a batch, as it was sent."""

    read: Callable[[Mapping[str, object]], Said | Unsolved]
    place: int
    item: object

    def solve(self) -> Mapping[str, object]:
        """Return its status with its answer, byte for byte that of its single call, or with its faults."""
        try:
            if not isinstance(self.item, dict):
                raise InputError(Fault("", shown(self.item), "a JSON object: a scenario as its single call takes it"))
            said = solved(self.read(self.item))
        except FairPriceError as fault:
            status, told = error_out(_placed(fault, f"{SCENARIOS}.{self.place}"))
            return {"index": self.place, "status": status, "answer": None, "error": told}
        return {"index": self.place, "status": said.status, "answer": orjson.Fragment(said.body), "error": None}


class ScenarioDesk:
    """Answers scenarios from the model that serves, and ids from any model that is kept."""

    def __init__(
        self,
        book: Callable[[], Book],
        kept_book: Callable[[str], Book | None],
        today: Callable[[], date],
        kept: Answers,
    ) -> None:
        self._book = book
        self._kept_book = kept_book
        self._today = today
        self._kept = kept
        self._starts = Starts()

    def levers(self, query: Query = ()) -> bytes:
        """Return what a scenario may change."""
        return write_body(levers_answer(self._starts.of(self._book()), query))

    def presets(self, query: Query = ()) -> bytes:
        """Return the named scenarios."""
        read_no_query(query)
        return write_body(presets_answer())

    def ask(self, body: bytes, query: Query = ()) -> Said:
        """Return the answer of a scenario, or of a floor alone."""
        return solved(self.read(body, query))

    def ask_values(self, values: Mapping[str, object]) -> Said:
        """Return the answer of a body that was read already."""
        return solved(self._read(values))

    def read(self, body: bytes, query: Query = ()) -> Said | Unsolved:
        """Return the answer of a body where it is known, else what is to be solved; InputError with every fault."""
        read_no_query(query)
        return self._read(read_body(body))

    def again(self, name: str, query: Query = ()) -> bytes:
        """Return the bytes that were answered under an id; UnknownQuoteError where no kept model gave them."""
        read_no_query(query)
        bundle = bundle_of(name)
        if bundle is None or self._kept_book(bundle) is None:
            raise UnknownQuoteError(_UNKNOWN)
        known = self._kept.get(name)
        if known is None:
            raise UnknownQuoteError(_UNKNOWN)
        return known

    def batch(self, body: bytes, query: Query = ()) -> bytes:
        """Return the answers of several scenarios in their order, a bad one with its faults."""
        return written([item.solve() for item in self.read_batch(body, query)])

    def read_batch(self, body: bytes, query: Query = ()) -> list[BatchEntry]:
        """Return the scenarios of a batch, to be solved one by one; InputError where it is no batch."""
        read_no_query(query)
        values = read_body(body)
        faults = [Fault(name, name, SCENARIOS) for name in values if name != SCENARIOS]
        sent = values.get(SCENARIOS)
        items: list[object] = sent if isinstance(sent, list) else []
        if not 1 <= len(items) <= MOST:
            found = f"{len(items)} scenarios" if isinstance(sent, list) else shown(sent)
            faults.insert(0, Fault(SCENARIOS, found, f"a list of 1 to {MOST} scenarios"))
        if faults:
            raise InputError(*faults)
        return [BatchEntry(self._read, place, item) for place, item in enumerate(items)]

    def _read(self, values: Mapping[str, object]) -> Said | Unsolved:
        book = self._book()
        if not asks_scenario(values):
            return Said(write_body(floor_answer(book, read_floor(book, values, self._today()))), OK)
        start = self._starts.of(book)
        request = read_scenario(start, values, self._today())
        name = scenario_id(request, book.model)
        known = self._kept.get(name)
        return Unsolved(start, request, name, self._kept) if known is None else Said(known, OK, name)


def solved(question: Said | Unsolved) -> Said:
    """Return the answer of a question."""
    return question if isinstance(question, Said) else question.solve()


def written(items: Sequence[Mapping[str, object]]) -> bytes:
    """Return the answer of a batch."""
    refused = sum(item["error"] is not None for item in items)
    return write_body({SCENARIOS: items, "answered": len(items) - refused, "refused": refused})


def _placed(fault: FairPriceError, place: str) -> FairPriceError:
    """Return a fault whose paths start at a scenario's place in its batch."""
    if not isinstance(fault, InputError):
        return fault
    return InputError(*(replace(one, path=f"{place}.{one.path}".rstrip(".")) for one in fault.faults))


def _too_far(fault: DataError) -> NoReturn:
    """Refuse a scenario under which no market clears: it can be mended by its caller."""
    allowed = "values nearer to the baseline, or fewer of them at once"
    raise InputError(Fault("overrides", f"a world that cannot be solved ({fault})", allowed)) from fault


_UNKNOWN = "No answer is kept under this scenario id, or not by a model that is kept. Send the scenario itself again."
