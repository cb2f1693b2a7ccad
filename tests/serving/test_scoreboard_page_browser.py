"""The scoreboard's page in a browser: readable on a screen, a phone and paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

SCREEN, PHONE, PAPER = (1040, 1400), (390, 800), (698, 1020)  # pixels; paper within its margins
NARROW = "document.documentElement.scrollWidth <= innerWidth"
CUT = "[...document.querySelectorAll('.wide')].filter(one => one.scrollWidth > one.clientWidth).length"


@pytest.fixture
def given(scoreboard_html: Any) -> Any:
    return scoreboard_html


def shown(browser: Browser, html: str, folder: Path, size: tuple[int, int]) -> tuple[Page, list[str]]:
    """Return a page opened from a file at a size, and everything it complained of or asked for."""
    (folder / "page.html").write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.extend([] if request.url.startswith(("file:", "data:")) else [request.url]))
    page.goto((folder / "page.html").as_uri())
    return page, told


@pytest.mark.parametrize("size", [SCREEN, PHONE])
def test_a_screen_and_a_phone_show_the_page_without_scrolling_sideways(
    given: Any, browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    page, told = shown(browser, given.text, tmp_path, size)
    assert told == []
    assert page.evaluate(NARROW)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate(NARROW)
    assert page.evaluate(CUT) == 0
    page.close()


def test_a_phone_shows_each_row_as_a_card_whose_cells_say_what_they_are(
    given: Any, browser: Browser, tmp_path: Path
) -> None:
    page, _ = shown(browser, given.text, tmp_path, PHONE)
    row = page.locator("tbody tr").first
    assert row.evaluate("one => getComputedStyle(one).display") == "grid"
    first = row.locator("td").first
    assert first.evaluate("one => getComputedStyle(one, '::before').content") == '"market"'
    page.close()


def test_long_lists_are_folded_on_a_screen_and_whole_on_paper(given: Any, browser: Browser, tmp_path: Path) -> None:
    page, _ = shown(browser, given.text, tmp_path, PAPER)
    lists = page.locator("details table")
    shown_now = [lists.nth(n).evaluate("one => one.checkVisibility({contentVisibilityAuto: true})") for n in range(2)]
    page.emulate_media(media="print")
    heights = [lists.nth(n).bounding_box() for n in range(lists.count())]
    assert shown_now == [False, False]
    assert len(heights) > 5
    assert all(box and box["height"] > 20 for box in heights)
    page.close()


def test_on_paper_nothing_is_cut_off(given: Any, browser: Browser, tmp_path: Path) -> None:
    page, told = shown(browser, given.text, tmp_path, PAPER)
    page.emulate_media(media="print")
    assert told == []
    ends = "[...document.querySelectorAll('main *')].map(e => e.getBoundingClientRect().right)"
    assert max(page.evaluate(ends)) <= PAPER[0] + 1
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert 2 <= len(re.findall(rb"/Type\s*/Page[^s]", pdf)) <= 14
    page.close()
