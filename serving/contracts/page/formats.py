"""A contract's answer as JSON, as a workbook or as a printed page: over HTTP as asked for, and as files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.reading import read
from pricing.errors import Fault, InputError
from serving.bodies import read_body
from serving.contracts.page.html import HTML, page_html, policy
from serving.contracts.page.settled import settled_page
from serving.contracts.page.valued import valued_page
from serving.contracts.templates.named import CONTRACT, CONTRACTS, with_templates
from serving.contracts.xlsx.workbook import XLSX, settlement_workbook
from serving.questions import Query, query_fields
from serving.reading import refuse_if_any

JSON = "application/json"
SETTLEMENT, VALUATION = "settlement", "valuation"
SEAL_LETTERS = 20
NO_FRAMES = "frame-ancestors 'none'"


class Shape(StrEnum):
    """What an answer is given as."""

    JSON = "json"
    XLSX = "xlsx"
    HTML = "html"


MEDIA = {Shape.JSON: JSON, Shape.XLSX: XLSX, Shape.HTML: HTML}
OF_SETTLEMENTS = (Shape.JSON, Shape.XLSX, Shape.HTML)
OF_VALUATIONS = (Shape.JSON, Shape.HTML)
MIME = {media.partition(";")[0]: shape for shape, media in MEDIA.items()}


@dataclass(frozen=True, slots=True)
class Given:
    """An answer in the shape asked for, with its media type and the headers that go with it."""

    content: bytes
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)


def shape_of(query: Query, accept: str | None, offered: tuple[Shape, ...]) -> Shape:
    """Return the shape a request asks for: by `format`, else the first that it accepts and is offered, else JSON."""
    faults: list[Fault] = []
    fields = query_fields(query, faults)
    by_header = next((shape for shape in _accepted(accept) if shape in offered), Shape.JSON)
    stated = fields.choice("format", offered, by_header)
    fields.close()
    refuse_if_any(faults)
    return Shape(stated or by_header)


def settlement_given(shape: Shape, body: bytes, answer: bytes) -> Given:
    """Return a settlement's answer in a shape; `body` is the request it answers."""
    if shape is Shape.XLSX:
        named = {"content-disposition": 'attachment; filename="settlement.xlsx"'}
        return Given(settlement_workbook(orjson.loads(answer)), XLSX, named)
    if shape is Shape.HTML:
        return _page(page_html(settled_page(orjson.loads(answer), _contracts(read_body(body)))))
    return Given(answer, JSON)


def valuation_given(shape: Shape, body: bytes, answer: bytes) -> Given:
    """Return a valuation's answer in a shape; `body` is the request it answers."""
    if shape is Shape.HTML:
        return _page(_valued(read_body(body), answer))
    return Given(answer, JSON)


def write_files(
    values: Mapping[str, object], answers: Mapping[str, bytes], xlsx: Path | None, html: Path | None
) -> None:
    """Write a workbook of the settlement and a page of the valuation, or of the settlement where nothing is valued.

    InputError where the file that was asked holds no such answer, or a path cannot be written.
    """
    if xlsx is not None:
        _need(answers, "--xlsx", SETTLEMENT)
        _write(xlsx, settlement_workbook(orjson.loads(answers[SETTLEMENT])))
    if html is not None:
        _need(answers, "--html", VALUATION, SETTLEMENT)
        if VALUATION in answers:
            _write(html, _valued(values, answers[VALUATION]))
        else:
            _write(html, page_html(settled_page(orjson.loads(answers[SETTLEMENT]), _contracts(values))))


def _valued(values: Mapping[str, object], answer: bytes) -> bytes:
    seal = f"{VALUATION}.{hashlib.sha256(answer).hexdigest()[:SEAL_LETTERS]}"
    return page_html(valued_page(orjson.loads(answer), _contracts(values), seal))


def _page(content: bytes) -> Given:
    return Given(content, HTML, {"content-security-policy": f"{policy()}; {NO_FRAMES}"})


def _contracts(values: Mapping[str, object]) -> list[Contract]:
    """Return the contracts of a request that was answered, so that each of them can be read."""
    found = with_templates(values)
    several: Any = found.get(CONTRACTS)
    rows = several or [found[CONTRACT]]
    return [read(row, Contract) for row in rows]


def _accepted(accept: str | None) -> Iterator[Shape]:
    """Yield the shapes that a header accepts, in its order; one that accepts anything is content with JSON."""
    for part in (accept or "").split(","):
        media = part.partition(";")[0].strip().lower()
        if media in ("*/*", "application/*"):
            yield Shape.JSON
        elif media in MIME:
            yield MIME[media]


def _need(answers: Mapping[str, bytes], option: str, *names: str) -> None:
    if not any(name in answers for name in names):
        found = ", ".join(answers) or "nothing"
        raise InputError(Fault(option, found, f"a file that asks for a {' or a '.join(names)}"))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise InputError(Fault(path.name, str(fault.strerror), "a path that can be written")) from fault
