"""What a file for `fairprice whatif` may ask, section by section; each is answered as its address over HTTP.

A section is added by a row of SECTIONS: the names of the file it takes, whether they ask it, the question, the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.console import RenderableType

from serving.bodies import write_body
from serving.contracts.implied.desk import implied
from serving.contracts.implied.terminal import implied_table
from serving.contracts.settlements.desk import settlement
from serving.contracts.settlements.terminal import settlement_tables
from serving.contracts.solutions.terminal import comparison_tables, solution_tables
from serving.contracts.sums.desk import SUMS, sums
from serving.contracts.sums.terminal import sums_table
from serving.contracts.valuations import sections as values
from serving.contracts.valuations.terminal import valuation_tables
from serving.desk import Desk
from serving.terminal import Answer

Values = Mapping[str, object]
OpenDesk = Callable[[], Desk]
CONTRACT, FACTS, IMPLIED, SETTLEMENT = "contract", "facts", "implied", "settlement"
SETTLE_THROUGH = "settle_through"
BESIDE_A_SETTLEMENT = ("under_indices", "slip")


@dataclass(frozen=True, slots=True)
class Section:
    """A question of a file: its name, the file's names it takes, whether they ask it, who answers, who shows."""

    name: str
    takes: tuple[str, ...]
    asked: Callable[[Values], bool]
    ask: Callable[[Values, OpenDesk], bytes]
    show: Callable[[Answer], RenderableType]

    def body(self, values: Values) -> dict[str, object]:
        """Return what the file says to this section."""
        return {name: values[name] for name in self.takes if name in values}


def named(name: str) -> Callable[[Values], bool]:
    """Return whether a file has a name."""
    return lambda values: name in values


def _settles(values: Values) -> bool:
    """Return whether a contract is to be settled: with facts, unless these serve another section of the file.

    A day to settle through, other indices or a slip ask it beside any other section.
    """
    facts = values.get(FACTS)
    through = isinstance(facts, Mapping) and facts.get(SETTLE_THROUGH) is not None
    if through or any(name in values for name in BESIDE_A_SETTLEMENT):
        return True
    others = [one for one in SECTIONS if CONTRACT in one.takes and one.name != SETTLEMENT]
    return (CONTRACT in values or FACTS in values) and not any(one.asked(values) for one in others)


def _settlement(values: Values, open_desk: OpenDesk) -> bytes:
    return write_body(settlement(values, lambda: open_desk().book))


def _implied(values: Values, _open_desk: OpenDesk) -> bytes:
    return write_body(implied(values[IMPLIED], IMPLIED))


def _sums(values: Values, _open_desk: OpenDesk) -> bytes:
    return write_body(sums(values))


SECTIONS: list[Section] = [
    Section(SETTLEMENT, (CONTRACT, FACTS, *BESIDE_A_SETTLEMENT), _settles, _settlement, settlement_tables),
    Section(IMPLIED, (IMPLIED,), named(IMPLIED), _implied, implied_table),
    Section(SUMS, (SUMS,), named(SUMS), _sums, sums_table),
    Section("valuation", values.OF_VALUE, values.asks_value, values.value, valuation_tables),
    Section("solution", values.OF_SOLUTION, values.asks_solution, values.solution, solution_tables),
    Section("comparison", values.OF_COMPARISON, values.asks_comparison, values.comparison, comparison_tables),
]
