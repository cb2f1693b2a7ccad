"""Answers as a person reads them in 80 columns: the basis above each table, flags last, and no digit ever cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from pricing.errors import FairPriceError, InputError
from serving.terminal_tables import fitted, width_of

Answer = dict[str, Any]
NONE = "-"
STATUS_FLAGS = ("band", "refused")  # told first; the other flags stand last
WHOLE_FROM = 10_000  # prices per tonne and in yen: no decimals, the JSON answer has them


def faults(fault: FairPriceError) -> RenderableType:
    """Return what is wrong with a request for the screen."""
    if not isinstance(fault, InputError):
        return Text(str(fault))
    return Text("\n".join(str(one) for one in fault.faults))


def show(answer: RenderableType) -> None:
    """Print an answer: no wider than the terminal, nor than reads well; a table that is too wide is told in parts."""
    console = Console(highlight=False)
    console.width = width_of(console)
    console.print(fitted(console, answer, console.width), crop=False)


def errors() -> Console:
    """Return the console for what is not an answer: standard error."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on a terminal that something is under way."""
    console = errors()
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


def notes(answer: Answer) -> list[RenderableType]:
    """Return what stands last: flags, the quote id, the model."""
    flags = [flag for flag in answer["flags"] if flag["code"] not in STATUS_FLAGS]
    whole = Text(f"quote {answer['quote_id']}", style="dim", no_wrap=True, overflow="ignore")  # to be copied
    return [*(Text(f"! {flag['text']}", style="yellow") for flag in flags), whole, origin(answer["model"])]


def origin(model: Answer) -> Text:
    """Return which model answered."""
    words = f"model {model['name']} {model['version']} ({model['source']}), bundle {model['bundle'][:12]}"
    return Text(f"{words}, method {model['method']}", style="dim")


def data_lines(answer: Answer) -> Iterator[Text]:
    """Yield the model and the data that an answer rests on; nothing where every price was the caller's."""
    if answer["model"] is not None:
        yield origin(answer["model"])
        yield Text(f"data {answer['snapshot'][:12]}", style="dim")


def price_text(value: float | None, sign: str = "") -> str:
    """Return a price with two decimals, or none from WHOLE_FROM; a dash where there is none."""
    if value is None:
        return NONE
    return f"{value:{sign},.0f}" if abs(value) >= WHOLE_FROM else f"{value:{sign},.2f}"


def signed(value: float | None, sign: str = "+") -> str:
    """Return a price with its sign."""
    return price_text(value, sign)


def of_range(low: float | None, high: float | None, written: Callable[[float], str] = price_text) -> str:
    """Return a band; a dash where there is none."""
    return NONE if low is None or high is None else f"{written(low)} to {written(high)}"
