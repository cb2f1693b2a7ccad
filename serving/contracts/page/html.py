"""The printed page of a contract as HTML."""

from __future__ import annotations

from serving.contracts.page.charts import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH
from serving.contracts.page.content import Page
from serving.contracts.page.payoff import NONE_DRAWN
from serving.html_file import HTML, html_file, policy_of

__all__ = ["HTML", "page_html", "policy"]

TEMPLATE, STYLE = "contract_page.html.j2", "contract_page.css"
PLACES = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "bottom": BOTTOM}


def page_html(page: Page) -> bytes:
    """Return a page as the bytes of an HTML file."""
    return html_file(TEMPLATE, STYLE, {"page": page, "no_payoff": NONE_DRAWN, **PLACES})


def policy() -> str:
    """Return the policy of the page."""
    return policy_of(STYLE)
