"""The pages of docs/ say what the numbers beside them say, and are written again by one command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from features.dataset import Dataset, load_dataset
from pricing.bundle import Bundle, write_bundle
from pricing.errors import DataError
from pricing.market.supply import Region
from training.__main__ import app
from training.assumptions import stated
from training.page_episodes import parts
from training.page_markdown import filled, names, prose
from training.page_numbers import Numbers
from training.page_prices import FAIR, HIGH, LOW, fair, wedge
from training.pages import PAGES, TABLES, blocks, fill_pages, write_pages

DOCS = Path(__file__).parents[2] / "docs"
MOST_BYTES = 150_000
DATE = r"(?:19|20)\d\d(?:-\d\d){0,2}"  # a year, a span of years such as 2013-20, a month, a day
DAY = r"\b\d{1,2}(?:st|nd|rd|th)?(?: of the month| (?:January|April|May|July|October)\b)"
FIGURE = r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?!\w)"
INTERVAL = {"80"}  # per cent: the interval that all tables give
SETTINGS = {"draws": 64, "kept": 8, "wedge_draws": 8, "wedge_draws_a_stage": 4, "rest_years": 20.0}
LIMITS = {"least_effective": 50.0, "widest_point": 2.0, "unmoved": 0.95}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset()


@pytest.fixture
def published(bundle: Bundle) -> Bundle:
    return replace(bundle, parameters=stated() | {"settings": SETTINGS | LIMITS}, digest="b" * 64)


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of pages whose blocks are still empty."""
    (tmp_path / "docs").mkdir()
    for name in PAGES:
        empty = filled(page(name), dict.fromkeys(names(page(name)), ""))
        (tmp_path / "docs" / name).write_text(empty, encoding="utf-8")
    return tmp_path / "docs"


def sections(text: str) -> Mapping[str, str]:
    found = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return {"head": found[0], **dict(zip(found[1::2], found[2::2], strict=True))}


def figures(text: str) -> set[str]:
    """Return the numbers of a text; dates, code, links and the numbers of a list are not figures."""
    plain = re.sub(r"`[^`]*`|\]\([^)]*\)|^\d+\. ", " ", text, flags=re.MULTILINE)
    return set(re.findall(FIGURE, re.sub(f"{DAY}|{DATE}", " ", plain)))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_numbers_beside_it_print(name: str, dataset: Dataset) -> None:
    assert filled(page(name), blocks(Numbers.read(DOCS / TABLES), dataset)) == page(name)


def test_every_table_that_is_computed_is_shown(dataset: Dataset) -> None:
    asked = {block for name in PAGES for block in names(page(name))}
    assert asked == set(blocks(Numbers.read(DOCS / TABLES), dataset))


@pytest.mark.parametrize("section", sections(page("histories.md")))
def test_every_figure_in_the_prose_stands_in_a_table_of_its_section(section: str) -> None:
    text = sections(page("histories.md"))[section]
    printed = figures(" ".join(re.findall(r"<!-- begin [^>]+>(.*?)<!-- end", text, flags=re.DOTALL)))
    assert figures(f"{section} {prose(text)}") <= printed | INTERVAL


@pytest.mark.parametrize("invented", ["The price was 412.", "It rose by 7.5 %.", "About 1,999 t."])
def test_an_invented_figure_would_be_found(invented: str) -> None:
    assert figures(invented)


def test_every_plot_is_small_and_shown() -> None:
    shown = {plot for file in DOCS.glob("*.md") for plot in re.findall(r"\]\(plots/([\w.]+)\)", page(file.name))}
    drawn = {path.name: path.stat().st_size for path in (DOCS / "plots").iterdir()}
    assert shown == set(drawn)
    assert max(drawn.values()) < MOST_BYTES


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_every_link_of_a_page_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_one_command_fills_the_pages_from_a_bundle(published: Bundle, folder: Path, tmp_path: Path) -> None:
    write_bundle(published, tmp_path / "bundle")
    ran = CliRunner().invoke(app, ["pages", "--bundle", str(tmp_path / "bundle"), "--to", str(folder)])
    assert ran.exit_code == 0, ran.output
    text = (folder / "histories.md").read_text(encoding="utf-8")
    assert "| 2025 | 64.8 | 64.8 | 60.0 (45.0 to 78.0) |" in text  # months 13 to 24 of 26 from 48 to 72
    assert "| `freight` | 0.2 | 0.5 | 2 |" in (folder / "method.md").read_text(encoding="utf-8")


