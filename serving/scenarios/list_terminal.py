"""Levers and presets as a person reads them."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from pricing.levers.words import number
from serving.terminal import origin
from serving.terminal_tables import new_table

Answer = dict[str, Any]


def lever_families(answer: Answer) -> RenderableType:
    """Return the levers by group and family, by the names that stand after the family's."""
    title = f"Levers, {len(answer['levers'])} of them: a name is a family and one of its members, such as wages.china"
    table = new_table(title, "group", "family", "members", words=3)
    table.columns[-1].no_wrap = False
    families: dict[tuple[str, str], list[str]] = {}
    for lever in answer["levers"]:
        family, _, member = lever["name"].partition(".")
        families.setdefault((lever["group"], family), []).append(member)
    for group in answer["groups"]:
        for (place, family), members in families.items():
            if place == group:
                table.add_row(group, family, ", ".join(member for member in members if member))
    more = "`fairprice levers --group GROUP` lists baselines and ranges of evidence, `--all` of every group."
    return Group(table, Text(more, style="dim"), origin(answer["model"]))


def levers(answer: Answer) -> RenderableType:
    """Return the levers with their baseline and the range of evidence."""
    months = f"months {answer['first_month']} to {answer['last_month']}"
    title = f"Levers, baseline of {answer['month']}; {months} may be named; --json has sources and bounds"
    table = new_table(title, "lever", "baseline", "evidence from", "to", "ways", "unit", words=1)
    for lever in answer["levers"]:
        low, high = (number(edge) for edge in lever["range_of_evidence"])
        row = (lever["name"], number(lever["baseline"]), low, high, ", ".join(lever["ways"]), escape(lever["unit"]))
        table.add_row(*row)
    table.columns[0].no_wrap = True
    table.columns[-1].justify, table.columns[-1].no_wrap = "left", False
    return Group(table, origin(answer["model"]))


def presets(answer: Answer) -> RenderableType:
    """Return the named scenarios with their overrides, sources and assumptions."""
    lines: list[RenderableType] = []
    for preset in answer["presets"]:
        rows = "; ".join(" ".join(f"{name} {value}" for name, value in row.items()) for row in preset["overrides"])
        lines += [Text(f"{preset['name']}: {preset['title']}", style="bold"), Text(f"  {rows}")]
        lines.append(Text(f"  {preset['note']} Source: {preset['source']} ({preset['as_of']}).", style="dim"))
    return Group(*lines)
