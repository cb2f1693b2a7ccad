"""The printed page of a contract: one sheet, in a browser and on paper, that runs nothing and believes no text."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
import yaml
from httpx import Client
from typer.testing import CliRunner

from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.reading import read
from pricing.errors import MissingModelError
from serving.book import Book
from serving.cli import build
from serving.contracts.outlook.model import ModelPrices
from serving.contracts.page.formats import Shape, settlement_given, shape_of, valuation_given
from serving.contracts.page.money import percent, usd
from serving.contracts.page.payoff import payoff_chart
from serving.contracts.settlements.desk import settlement_of
from serving.contracts.settlements.documentation import QUARTER
from serving.contracts.settlements.words import unit_of_goods
from serving.contracts.templates.documentation import JARE_INPUTS
from serving.contracts.valuations.desk import valuation_of
from serving.contracts.valuations.documentation import FOUR_STATES, ON_PATHS, UNDISCOUNTED, terms
from serving.contracts.xlsx.workbook import XLSX

EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script>&\'"'
SETTLEMENTS, VALUATIONS = "/v1/contracts/settlements", "/v1/contracts/valuations"
JARE = {"template": "lynas_jare", "inputs": JARE_INPUTS}
BOTH = {"contract": JARE, "outlook": FOUR_STATES, "parties": UNDISCOUNTED}


def no_book() -> Book:
    msg = "none"
    raise MissingModelError(msg)


def bytes_of(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


def settled(body: dict[str, Any]) -> str:
    sent = bytes_of(body)
    return settlement_given(Shape.HTML, sent, settlement_of(sent, pytest.fail)).content.decode()


def valued(body: dict[str, Any]) -> str:
    sent = bytes_of(body)
    answer = valuation_of(sent, ModelPrices(no_book, pytest.fail))
    return valuation_given(Shape.HTML, sent, answer).content.decode()


def crowded() -> dict[str, Any]:
    """Return a contract of many years with long names and as many clauses as a person would read."""
    floors = [{"kind": "share", "name": f"share_{n}_{'x' * 40}", "reference": "benchmark", "above_usd_per_kg": 110 + n,
               "share_above": 0.01} for n in range(14)]  # fmt: skip
    first = {"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_kg": 110}
    long = {"name": "N" * 120, "buyer": "B " * 60, "seller": "S" * 120, "to": "2055-12-31"}
    return {"contract": terms(first, *floors, **long), "outlook": FOUR_STATES, "parties": UNDISCOUNTED}


PAGES = {
    "settled": lambda: settled(QUARTER),
    "valued": lambda: valued(ON_PATHS),
    "template": lambda: valued(BOTH),
    "crowded": lambda: valued(crowded()),
    "hostile": lambda: settled(QUARTER | {"contract": QUARTER["contract"] | {"name": EVIL, "buyer": EVIL}}),
}


class Tags(HTMLParser):
    """Collects the tags of a page and the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("name", ["settled", "valued", "hostile"])
def test_a_page_holds_no_script_no_inline_style_and_no_address(name: str) -> None:
    html = PAGES[name]()
    found = Tags()
    found.feed(html)
    assert not {"script", "img", "iframe", "form"} & found.tags
    assert not [one for one in found.attributes if one == "style" or one.startswith("on") or one == "src"]
    assert "://" not in html
    assert "unsafe" not in html


def test_a_page_says_what_a_reader_looks_for() -> None:
    html = valued(ON_PATHS)
    told = ("price protection", "the seller sells to the buyer", "Worth to the seller", "standard error", "Payoff",
            "P(floor binds)", "P5 to P95", "P50", "floor pays", "deck is not a forecast", "as of 2026-01-01",
            "no model", "valuation.", "release")  # fmt: skip
    assert [text for text in told if text not in html] == []


def test_the_same_answer_gives_the_same_page() -> None:
    assert valued(ON_PATHS) == valued(ON_PATHS)
    assert settled(QUARTER) == settled(QUARTER)


def test_a_payoff_is_what_the_clauses_pay() -> None:
    """Floor 110 with 30 % above: at 50 it pays 60, at 110 nothing, at 160 it takes 15."""
    row = QUARTER["contract"] | {
        "clauses": [
            QUARTER["contract"]["clauses"][0],
            {"kind": "share", "name": "share", "reference": "benchmark", "above_usd_per_kg": 110, "share_above": 0.3},
        ]
    }
    chart = payoff_chart(read(json.loads(json.dumps(row)), Contract))
    assert chart is not None
    points = [tuple(map(float, pair.split(","))) for pair in chart.lines[-1].points.split()]
    by_text = {tick.text: tick.at for tick in chart.y_ticks}
    xs = {tick.text: tick.at for tick in chart.x_ticks}
    per_usd = (by_text["0"] - by_text["20"]) / 20
    at_100 = min(points, key=lambda point: abs(point[0] - xs["100"]))
    at_150 = min(points, key=lambda point: abs(point[0] - xs["150"]))
    assert (by_text["0"] - at_100[1]) / per_usd == pytest.approx(10, abs=0.3)
    assert (by_text["0"] - at_150[1]) / per_usd == pytest.approx(-12, abs=0.3)