def test_the_same_bundle_writes_the_same_bytes(published: Bundle, folder: Path, dataset: Dataset) -> None:
    first = {path: path.read_bytes() for path in write_pages(published, dataset, folder)}
    assert {path: path.read_bytes() for path in write_pages(published, dataset, folder)} == first


def test_prose_is_never_touched(published: Bundle, folder: Path, dataset: Dataset) -> None:
    write_pages(published, dataset, folder)
    assert [prose((folder / name).read_text(encoding="utf-8")) for name in PAGES] == [prose(page(n)) for n in PAGES]


def test_what_lacks_is_named_in_one_line(folder: Path, dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"histories\.csv.* is missing\. Run `fairprice pages"):
        fill_pages(dataset, folder)
    ran = CliRunner().invoke(app, ["pages", "--bundle", str(tmp_path / "nowhere"), "--to", str(folder)])
    assert ran.exit_code == 1
    assert "fairprice pages: bundle nowhere: manifest.json is missing" in ran.stderr


def test_a_misspelt_block_is_refused() -> None:
    with pytest.raises(DataError, match="asks for yaers"):
        filled("<!-- begin yaers -->\n<!-- end yaers -->\n", {"years": ""})


def test_a_band_has_no_point_and_neither_has_its_wedge(published: Bundle) -> None:
    """Market 72, fair 45 to 78 around 60: the wedge is 12 at the middle, from 72 - 78 to 72 - 45."""
    month = Numbers.of(published).months("NdPr").iloc[-1]
    point, band = month, month.copy()
    band["status"] = "band"
    assert (fair(point), wedge(point, Region.CHINA)) == ("60.0 (45.0 to 78.0)", "12.0")
    assert (fair(band), wedge(band, Region.CHINA)) == ("45.0 to 78.0", "-6.0 to 27.0")


def test_a_market_known_as_a_band_gives_a_band_against_the_fair_price(published: Bundle) -> None:
    """Market 68.4 to 75.6 without a point, fair 45 to 78: from 68.4 - 78 to 75.6 - 45."""
    month = Numbers.of(published).months("NdPr").iloc[-1].copy()
    month["market.ex_china"] = month["wedge.ex_china.total"] = np.nan
    assert wedge(month, Region.EX_CHINA) == "-9.6 to 30.6"


def test_a_refused_month_says_nothing(published: Bundle) -> None:
    month = Numbers.of(published).months("Tb").iloc[-1].copy()
    month["status"] = "refused"
    assert (fair(month), wedge(month, Region.CHINA)) == ("-", "-")


def test_parts_of_a_span_count_the_months_that_have_a_wedge(published: Bundle) -> None:
    history = published.history_latest
    late = (history["material"] == "Dy") & (history["month"] > "2025-05")
    history.loc[late, "wedge.ex_china.total"] = np.nan
    history.loc[late, "wedge.ex_china.export_licence"] = 999.0
    found = Numbers.of(published).parts("Dy", Region.EX_CHINA, "2025")
    assert found["value"]["export_licence"] < 100
    assert found["value"].drop("total").sum() == pytest.approx(found["value"]["total"])
    assert Numbers.of(published).parts("Dy", Region.EX_CHINA, "2026")["value"]["export_licence"] == 999.0


def test_a_part_that_rests_on_priors_in_every_month_of_a_span_is_printed_as_a_band(published: Bundle) -> None:
    history = published.history_latest
    early = np.where(history["month"] < "2025-06", "prior", "derived")
    said = pd.DataFrame({"wedge.china.environment.rests_on": "prior", "wedge.china.stockpiling.rests_on": early})
    marked = replace(published, history_latest=pd.concat([history, said], axis=1))
    printed = parts(Numbers.of(marked), "Dy", [(Region.CHINA, "2025")])
    band, mixed = (next(line for line in printed.splitlines() if name in line) for name in ("environment", "stockpi"))
    assert " to " in band
    assert "(" not in band
    assert "(" in mixed


def test_numbers_survive_their_files(published: Bundle, tmp_path: Path) -> None:
    made = Numbers.of(published)
    made.write(tmp_path)
    again = Numbers.read(tmp_path)
    for column in (FAIR, LOW, HIGH, "market.china"):
        assert again.histories[column].to_numpy() == pytest.approx(made.histories[column].to_numpy(), rel=1e-4)
    assert again.model == made.model
