"""What is listed as having no true vintages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from features.catalogue import CONTEXT, FEATURE, Catalogue
from features.dataset import load_dataset
from features.forecast_settings import recipe
from features.scoreboard_settings import scoreboard_settings
from features.vintage_rules import FORECAST, REVISED, shipped_without_vintages, without_vintages
from pricing.errors import DataError


def test_every_series_that_feeds_a_price_or_a_forecast_is_listed() -> None:
    catalogue = load_dataset().catalogue
    listed = {one.name: one for one in shipped_without_vintages()}
    for name in map(str, catalogue.series.index):
        columns = set(catalogue.drives(name)) - {FEATURE, CONTEXT}
        assert columns <= set(listed[name].feeds if name in listed else ()), name
    assert all(FORECAST in listed[name].feeds for name in (*recipe().metals, *(one.series for one in recipe().shared)))


def test_the_dataset_holds_one_value_of_each_figure() -> None:
    """If it ever holds two, the list is no longer whole: say then from which day on vintages are true."""
    assert not load_dataset().panel.frame.duplicated(["series", "date"]).any()


def test_what_is_revised_often_comes_first_and_facts_and_method_among_it() -> None:
    found = shipped_without_vintages()
    order = [REVISED.index(one.revised) for one in found]
    assert order == sorted(order)
    assert {"method", "facts and expert numbers"} <= {one.name for one in found if one.revised == "often"}
    by_name = {one.name: one for one in found}
    assert by_name["gpr_GPRC_CHN"].rule == "5 days after the end of the month"
    assert by_name["quotes of rare earths"].revised == "sometimes"  # a month's mean counts quotes found later
    assert by_name["cn_quota_mining_total"].rule == "the day of its announcement"


def test_a_source_without_a_rule_is_named() -> None:
    whole = load_dataset().catalogue
    series = whole.series.assign(source=whole.series["source"].replace("kilian", "another"))
    catalogue = Catalogue({**whole.cards, "another": replace(whole.cards["kilian"], id="another")}, series)
    with pytest.raises(DataError, match="source another of kilian_igrea has no rule"):
        without_vintages(catalogue)


def test_settings_come_from_files_that_a_person_reviews() -> None:
    found = scoreboard_settings()
    assert (found.first_month, found.months_ahead) == ("2016-01", (12, 24, 36))
    assert found.regimes == {"boom_2022": 2022, "licences_2025": 2025}
