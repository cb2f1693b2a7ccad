"""What is refused of a user's own data: every fault at once, by file, row and column, and no value repeated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.dataset import Dataset
from features.private.cells import MAX_CELL, read_rows
from features.private.faults import Faults
from features.private.folder import MAX_CARD_BYTES, MAX_FILES, MAX_TABLE_BYTES
from features.private.joined import read_private_data
from features.private.strict_yaml import read_mapping
from pricing.errors import DataError

Examples = dict[str, dict[str, str]]


def refused(folder: Path, dataset: Dataset) -> str:
    with pytest.raises(DataError) as fault:
        read_private_data(folder, dataset)
    return str(fault.value)


def test_an_allowed_folder_is_read_whole(feed: Any, shipped: Dataset, examples: Examples, own_cost: str) -> None:
    feed.rates, feed.costs = [examples["rate"]], own_cost
    found = read_private_data(feed.write(), shipped)
    assert found.prices["mean"].tolist() == [173.319771]
    assert found.observations["value"].tolist() == [6.719773]
    assert found.costs["routes.mountain_pass.parameters.life"].value == 17.31977


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("quality", "=1+1", "formula"),
        ("quality", "+cmd", "formula"),
        ("quality", "-cmd|x", "formula"),
        ("quality", "@SUM(A1)", "formula"),
        ("quality", " =1", "formula"),
        ("quality", "\uff1d1", "formula"),
        ("mean", "=173.319771", "formula"),
        ("quality", "re\tal", "control character"),
        ("quality", '"re\ral"', "control character"),
        ("quality", "re\u200bal", "control character"),
        ("mean", "nan", "no such number"),
        ("mean", "inf", "no such number"),
        ("mean", "1e400", "no such number"),
        ("mean", "0x1F", "no such number"),
        ("mean", "173,319", "cells"),
        ("mean", "999773", "a number from 15 to 600"),
        ("mean", "", "no such number"),
        ("low", "199.773311", "outside low and high"),
        ("last", "373.319771", "far from the mean"),
        ("count", "0", "a number from 1 to 100"),
        ("material", "Ndpr", "Did you mean NdPr?"),
        ("basis", "ex_chian", "Did you mean ex_china?"),
        ("unit", "t", "one of kg"),
        ("currency", "CNY", "not a unit of the source's card"),
        ("publisher_class", "price agency", "private feed"),
        ("source", "paid_fed", "Did you mean paid_feed?"),
        ("month", "2011-13", "a month written YYYY-MM"),
        ("known_at", "2011-03-31", "a day from 2011-04-01"),
        ("known_at", "2031-04-01", "to 2026-03-31"),
        ("last_day", "2011-04-02", "a day from 2011-03-01 to 2011-03-31"),
        ("quality", "x" * (MAX_CELL + 1), "more than"),
    ],
)
def test_a_cell_that_is_not_allowed_is_named_by_file_and_line(
    feed: Any, shipped: Dataset, examples: Examples, column: str, cell: str, said: str
) -> None:
    feed.prices = [examples["price"] | {column: cell}]
    message = refused(feed.write(), shipped)
    assert "tables/prices.csv, line 2" in message
    assert said in message


def test_all_faults_are_told_at_once_and_no_value_is_repeated(feed: Any, shipped: Dataset, examples: Examples) -> None:
    price, rate = examples["price"], examples["rate"]
    feed.prices = [price, price, price | {"material": "173.319771", "mean": "999173.319771", "vat": "73.319771"}]
    feed.rates = [rate | {"value": "97.319771"}, rate | {"series": "usd_cyn", "date": "1911-01-01"}]
    feed.costs = "routes.mountain_pass.parameters.lief: {value: 73.319771, low: 1, high: 2, unit: years, source: own}\n"
    message = refused(feed.write(), shipped)
    for place in (
        "prices.csv, line 3", "line 4, column material", "line 4, column mean", "line 4, column vat",
        "rates.csv, line 2, column value", "rates.csv, line 3, column series", "Did you mean usd_cny?",
        "Did you mean routes.mountain_pass.parameters.life?",
    ):  # fmt: skip
        assert place in message
    assert "319771" not in message


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("private: true", "private: false", "licence.private"),
        ("  private: true\n", "", "licence.private"),
        ("id: paid_feed", "id: ../paid", "id"),
        ("quality: real", "quality: '=HYPERLINK(1)'", "formula"),
        ("quality: real", "qualty: real", "qualty"),
        ("- USD/kg", "- 7.5", "units"),
        ("id: paid_feed", "id: &a paid_feed", "an anchor"),
        ("quality: real", "quality: *a", "an alias"),
        ("quality: real", "quality: !!str real", "a tag"),
        ("quality: real", "quality: !!python/object/apply:os.system [ls]", "a tag"),
        ("quality: real", "quality: real\nquality: real", "a key stands there twice"),
        ("  private: true", "  private: true\n  <<: {a: 1}", "a merge key"),
        ("quality: real", "quality: real\n---\nid: b", "a second document"),
        ("quality: real", "quality: " + "[" * 20 + "]" * 20, "nesting deeper"),
        ("quality: real", "quality: [", "no YAML"),
        ("- usd_cny", "- usd_cyn", "Did you mean usd_cny?"),
        ("- CNY per USD\n", "", "usd_cny without its unit"),
    ],
)
def test_a_card_that_is_not_allowed_is_named(feed: Any, shipped: Dataset, before: str, after: str, said: str) -> None:
    assert before in feed.card
    feed.card = feed.card.replace(before, after)
    message = refused(feed.write(), shipped)
    assert "paid" in message
    assert said in message


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("value: 17.31977", "value: .inf", "finite"),
        ("value: 17.31977", "value: .nan", "finite"),
        ("value: 17.31977", "value: true", "finite"),
        ("value: 17.31977", "value: '17.31977'", "finite"),
        ("value: 17.31977", "value: 47.31977", "low <= value <= high"),
        ("  unit: years\n", "", "no unit"),
        ("unit: years", "unit: months", "one of years"),
        ("source: our own plan", "source: '@plan'", "formula"),
        ("source: our own plan", "source: 7", "no plain text"),
        ("source: our own plan", "source: own\n  colour: red", "colour"),
        ("parameters.life", "parameters.lfie", "Did you mean"),
    ],
)
def test_a_cost_that_is_not_allowed_is_named(
    feed: Any, shipped: Dataset, own_cost: str, before: str, after: str, said: str
) -> None:
    assert before in own_cost
    feed.costs = own_cost.replace(before, after)
    message = refused(feed.write(), shipped)
    assert "costs.yaml" in message
    assert said in message
    assert "31977" not in message


def leads_out(feed: Any) -> None:
    feed.folder.parent.joinpath("secret.csv").write_text("a\n1\n")
    (feed.folder / "tables" / "other.csv").symlink_to(feed.folder.parent / "secret.csv")


def folder_leads_out(feed: Any) -> None:
    (feed.folder / "cards" / "paid.yaml").rename(feed.folder.parent / "paid.yaml")
    (feed.folder / "cards").rmdir()
    (feed.folder / "cards").symlink_to(feed.folder.parent)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (leads_out, "tables/other.csv: it leads out of the folder"),
        (folder_leads_out, "cards: it leads out of the folder"),
        (
            lambda feed: feed.put("tables/big.csv", "a" * (MAX_TABLE_BYTES + 1)),
            "tables/big.csv: more than 8,388,608 bytes",
        ),
        (lambda feed: feed.put("cards/big.yaml", "a" * (MAX_CARD_BYTES + 1)), "cards/big.yaml: more than 65,536 bytes"),
        (lambda feed: feed.put("costs.yaml", "a" * (MAX_CARD_BYTES + 1)), "costs.yaml: more than 65,536 bytes"),
        (lambda feed: feed.put("tables/notes.xlsx", ""), "tables/notes.xlsx: a file that is not read"),
        (lambda feed: feed.put("tables/deep/x.csv", ""), "tables/deep: a file that is not read"),
        (lambda feed: feed.put("prices.csv", ""), "prices.csv: a file that is not read"),
        (lambda feed: feed.put("tables/odd.csv", "series,amount\nx,1\n"), "the columns of no table"),
        (lambda feed: feed.put("tables/odd.csv", ""), "no heading"),
        (lambda feed: feed.put("cards/again.yaml", feed.card), "a second card of paid_feed"),
        (lambda feed: (feed.folder / "tables" / "bad.csv").write_bytes(b"\xff\xfe"), "cannot be read as UTF-8"),
        (lambda feed: [feed.put(f"tables/t{n}.csv", "") for n in range(MAX_FILES)], f"at most {MAX_FILES}"),
    ],
)
def test_a_file_that_is_not_allowed_is_named(
    feed: Any, shipped: Dataset, spoil: Callable[[Any], object], said: str
) -> None:
    feed.write()
    spoil(feed)
    assert said in refused(feed.folder, shipped)


def test_the_example_of_the_page_is_allowed(feed: Any, shipped: Dataset) -> None:
    page = (Path(__file__).parents[2] / "docs" / "private_data.md").read_text("utf-8")
    feed.card, example = (page.partition(f"```{kind}\n")[2].partition("```")[0] for kind in ("yaml", "text"))
    feed.prices = []
    feed.write()
    feed.put("tables/prices.csv", example)
    assert read_private_data(feed.folder, shipped).prices["month"].tolist() == ["2026-01"]


def test_a_link_that_stays_in_the_folder_is_read(feed: Any, shipped: Dataset) -> None:
    (feed.write() / ".now").mkdir()
    (feed.folder / "tables" / "prices.csv").rename(feed.folder / ".now" / "prices.csv")
    (feed.folder / "tables" / "prices.csv").symlink_to(feed.folder / ".now" / "prices.csv")
    assert len(read_private_data(feed.folder, shipped).prices) == 1


def test_a_folder_without_data_is_no_private_data(feed: Any, shipped: Dataset) -> None:
    feed.prices = []
    assert "no row and no cost" in refused(feed.write(), shipped)
    assert "no folder" in refused(feed.folder / "nowhere", shipped)


@pytest.mark.parametrize(
    ("bare", "said"),
    [
        ("025", "begins with zero"),
        ("-007.5", "begins with zero"),
        ("1:25", "in sixties"),
        ("0x6E", "not decimal"),
        ("0b11", "not decimal"),
        ("0o17", "not decimal"),
        ("1_000", "underscores"),
        ("yes", "true or false"),
        ("Off", "true or false"),
    ],
)
def test_values_that_others_read_otherwise_are_refused_with_the_way_out(bare: str, said: str) -> None:
    faults = Faults()
    assert read_mapping("terms.yaml", f"strike: {bare}", faults) == {}
    (fault,) = faults.found
    assert said in fault
    assert "in quotes" in fault
    quoted = Faults()
    assert read_mapping("terms.yaml", f"strike: '{bare}'", quoted) == {"strike": bare}
    assert not quoted.found


@pytest.mark.parametrize(
    ("bare", "expected"),
    [
        ("25", 25),
        ("0", 0),
        ("-3", -3),
        ("0.25", 0.25),
        ("1e9", 1e9),
        ("1.5E-3", 0.0015),
        (".5", 0.5),
        ("true", True),
        ("2026-Q1", "2026-Q1"),
        ("2026-01-31", date(2026, 1, 31)),
        ("~", None),
    ],
)
def test_numbers_are_decimal(bare: str, expected: object) -> None:
    faults = Faults()
    assert read_mapping("terms.yaml", f"strike: {bare}", faults) == {"strike": expected}
    assert not faults.found


@given(st.text(max_size=200))
def test_no_text_breaks_the_readers(text: str) -> None:
    faults = Faults()
    read_mapping("cards/x.yaml", text, faults)
    read_rows("tables/x.csv", text, faults)
    assert all(fault.startswith(("cards/x.yaml", "tables/x.csv")) for fault in faults.found)
