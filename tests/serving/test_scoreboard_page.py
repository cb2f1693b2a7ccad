"""The scoreboard as a page: it says what it is, runs nothing and believes no text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from serving import cli
from serving.forecasts.schemas import RecordRow
from serving.scoreboard.page_charts import Plane
from serving.scoreboard.page_tables import skill_table
from serving.scoreboard.schemas import SeriesOut

from .test_forecasts import published

EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script>&\''


@pytest.fixture
def given(scoreboard_html: Any) -> Any:
    return scoreboard_html


@dataclass(frozen=True)
class Place:
    """What a table of skill reads of the scores that a row belongs to."""

    place: str


class Tags(HTMLParser):
    """Collects the tags of a page and the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_page_holds_no_script_no_inline_style_and_no_address(given: Any) -> None:
    assert given.headers["content-type"] == "text/html; charset=utf-8"
    policy = given.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("frame-ancestors 'none'")
    found = Tags()
    found.feed(given.text)
    assert not {"script", "img", "iframe", "form"} & set(found.tags)
    assert not [one for one in found.attributes if one == "style" or one.startswith("on") or one == "src"]
    assert "://" not in given.text


def test_the_page_says_first_what_is_replayed_and_what_was_published(given: Any) -> None:
    top = given.text.partition("</header>")[0]
    assert "Replayed: each month was computed again by today" in top
    assert "all are replayed." in top
    told = ("How often we were right", "Forecasts: coverage and skill", "Forecasts that went badly",
            "Did the market move towards the fair price?", "Fair prices revised most", "Markets that went elsewhere",
            "Series without true vintages", "is not a forecast of the market", "release")  # fmt: skip
    assert [text for text in told if text not in given.text] == []


def test_each_figure_at_the_top_says_what_it_is(given: Any) -> None:
    """How forecasts held and missed comes first; a fair price that stayed in its interval was not proved right."""
    tiles = given.text.partition('<dl class="tiles">')[2].partition("</dl>")[0]
    assert "first 80 % intervals hold today&#39;s figure of the same model; no test of the price" in tiles
    assert tiles.count("<strong>") == tiles.count("<dd>")


def test_each_material_has_its_charts_where_there_is_something_to_draw(given: Any) -> None:
    """NdPr and Dy have fair prices and forecasts FOB; Tb is refused and has neither; shares need a record."""
    judged = {str(row["material"]) for row in published()["record"]}
    charts = re.findall(r"<figcaption>(\w+)(.*?)</figcaption>", given.text)
    assert [name for name, title in charts if "fair price as known" in title] == ["NdPr", "Dy"]
    assert [name for name, title in charts if "FOB China" in title] == ["NdPr", "Dy"]
    assert [name for name, title in charts if "inside the interval" in title] == [
        name for name in ("NdPr", "Dy", "Tb") if name in judged
    ]


def test_the_page_of_one_material_tells_of_no_other(judged: Any) -> None:
    one = judged.get("/v1/scoreboard", params={"format": "html", "material": "Dy", "kind": "fair"}).text
    assert re.findall(r"<h2>(.*?)</h2>", one) == ["Dy", "All together"]
    assert "Forecasts that went badly" not in one


def test_hostile_names_are_shown_as_text(
    client_of: Callable[..., Any], judged_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = (SeriesOut(EVIL, EVIL, EVIL, EVIL, EVIL, (EVIL,)),)
    monkeypatch.setattr("serving.scoreboard.answer.SeriesOut", lambda *_: series[0])
    html = client_of(judged_folder).get("/v1/scoreboard", params={"format": "html"}).text
    assert "<img" not in html
    assert "<script" not in html
    assert "&lt;img src=x onerror" in html


def test_the_same_model_gives_the_same_page_over_both_doors(
    given: Any, judged_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(judged_folder))
    assert cli.app(["scoreboard", f"--html={tmp_path / 'page.html'}"]) == 0
    assert (tmp_path / "page.html").read_bytes() == given.content
    assert cli.app(["scoreboard", "Tb", "--kind=fair", f"--html={tmp_path / 'nowhere' / 'page.html'}"]) == 2


@pytest.mark.parametrize(
    ("origins", "first", "last", "said"),
    [
        ("headline", "2014-01", "2025-02", "2014 on"),
        ("to_2018", "2018-01", "2018-12", "to 2018"),
        ("from_2019", "2019-01", "2025-02", "2019 on"),
        ("boom_2022", "2022-01", "2022-12", "2022"),
        ("panic_2011", "2011-01", "2012-12", "2011 to 2012"),
    ],
)
def test_a_half_of_the_record_reads_as_one_and_not_as_a_year(origins: str, first: str, last: str, said: str) -> None:
    """Dy has no domestic quote before 2018: its half to 2018 begins there."""
    numbers = {one.name: 0 for one in fields(RecordRow)} | {"material": "Dy", "skill": ""}
    row = RecordRow(**(numbers | {"months_ahead": 1, "origins": origins, "first_origin": first, "last_origin": last}))  # type: ignore[arg-type]
    at: Any = Place("fob_china")
    assert skill_table("", [(at, row)]).rows[0][2] == said


def test_a_line_breaks_where_there_is_no_price_and_marks_are_round() -> None:
    plane = Plane.over(["2020-01", "2021-12"], [40.0, 160.0])
    lines = list(plane.lines([(0.0, 50.0), (1.0, 60.0), (2.0, None), (3.0, 50.0), (4.0, 55.0), (5.0, None)], "fair"))
    assert [len(line.points.split()) for line in lines] == [2, 2]
    assert [tick.text for tick in plane.y_ticks()] == ["50", "70", "100", "150"]
    assert [tick.text for tick in plane.x_ticks()] == ["2020", "2021"]
