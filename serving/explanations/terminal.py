"""An explanation on a screen of 80 columns: flags, sentences, then the lines as tables."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from serving.terminal import NONE, Answer, of_range, origin, signed
from serving.terminal_tables import new_table

REGIONS = {"china": "in China", "ex_china": "outside China"}
CHANGE_NOTE = (
    "Costs are real and at steady exchange rates. plants: cost the price does not follow is in it. data revision: "
    "earlier months' market found larger or smaller. new evidence: draws weighed anew by a year of prices and output. "
    "Where a month has no point, a line is its size at the low and at the high end of the price's 80 % interval: no "
    "bounds of the line; each column adds up to the change of its end."
)
WIDEST = 10
TORNADO_NOTE = "The price with one parameter at the prior's 10 and 90 % point; learnt: no is not identified."
PRIORS_NOTE = "A line with a band alone rests on priors, or the month has no point; 80 % of draws."


def explanation(answer: Answer) -> RenderableType:
    """Return an explanation for the screen."""
    if answer["unchanged"]:
        told = [flag["text"] for flag in answer["flags"] if flag["code"] == "quoted_otherwise"]
        return Group(*(Text(sentence) for sentence in (*answer["words"], *told)), origin(answer["model"]))
    span = f"{answer['first']['month']} to {answer['last']['month']}"
    title = f"[b]{answer['material']}[/b] {span}; {answer['vintage']}. {answer['basis']}."
    parts: list[RenderableType] = [title]
    parts += [Text(f"! {flag['text']}", style="yellow") for flag in answer["flags"]]
    parts += [Text(f"- {sentence}") for sentence in answer["words"]]
    if answer["parts_of_change"]:
        parts.append(_change(answer))
    if answer["last"]["cost_stack"]:
        parts.append(_stack(answer))
    parts += [_gap(REGIONS[region], at) for region, at in answer["markets"].items() if at["last"]["parts"]]
    parts += _doubt(answer["doubt"]) if answer["doubt"] else []
    return Group(*parts, origin(answer["model"]))


def _change(answer: Answer) -> Table:
    table = new_table("What moved the fair price", "line", "USD/kg", "low end", "high end", words=1)
    for line in (*answer["parts_of_change"], answer["change"]):
        table.add_row(line["title"], *(signed(line[name]) for name in ("value", "low", "high")))
    table.caption = f"{CHANGE_NOTE}\n"
    return table


def _stack(answer: Answer) -> Table:
    first, last = answer["first"], answer["last"]
    columns = (first["month"], "low end to high end", last["month"], "low end to high end")
    table = new_table("What the fair price is made of", "part", *columns, words=1)
    before = {line["item"]: line for line in first["cost_stack"]}
    for line in last["cost_stack"]:
        table.add_row(line["title"], *_cells(before.get(line["item"])), *_cells(line))
    table.add_row("fair price", *_cells(first["fair"]), *_cells(last["fair"]))
    return table


def _gap(where: str, at: Answer) -> Table:
    first, last = at["first"], at["last"]
    columns = (first["month"], last["month"], "change", f"band {last['month']}")
    table = new_table(f"Market less fair {where}", "part", *columns, words=1)
    before = {part["item"]: part["value"] for part in first["parts"]}
    moved = {part["item"]: part["value"] for part in at["parts_of_market_change"]}
    for part in last["parts"]:
        cells = (signed(before.get(part["item"])), signed(part["value"]), signed(moved.get(part["item"])))
        table.add_row(part["title"], *cells, of_range(part["low"], part["high"]))
    table.add_row(
        "market less fair", signed(first["total"]), signed(last["total"]), NONE, of_range(last["low"], last["high"])
    )
    table.caption = f"{PRIORS_NOTE}\n"
    return table


def _doubt(doubt: Answer) -> list[RenderableType]:
    """Return a tornado of the widest priors, and the range over assumption sets."""
    tornado = new_table(
        f"What {doubt['month']} owes to its priors", "parameter", "at 10 %", "at 90 %", "learnt", words=1
    )
    for prior in doubt["priors"][:WIDEST]:
        if prior["swing_low"] is not None:
            swings = (f"{prior[edge]:+.1%}" for edge in ("swing_low", "swing_high"))
            tornado.add_row(prior["parameter"], *swings, "yes" if prior["identified"] else "no")
    tornado.caption = f"{TORNADO_NOTE}\n"
    sets = new_table(f"{doubt['month']} under other assumptions", "set", "USD/kg", "of headline", words=1)
    for line in doubt["assumptions"]:
        sets.add_row(line["assumption_set"].replace("_", " "), signed(line["fair"], ""), f"{line['ratio'] - 1:+.1%}")
    return [table for table in (tornado, sets) if table.row_count]


def _cells(line: Answer | None) -> tuple[str, str]:
    return (NONE, NONE) if line is None else (signed(line["value"], ""), of_range(line["low"], line["high"]))
