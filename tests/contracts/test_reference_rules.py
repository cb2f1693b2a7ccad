"""The reference of a delivery: windows, lags, fallbacks, restatements and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.dataset import load_dataset
from features.policy import vat_rate
from pricing.contracts.reference import ReferencePrice, References
from pricing.contracts.reference_fixings import Vintage, windows
from pricing.contracts.settlement import settle
from pricing.contracts.settlement_compare import under_indices
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.references import Quotation, Window
from pricing.errors import TermsError

from .conftest import VAT, contract, facts

Q1 = ("2026-01", "2026-02", "2026-03")
INDEX = {"kind": "index", "index": "given", "window": "month", "lag_months": 0}
OTHER = {"currency": "USD", "unit": "kg", "form": "oxide", "vat": "excluded"}


def price(rule: dict[str, Any], told: Facts, months: tuple[str, ...] = Q1, **others: Any) -> ReferencePrice:
    terms = contract(references={"benchmark": {**INDEX, **rule}, **others})
    return References(terms, told).price("benchmark", months)


def fallback(days: int, each: str, **more: Any) -> dict[str, Any]:
    return {"fallback": [{"use": "second", "after_days_late": days}], "fallback_for": each, **more}


SECOND = {"second": {**INDEX, "index": "other"}}


def with_other(given: dict[str, Any], **more: Any) -> Facts:
    return facts(given, indices={"other": {**OTHER, "fixings": {2026: 70}}}, **more)


def test_a_missing_fixing_is_an_error_that_names_the_months() -> None:
    with pytest.raises(TermsError, match=r"no fixing of given for 2026-02, 2026-03.*none is ever carried forward"):
        price({}, facts({"2026-01": 90}))


def test_every_missing_fixing_and_open_term_of_a_contract_is_named_at_once() -> None:
    terms = contract(to="2026-06-30", clauses=[
        {"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_kg": 110},
        {"kind": "share", "name": "up", "reference": "benchmark", "above_usd_per_kg": 150, "share_above": 0.3,
         "starts_with": "full_production"},
    ])  # fmt: skip
    with pytest.raises(TermsError) as refused:
        settle(terms, facts({"2026-01": 90}))
    paths = [fault.path for fault in refused.value.faults]
    assert paths == ["events.full_production", *["references.benchmark"] * 2]


def test_two_quarters_without_fixings_are_two_faults() -> None:
    with pytest.raises(TermsError) as refused:
        settle(contract(to="2026-06-30"), facts({"2026-01": 90}))
    assert len(refused.value.faults) == 2


def test_a_stopped_index_gives_way_to_the_next_step_and_the_answer_says_so() -> None:
    told = with_other({"2026-01": 90}, index={"stopped_after": "2026-01"})
    found = price(fallback(21, "window"), told, **SECOND)
    assert (found.usd_per_kg, found.fallback_step) == (Decimal(70), 1)
    assert found.steps[0] == "benchmark has no fixing for 2026-02, 2026-03: step 1 of its fallback, second"


def test_a_fallback_for_months_keeps_the_months_that_were_fixed() -> None:
    told = with_other({"2026-01": 100}, index={"stopped_after": "2026-01"})
    assert price(fallback(21, "month"), told, **SECOND).usd_per_kg == Decimal(80)  # (100 + 70 + 70) / 3


def test_a_reference_is_rounded_once_at_the_end() -> None:
    told = with_other({"2026-01": Decimal("90.004"), "2026-02": Decimal("90.004"), "2026-03": Decimal("90.007")})
    for each in ("window", "month"):
        found = price(fallback(21, each, rounded_to_decimals=2), told, **SECOND)
        assert found.usd_per_kg == Decimal("90.01")  # 90.005; the months one by one would give 90.00
        assert found.steps[-1] == "rounded half up to 2 decimals"
        assert "not rounded" not in found.steps


def test_a_late_index_gives_way_only_once_its_days_are_over() -> None:
    early, late = (with_other({"2026-01": 90, "2026-02": 90}, as_of=day) for day in ("2026-04-20", "2026-04-21"))
    with pytest.raises(TermsError, match="an as_of from 2026-04-21 on"):
        price(fallback(21, "window"), early, **SECOND)
    assert price(fallback(21, "window"), late, **SECOND).usd_per_kg == Decimal(70)


def test_a_fixing_that_is_yet_to_come_in_time_is_waited_for() -> None:
    told = with_other({2026: 90}, index={"published": {"2026-03": "2026-04-10"}}, as_of="2026-04-05")
    with pytest.raises(TermsError, match="an as_of from 2026-04-21 on"):
        price(fallback(21, "window"), told, **SECOND)


def test_a_fixing_that_will_come_too_late_is_no_reason_to_settle_early() -> None:
    told = with_other({"2026-01": 90, "2026-02": 90, "2026-03": 90}, index={"published": {"2026-03": "2026-05-01"}})
    with pytest.raises(TermsError, match="an as_of from 2026-04-21 on"):
        price(fallback(21, "window"), replace(told, as_of=date(2026, 4, 20)), **SECOND)
    for day in (date(2026, 4, 21), date(2026, 5, 2)):
        assert price(fallback(21, "window"), replace(told, as_of=day), **SECOND).usd_per_kg == Decimal(70)


def test_a_fixing_that_came_after_its_days_does_not_undo_the_fallback() -> None:
    told = with_other({"2026-01": 90, "2026-02": 90, "2026-03": 90}, index={"published": {"2026-03": "2026-05-01"}})
    assert price(fallback(21, "window"), told, **SECOND).usd_per_kg == Decimal(70)
    assert price({}, told).usd_per_kg == Decimal(90)  # without a fallback it counts


def test_the_second_step_is_used_when_the_first_has_no_fixing_either() -> None:
    chain = {
        "fallback": [{"use": "second", "after_days_late": 5}, {"use": "third", "after_days_late": 5}],
        "fallback_for": "window",
    }
    others = {"second": {**INDEX, "index": "empty"}, "third": {**INDEX, "index": "other"}}
    indices = {"empty": {**OTHER, "fixings": {}}, "other": {**OTHER, "fixings": {2026: 70}}}
    told = facts({}, indices=indices, index={"stopped_after": "2025-12"})
    found = price(chain, told, **others)
    assert (found.usd_per_kg, found.fallback_step) == (Decimal(70), 2)


def test_a_chain_without_a_price_names_every_step() -> None:
    told = facts({}, indices={"other": {**OTHER, "fixings": {}}}, index={"stopped_after": "2025-12"})
    with pytest.raises(TermsError, match=r"no fixing of given[\s\S]*no fixing of other"):
        price(fallback(5, "window"), told, **SECOND)


def test_nothing_published_after_the_day_of_settlement_is_known() -> None:
    told = facts({"2026-01": 90}, index={"published": {"2026-01": "2026-02-10"}}, as_of="2026-02-09")
    with pytest.raises(TermsError, match="2026-01"):
        price({}, told, ("2026-01",))


def test_a_fixing_that_is_known_only_later_is_told_as_such() -> None:
    told = facts({"2026-01": 90}, index={"published": {"2026-01": "2026-02-10"}}, as_of="2026-02-09")
    with pytest.raises(TermsError, match="2026-01 known only after as_of 2026-02-09"):
        price({}, told, ("2026-01",))
    with pytest.raises(TermsError, match=r"no fixing of given for 2026-02; allowed"):
        price({}, told, ("2026-02",))


def test_a_month_with_fewer_fixings_than_agreed_is_missing() -> None:
    told = facts({"2026-01-05": 90, "2026-01-06": 92, "2026-02": 91})
    assert price({"least_fixings_per_month": 2}, told, ("2026-01",)).usd_per_kg == 91
    assert price({"least_fixings_per_month": 3}, told, ("2026-02",)).usd_per_kg == 91  # a fixing of the month itself
    with pytest.raises(TermsError, match="fewer than 3 daily ones in 2026-01"):
        price({"least_fixings_per_month": 3}, told, ("2026-01",))


def test_a_month_that_is_not_over_has_no_average() -> None:
    with pytest.raises(TermsError, match="2026-01"):
        price({}, facts({"2026-01-05": 90}, as_of="2026-01-20"), ("2026-01",))


def test_a_deck_prices_the_months_to_come_and_never_replaces_a_fixing() -> None:
    deck = {"from_month": "2026-02", "flat_usd_per_kg": 100, "usd_per_kg": {"2026-03": 130}}
    found = price({}, facts({"2026-01": 70, "2026-02": 80}, decks={"benchmark": deck}))
    assert found.usd_per_kg == (Decimal(70) + 80 + 130) / 3
    assert found.deck_months == ("2026-03",)
    assert "deck for 1 months from 2026-03 to 2026-03" in found.steps


def test_a_deck_fills_no_month_before_its_first_and_beyond_it_there_is_no_price() -> None:
    late = {"from_month": "2026-03", "flat_usd_per_kg": 100}
    with pytest.raises(TermsError, match="no fixing of given for 2026-02"):
        price({}, facts({"2026-01": 70}, decks={"benchmark": late}))
    one_year = {"from_month": "2026-01", "usd_per_kg": {"2026": 100}}
    with pytest.raises(TermsError, match="no fixing of given for 2027-01"):
        price({}, facts({}, decks={"benchmark": one_year}), ("2027-01",))


def test_a_deck_is_on_the_basis_of_the_contract() -> None:
    told = facts(
        {"2026-01": 113},
        {**OTHER, "vat": "included"},
        decks={"benchmark": {"from_month": "2026-02", "flat_usd_per_kg": 100}},
    )
    assert price({"vat_rule": "convert"}, told).usd_per_kg == Decimal(100)


def test_a_deck_for_no_reference_is_refused_with_the_nearest() -> None:
    told = facts({2026: 90}, decks={"benchmrk": {"from_month": "2026-01", "flat_usd_per_kg": 1}})
    with pytest.raises(TermsError) as refused:
        settle(contract(), told)
    assert [(fault.path, fault.nearest) for fault in refused.value.faults] == [("decks.benchmrk", "benchmark")]


@pytest.mark.parametrize(
    ("window", "lag", "expected"),
    [
        (Window.MONTH, 0, ("2026-11",)),
        (Window.MONTH, 2, ("2027-01",)),
        (Window.MONTH, -1, ("2026-10",)),
        (Window.QUARTER, 0, ("2026-10", "2026-11", "2026-12")),
        (Window.QUARTER, 2, ("2027-01", "2027-02", "2027-03")),
        (Window.YEAR, 0, tuple(f"2026-{m:02d}" for m in range(1, 13))),
    ],
)
def test_a_window_is_the_calendar_one_around_the_lagged_month(
    window: Window, lag: int, expected: tuple[str, ...]
) -> None:
    assert windows(Quotation(index="given", window=window, lag_months=lag), ("2026-11",)) == expected


def test_a_window_that_prices_two_months_counts_twice() -> None:
    rule = Quotation(index="given", window=Window.QUARTER, lag_months=1)
    first, second = ("2026-01", "2026-02", "2026-03"), ("2026-04", "2026-05", "2026-06")
    assert windows(rule, Q1) == (*first, *first, *second)
    assert windows(Quotation(index="given", window=Window.QUARTER, lag_months=0), Q1) == first


def test_an_index_taken_as_quoted_says_what_nobody_stated() -> None:
    unsaid = {key: value for key, value in OTHER.items() if key != "vat"}
    found = price({"vat_rule": "as_quoted"}, facts({2026: 90}, unsaid))
    assert "VAT as quoted (not stated)" in found.steps


def test_daily_fixings_of_several_months_need_to_say_what_is_averaged() -> None:
    told = facts({"2026-01-05": 90, "2026-02-05": 100, "2026-02-06": 110, "2026-03-05": 120})
    with pytest.raises(TermsError, match="average_of"):
        price({}, told)
    assert price({"average_of": "fixings"}, told).usd_per_kg == Decimal(105)  # 420 / 4
    assert price({"average_of": "months"}, told).usd_per_kg == Decimal(105)  # (90 + 105 + 120) / 3
    skewed = facts({"2026-01-05": 90, "2026-02-05": 100, "2026-02-06": 102, "2026-03-05": 120})
    assert price({"average_of": "fixings"}, skewed).usd_per_kg == Decimal(103)  # 412 / 4
    assert price({"average_of": "months"}, skewed).usd_per_kg == (90 + Decimal(101) + 120) / 3


def test_an_exchange_rate_that_is_missing_is_named_and_not_carried_forward() -> None:
    basis = {**OTHER, "currency": "CNY"}
    told = facts({"2026-01": 700, "2026-02": 700}, basis, fx={"CNY": {"per_usd": {"2026-01": 7}}})
    with pytest.raises(TermsError, match=r"fx\.CNY\.per_usd\.2026-02"):
        price({"fx_rule": "mean_of_conversions"}, told, ("2026-01", "2026-02"))


def test_no_rate_of_tax_is_guessed_for_a_day_before_the_first_stated() -> None:
    told = facts({"1990-01": 100}, {**OTHER, "vat": "included"})
    with pytest.raises(TermsError, match="no rate for 1990-01-31"):
        price({"vat_rule": "convert"}, told, ("1990-01",))


@pytest.mark.parametrize("day", [date(2018, 4, 30), date(2018, 5, 1), date(2019, 3, 31), date(2019, 4, 1)])
def test_the_tax_of_a_day_is_that_of_the_dataset(day: date) -> None:
    assert float(facts({}).vat_on(day) or 0) == pytest.approx(vat_rate(load_dataset().policy, day))
    assert len(VAT) == 3


def test_a_restated_fixing_needs_the_contract_to_say_what_it_does() -> None:
    restated = {
        "published": {"2026-01": "2026-02-01"},
        "restatements": [{"fixing": "2026-01", "amount": 95, "known_on": "2026-02-11"}],
    }
    told = facts({"2026-01": 90}, index=restated)
    with pytest.raises(TermsError, match="true_up_within_days"):
        price({}, told, ("2026-01",))
    trued = [
        References(contract(references={"benchmark": {**INDEX, "true_up_within_days": days}}), told, Vintage.TRUED_UP)
        for days in (0, 9, 10)
    ]
    assert [one.price("benchmark", ("2026-01",)).usd_per_kg for one in trued] == [90, 90, 95]


def test_months_compared_one_by_one_are_never_below_averages_compared() -> None:
    told = facts({"2026-01": 90, "2026-02": 110, "2026-03": 100}, indices={"other": {**OTHER, "fixings": {2026: 100}}})
    found = {}
    for compared in ("averages", "months"):
        both = {"kind": "combination", "take": "higher", "of": ["one", "two"], "compared": compared}
        rules = {"benchmark": both, "one": INDEX, "two": {**INDEX, "index": "other"}}
        found[compared] = References(contract(references=rules), told).price("benchmark", Q1).usd_per_kg
    assert found == {"averages": Decimal(100), "months": Decimal(310) / 3}


def test_each_admissible_index_is_settled_side_by_side() -> None:
    indices = {"other": {**OTHER, "fixings": {2026: 75}}, "yuan": {**OTHER, "currency": "CNY", "fixings": {2026: 700}}}
    told = facts({2026: 100}, indices=indices)
    found = under_indices(contract(), told, "benchmark", ["given", "other", "yuan"])
    assert {name: one.total_usd for name, one in found.settled.items()} == {"given": 10_000_000, "other": 35_000_000}
    assert found.range_usd == 25_000_000
    assert [fault.path for fault in found.refused["yuan"]] == ["references.benchmark.fx_rule"]


AMOUNTS = st.decimals(Decimal(1), Decimal(1000), places=2)


@given(amount=AMOUNTS)
def test_taking_tax_out_and_putting_it_in_is_identity(amount: Decimal) -> None:
    out = price({"vat_rule": "convert"}, facts({"2026-01": amount}, {**OTHER, "vat": "included"}), ("2026-01",))
    terms = contract(vat="included", references={"benchmark": {**INDEX, "vat_rule": "convert"}})
    back = References(terms, facts({"2026-01": round(out.usd_per_kg, 15)})).price("benchmark", ("2026-01",))
    assert abs(back.usd_per_kg - amount) < Decimal("1e-14")


@given(one=AMOUNTS, two=AMOUNTS, take=st.sampled_from(["higher", "lower", "mean"]))
def test_the_higher_is_at_least_each_and_the_lower_at_most(one: Decimal, two: Decimal, take: str) -> None:
    both = {"kind": "combination", "take": take, "of": ["first", "second"], "compared": "averages"}
    rules = {"benchmark": both, "first": INDEX, **SECOND}
    told = facts({2026: one}, indices={"other": {**OTHER, "fixings": {2026: two}}})
    found = References(contract(references=rules), told).price("benchmark", ("2026-01",)).usd_per_kg
    assert found == {"higher": max(one, two), "lower": min(one, two), "mean": (one + two) / 2}[take]
