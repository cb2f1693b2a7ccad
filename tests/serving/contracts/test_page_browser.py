"""The printed page of a contract in a browser: one sheet on the screen and on paper, and nothing in it runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .test_page import PAGES

A4_PX, SCREEN = (794, 1123), {"width": 900, "height": 1250}


def shown(browser: Browser, html: str, folder: Path) -> tuple[Page, list[str]]:
    """Return a page opened from a file, as a reader would, and everything it complained of or asked for."""
    (folder / "page.html").write_text(html, encoding="utf-8")
    page = browser.new_page(viewport=SCREEN)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    page.on("request", lambda request: told.extend([] if request.url.startswith(("file:", "data:")) else [request.url]))
    page.goto((folder / "page.html").as_uri())
    return page, told


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_one_sheet_in_a_browser_and_on_paper(browser: Browser, name: str, tmp_path: Path) -> None:
    page, told = shown(browser, PAGES[name](), tmp_path)
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_PX[0], "height": A4_PX[1]})
    ends = "[...document.querySelectorAll('main *')].map(e => e.getBoundingClientRect()).map(r => [r.right, r.bottom])"
    right, bottom = zip(*page.evaluate(ends), strict=True)
    assert (max(right) <= A4_PX[0], max(bottom) <= A4_PX[1]) == (True, True)
    foot = page.evaluate("document.querySelector('footer').getBoundingClientRect().top")
    assert page.evaluate("document.querySelector('.foot').getBoundingClientRect().bottom") <= foot
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1
    page.close()


def test_hostile_names_are_shown_as_text_and_make_no_element(browser: Browser, tmp_path: Path) -> None:
    page, told = shown(browser, PAGES["hostile"](), tmp_path)
    assert told == []
    assert page.inner_text("h1").startswith("<img src=x onerror")
    assert page.query_selector("img, script, iframe, object, [onerror]") is None
    page.close()


def test_a_script_put_into_the_page_does_not_run(browser: Browser, tmp_path: Path) -> None:
    """The policy itself holds, not the escaping alone."""
    planted = "<script>document.title = 'ran'</script><p style='color:red'>x</p></main>"
    page, told = shown(browser, PAGES["settled"]().replace("</main>", planted), tmp_path)
    assert page.title() == "price floor"
    assert len([one for one in told if "Content Security Policy" in one]) >= 2
    page.close()
