"""The printed page of a contract as HTML: one file that needs nothing else, runs nothing, escapes what it was told."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from serving.contracts.page.charts import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH
from serving.contracts.page.content import Page
from serving.contracts.page.payoff import NONE_DRAWN

HTML = "text/html; charset=utf-8"
TEMPLATE, STYLE = "contract_page.html.j2", "contract_page.css"
PLACES = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "bottom": BOTTOM}


def page_html(page: Page) -> bytes:
    """Return a page as the bytes of an HTML file."""
    style = _static(STYLE)
    told = {"page": page, "style": Markup(style), "policy": policy(), "no_payoff": NONE_DRAWN}  # noqa: S704 - our own
    return _template().render(**told, **PLACES).encode()


def policy() -> str:
    """Return the policy of the page: its own style by digest, no script, nothing from elsewhere."""
    digest = base64.b64encode(hashlib.sha256(_static(STYLE).encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


@cache
def _template() -> Template:
    found = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_static))
    return found.get_template(TEMPLATE)


@cache
def _static(name: str) -> str:
    return files("serving").joinpath("static", name).read_text(encoding="utf-8").strip()
