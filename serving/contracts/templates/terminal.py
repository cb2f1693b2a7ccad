"""Contract templates as a person reads them."""

from __future__ import annotations

from typing import Any

import yaml
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from serving.terminal import Answer

INDENT = 2


def listed(answer: Answer) -> RenderableType:
    """Return the templates, each with how many inputs it asks for."""
    lines: list[RenderableType] = []
    for one in answer["templates"]:
        asked = f"Asks for {len(one['required_inputs'])} inputs: {', '.join(one['required_inputs'])}."
        lines += [Text(f"{one['name']}: {one['title']}", style="bold"), _indented(one["about"])]
        lines += [_indented(f"Status: {one['status']}. {asked}", style="dim")]
    return Group(*lines, Text("`fairprice templates NAME` shows sources and questions."))


def template(answer: Answer) -> RenderableType:
    """Return one template: what is public with its source, what to ask, what a settlement needs."""
    lines: list[RenderableType] = [Text(answer["title"], style="bold"), Text(answer["about"])]
    lines += [Text(f"Status: {answer['status']}."), Text("\nPublic", style="bold")]
    for fact in answer["public"]:
        lines += [Text(f"- {fact['term']}:"), _indented(fact["says"])]
        lines += [_indented(f"{fact['source']} ({fact['as_of']}, confidence {fact['confidence']})", style="dim")]
    lines += [Text("\nNot public: the inputs", style="bold")]
    for one in answer["inputs"]:
        lines += [Text(f"- {one['name']}{_standing(one)}:"), _indented(one["asks"])]
        lines += [_indented(one["allowed"], style="dim")]
    lines += [Text("\nA settlement also needs", style="bold"), *(Text(f"- {need}") for need in answer["needs"])]
    return Group(*lines)


def filled(answer: Answer) -> RenderableType:
    """Return the whole contract as YAML, for the file of a what-if."""
    written = yaml.safe_dump({"contract": answer["contract"]}, sort_keys=False, allow_unicode=True, width=110)
    needs = (Text(f"# needs {need}", style="dim") for need in answer["needs"])
    return Group(Text(f"# {answer['title']}", style="dim"), *needs, Text(written.rstrip()))


def _indented(text: str, style: str = "") -> RenderableType:
    """Return a text whose lines all stand below the name that they belong to."""
    return Padding(Text(text, style=style), (0, 0, 0, INDENT))


def _standing(one: dict[str, Any]) -> str:
    if one["public_figure"] is not None:
        return f" (public: {one['public_figure']:,})"
    return "" if one["required"] else " (may be left out)"
