"""What the OpenAPI document says about the shapes of a contract's answer."""

from __future__ import annotations

from typing import Any

from serving.contracts.page.formats import MEDIA, Shape
from serving.documentation import JsonSchema

ABOUT = "json, xlsx: a workbook with live totals, or html: one printed page; left out, the Accept header decides."


def format_parameter(offered: tuple[Shape, ...]) -> JsonSchema:
    """Return the parameter that names a shape."""
    return {
        "name": "format",
        "in": "query",
        "required": False,
        "schema": {"type": "string", "enum": [shape.value for shape in offered]},
        "description": ABOUT if Shape.XLSX in offered else ABOUT.replace("xlsx: a workbook with live totals, or ", ""),
    }


def in_shapes(
    described: dict[int | str, dict[str, Any]], offered: tuple[Shape, ...]
) -> dict[int | str, dict[str, Any]]:
    """Return documented answers whose good one comes in several shapes."""
    others: dict[str, Any] = {MEDIA[shape].partition(";")[0]: {} for shape in offered if shape is not Shape.JSON}
    return {**described, 200: {**described[200], "content": others}}