def test_a_contract_on_several_oxides_has_no_payoff_diagram() -> None:
    carbonate = {
        "kind": "carbonate",
        "name": "price",
        "oxide_kg_per_kg_treo": {"NdPr": 0.22},
        "payable_share": 0.7,
        "moisture_share": 0.05,
        "treo_share": 0.5,
    }
    references = {"NdPr": QUARTER["contract"]["references"]["benchmark"]}
    body = QUARTER | {"contract": QUARTER["contract"] | {"clauses": [carbonate], "references": references}}
    assert "pays on no single reference" in settled(body)


@pytest.mark.parametrize(
    ("accept", "query", "shape"),
    [
        (None, [], Shape.JSON),
        ("*/*", [], Shape.JSON),
        ("text/html,application/xhtml+xml,*/*;q=0.8", [], Shape.HTML),
        (f"{XLSX};q=0.9", [], Shape.XLSX),
        ("application/json, text/html", [], Shape.JSON),
        ("text/html", [("format", "json")], Shape.JSON),
        ("image/png", [], Shape.JSON),
    ],
)
def test_the_request_chooses_the_shape(accept: str | None, query: list[tuple[str, str]], shape: Shape) -> None:
    assert shape_of(query, accept, tuple(Shape)) is shape


def test_every_shape_comes_over_http(client: Client) -> None:
    page = client.post(SETTLEMENTS, json=QUARTER, params={"format": "html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    book = client.post(SETTLEMENTS, json=QUARTER, headers={"accept": XLSX})
    assert book.headers["content-type"] == XLSX
    assert book.headers["content-disposition"] == 'attachment; filename="settlement.xlsx"'
    assert book.content.startswith(b"PK")
    value = client.post(VALUATIONS, json=BOTH, params={"format": "html"})
    assert "Lynas - JARE offtake" in value.text
    assert client.post(SETTLEMENTS, json=QUARTER).json()["totals"]["usd"] == 42_252_000


def test_a_shape_that_is_not_offered_is_refused(client: Client) -> None:
    refused = client.post(VALUATIONS, json=BOTH, params={"format": "xlsx"})
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["allowed"] == "one of json, html"
    assert client.post(SETTLEMENTS, json=QUARTER, params={"format": "htm"}).json()["faults"][0]["nearest"] == "html"


def test_faults_are_told_as_json_whatever_shape_was_asked_for(client: Client) -> None:
    refused = client.post(SETTLEMENTS, json={}, params={"format": "html"})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/json"


def test_the_command_line_writes_both_files(tmp_path: Path) -> None:
    (tmp_path / "terms.yaml").write_text(yaml.safe_dump(QUARTER), encoding="utf-8")
    files = [f"--xlsx={tmp_path / 'flows.xlsx'}", f"--html={tmp_path / 'page.html'}"]
    ran = CliRunner().invoke(build(), ["whatif", str(tmp_path / "terms.yaml"), *files])
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == settled(QUARTER)
    assert openpyxl.load_workbook(tmp_path / "flows.xlsx")["Cash flow"]["A1"].value == "price floor"


def test_a_file_that_settles_nothing_has_no_workbook(tmp_path: Path) -> None:
    sums = {"sums": [{"kind": "units", "strike_usd_per_lb": 25, "market_usd_per_lb": 20}]}
    (tmp_path / "sums.yaml").write_text(yaml.safe_dump(sums), encoding="utf-8")
    ran = CliRunner().invoke(build(), ["whatif", str(tmp_path / "sums.yaml"), f"--xlsx={tmp_path / 'flows.xlsx'}"])
    assert "a file that asks for a settlement" in str(ran.exception)
    assert not (tmp_path / "flows.xlsx").exists()


def test_money_and_chances_are_never_rounded_to_what_they_are_not() -> None:
    assert (percent(0.004), percent(0.996), percent(0.0), percent(1.0)) == ("under 1 %", "above 99 %", "0 %", "100 %")
    assert (usd(999_999_999.0), usd(-0.001)) == ("1,000.00 m", "-0.00")


def test_an_answer_of_the_service_is_enough_for_its_page() -> None:
    sent = bytes_of(QUARTER)
    answer = orjson.dumps(orjson.loads(settlement_of(sent, pytest.fail)))
    assert settlement_given(Shape.HTML, sent, answer).content.decode() == settled(QUARTER)


def test_the_table_of_thirteen_clauses_shows_those_that_pay_most_and_the_sum_of_the_rest() -> None:
    floor = QUARTER["contract"]["clauses"][0]
    shares = [
        {"kind": "share", "name": f"share_{n}", "reference": "benchmark", "above_usd_per_kg": 110, "share_above": 0.01}
        for n in range(12)
    ]
    body = QUARTER | {"contract": QUARTER["contract"] | {"clauses": [*shares, floor]}}
    html = settled(body)
    assert '<th scope="col">floor</th>' in html
    assert '<th scope="col">9 others</th>' in html


def test_a_long_name_beside_a_short_one_is_not_cut() -> None:
    body = QUARTER | {"contract": QUARTER["contract"] | {"seller": "S" * 85, "buyer": "B"}}
    assert "S" * 85 in settled(body)


def test_a_price_of_carbonate_is_per_wet_kilogram() -> None:
    assert unit_of_goods({"contract": {"terms": {"clauses": [{"kind": "carbonate"}]}}}) == "USD/kg wet"
    assert unit_of_goods({"contract": {"terms": {}}}) == "USD/kg"
