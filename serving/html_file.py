"""An HTML file that needs nothing else and runs nothing: a template, a style of its own, and every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

HTML = "text/html; charset=utf-8"
NO_FRAMES = "frame-ancestors 'none'"


def html_file(template: str, style: str, told: Mapping[str, object]) -> bytes:
    """Return the bytes of a file: a template of `static/` filled, with a style sheet of `static/` inside."""
    inside = {"style": Markup(_static(style)), "policy": policy_of(style)}  # noqa: S704 - our own
    return _template(template).render(**told, **inside).encode()


def policy_of(style: str) -> str:
    """Return the policy of such a file: its own style by digest, no script, nothing from elsewhere."""
    digest = base64.b64encode(hashlib.sha256(_static(style).encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


@cache
def _template(name: str) -> Template:
    found = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_static))
    return found.get_template(name)


@cache
def _static(name: str) -> str:
    return files("serving").joinpath("static", name).read_text(encoding="utf-8").strip()
