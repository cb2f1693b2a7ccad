"""Negotiators' sums as a person reads them: the sentence, the figures, what was left open."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from serving.terminal import NONE, Answer

HIDDEN_ZEROS = 4  # decimals beyond which a figure is not written


def sums_table(answer: Answer) -> RenderableType:
    """Return the sums of a request in their order."""
    return Group(*(line for item in answer["sums"] for line in _item(item)))


def _item(item: Answer) -> Iterator[RenderableType]:
    if item["error"] is not None:
        yield Text(f"{item['index']}: refused", style="red")
        for fault in item["error"]["faults"]:
            near = f" Did you mean {fault['nearest']}?" if fault["nearest"] else ""
            yield Text(f"   {fault['path']}: found {fault['found']}; allowed: {fault['allowed']}.{near}", style="red")
        return
    found = item["answer"]
    yield Text(f"{item['index']}: {found['kind']}. {found['says']}", style="bold")
    for name, amount in found["figures"].items():
        yield Text(f"   {name} {_number(amount)}")
    for case, figures in found["cases"].items():
        yield Text(f"   {case}: {', '.join(f'{name} {_number(amount)}' for name, amount in figures.items())}")
    if (asks := found["asks"]) is not None:
        yield Text(f"   ? {asks['field']}: {' or '.join(asks['one_of'])}? {asks['why']}.", style="yellow")
    for flag in found["flags"]:
        yield Text(f"   ! {flag['text']}", style="yellow")
    yield Text(f"   {found['how']}.", style="dim")


def _number(amount: float | None) -> str:
    if amount is None:
        return NONE
    written = f"{amount:,.{HIDDEN_ZEROS}f}".rstrip("0").rstrip(".")
    return written if len(written.partition(".")[2]) != 1 else f"{written}0"
