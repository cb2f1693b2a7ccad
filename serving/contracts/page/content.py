"""What stands on the printed page of a contract, from the answers about it; fitted so that one sheet holds it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pricing.contracts.terms.contract import Contract
from serving.contracts.page.charts import Chart
from serving.contracts.page.money import clipped
from serving.contracts.settlements.words import basis_of, words_of
from serving.release import release
from serving.terminal import Answer

MOST_ROWS = 16  # of the table of years
ROOM_MM = 121.0  # of the sheet, for the table's rows and the two columns at the foot, below a title of two lines
ROW_MM, LINE_MM, GAP_MM = 4.8, 3.6, 0.7
TERM_LETTERS, REMARK_LETTERS = 45, 71  # of a line in the columns at the foot, in the widest of the fonts
MOST_LETTERS = 330  # of one assumption or flag
MOST_TITLE, MOST_PARTY = 70, 50


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that a reader looks for first."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class YearTable:
    """A table by year; the first column is the year."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A text at the foot; `mark` is the code of a flag, empty for an assumption."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One printed page about a contract."""

    kind: str
    title: str
    parties: str
    days: str
    day: str
    tiles: tuple[Tile, ...]
    payoff: Chart | None
    chart: Chart
    table: YearTable
    words: tuple[str, ...]
    remarks: tuple[Remark, ...]
    foot: tuple[str, ...]


def heading(contracts: Sequence[Contract]) -> tuple[str, str, str]:
    """Return title, parties and days of one contract, or of several."""
    first = contracts[0]
    more = f" and {len(contracts) - 1} more" if len(contracts) > 1 else ""
    seller, buyer = (_fitted(one, other) for one, other in ((first.seller, first.buyer), (first.buyer, first.seller)))
    sides = f"{seller} sells to {buyer}"
    days = f"{first.first_day.isoformat()} to {first.last_day.isoformat()}, settled {first.settlement}"
    return clipped(first.name, MOST_TITLE) + more, sides, f"{days}; {basis_of(first)}"


def _fitted(party: str, other: str) -> str:
    """Return a party's name, cut only where both together have no room on the line."""
    return clipped(party, max(MOST_PARTY, 2 * MOST_PARTY - len(other)))


def terms_in_words(contracts: Sequence[Contract], rows: int) -> tuple[str, ...]:
    """Return the terms as sentences, as many as the foot has room for."""
    found = [clipped(word, MOST_LETTERS) for contract in contracts for word in words_of(contract)[1:]]
    fit = room_for([len(word) for word in found], rows, TERM_LETTERS)
    return (*found[:fit], *_left_out(len(found) - fit, "term"))


def remarks(answer: Answer, assumed: Sequence[str], rows: int) -> tuple[Remark, ...]:
    """Return flags, then assumptions, as many as the foot has room for."""
    flags = [Remark(clipped(flag["text"], MOST_LETTERS), flag["code"].replace("_", " ")) for flag in answer["flags"]]
    found = [*flags, *(Remark(clipped(text, MOST_LETTERS)) for text in assumed)]
    fit = room_for([len(one.mark) + len(one.text) for one in found], rows, REMARK_LETTERS)
    return (*found[:fit], *map(Remark, _left_out(len(found) - fit, "remark")))


def room_for(lengths: Sequence[int], rows: int, letters: int) -> int:
    """Return how many texts the foot has room for, beside a table of so many rows, at so many letters a line."""
    left = ROOM_MM - ROW_MM * rows
    for place, length in enumerate(lengths):
        left -= LINE_MM * math.ceil(length / letters) + GAP_MM
        is_last = place == len(lengths) - 1
        if left < (0.0 if is_last else LINE_MM + GAP_MM):  # a line to say how many are left out
            return place
    return len(lengths)


def _left_out(count: int, name: str) -> Iterator[str]:
    if count:
        yield (
            f"{count} more {name} stands in the JSON answer."
            if count == 1
            else (f"{count} more {name}s stand in the JSON answer.")
        )


def foot(answer: Answer, seal: str, day: str) -> tuple[str, ...]:
    """Return where the page comes from: the id of the answer, the day, the model and the release."""
    model = answer["model"]
    made_by = "no model" if model is None else f"model {model['version']}, bundle {model['bundle'][:12]}"
    return (seal, f"as of {day}", made_by, f"release {release()}")
