"""Who bears what: stops, resets, reviews, make-up rights and invoices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pricing.contracts.settlement import settle
from pricing.contracts.settlement_compare import slip
from pricing.contracts.settlement_table import Settled
from pricing.errors import TermsError

from .conftest import CASES, contract, facts

PRICE = {"kind": "fixed", "name": "price", "price_usd_per_kg": 100}
FLOOR = {"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_kg": 110}
STOP = {"cause": "force_majeure", "from": "2026-02-01", "to": "2026-02-28"}
SAID = {"cause": "force_majeure", "suspends_delivery": True, "suspends_difference": False, "borne_by": "nobody"}


def monthly(told: dict[str, Any], **change: Any) -> Settled:
    volume = {"basis": "delivered", "tonnes_per_year": 1200}
    terms = contract(**{"settlement": "monthly", "volume": volume, "clauses": [PRICE, FLOOR], **change})
    return settle(terms, facts({2026: 90, 2027: 90}, **told))


def usd(found: Settled, clause: str) -> list[int]:
    return [int(leg.usd) for flow in found.periods for leg in flow.legs if leg.clause == clause]


@pytest.mark.parametrize(("suspends", "expected"), [(False, 2_000_000), (True, 0)])
def test_a_difference_stops_only_where_the_contract_says_so(suspends: bool, expected: int) -> None:
    found = monthly({"stops": [STOP]}, interruptions=[{**SAID, "suspends_difference": suspends}])
    assert usd(found, "price") == [10_000_000, 0, 10_000_000]
    assert usd(found, "floor") == [2_000_000, expected, 2_000_000]
    assert found.periods[1].tonnes.undelivered == 100
    assert "borne by nobody" in found.periods[1].tonnes.notes[0]


def test_a_stopped_month_is_a_third_of_its_quarter() -> None:
    found = monthly({"stops": [STOP]}, interruptions=[SAID], settlement="quarterly")
    assert usd(found, "price") == [20_000_000]
    assert usd(found, "floor") == [6_000_000]


def test_a_stop_whose_cause_the_contract_does_not_name_is_refused() -> None:
    with pytest.raises(TermsError, match="what force_majeure does"):
        monthly({"stops": [STOP]})


def test_a_stop_beside_delivered_tonnes_asks_for_the_contracted_ones() -> None:
    volume = {"basis": "delivered", "tonnes_by_period": {"2026-01": 100, "2026-02": 10, "2026-03": 100}}
    with pytest.raises(
        TermsError, match="the tonnes contracted a year, of which force_majeure stops a part"
    ) as refused:
        monthly({"stops": [STOP]}, interruptions=[SAID], volume=volume)
    assert [fault.path for fault in refused.value.faults] == ["volume.tonnes_per_year"]


def test_another_fault_does_not_ask_for_prices_after_the_day_settled_through() -> None:
    told = {"settle_through": "2026-02-28", "stops": [STOP]}
    with pytest.raises(TermsError) as refused:
        monthly(told, to="2035-12-31")
    assert [fault.path for fault in refused.value.faults] == ["interruptions"]


def test_a_day_under_two_causes_counts_once() -> None:
    other = {**STOP, "cause": "licence_refused"}
    said = [SAID, {**SAID, "cause": "licence_refused"}]
    assert usd(monthly({"stops": [STOP, other]}, interruptions=said), "price") == [10_000_000, 0, 10_000_000]


def test_tonnes_stated_as_delivered_are_not_cut_again() -> None:
    volume = {
        "basis": "delivered",
        "tonnes_per_year": 1200,
        "tonnes_by_period": {"2026-01": 100, "2026-02": 10, "2026-03": 100},
    }
    found = monthly({"stops": [{**STOP, "to": "2026-02-25"}]}, interruptions=[SAID], volume=volume)
    assert usd(found, "price")[1] == 1_000_000
    assert usd(found, "floor")[1] == 2_000_000  # over the contracted 100 t


@pytest.mark.parametrize(
    ("favours", "deal", "expected"), [("buyer", 95, 95), ("buyer", 105, 100), ("seller", 105, 105)]
)
def test_a_better_price_elsewhere_resets_for_the_favoured_side_only(favours: str, deal: int, expected: int) -> None:
    told = {"other_deals": [{"day": "2026-01-15", "price_usd_per_kg": deal}]}
    found = monthly(told, most_favoured=[{"target": "price", "favours": favours, "notice_days": 17}])
    assert usd(found, "price") == [10_000_000, *[expected * 100_000] * 2]  # notice ends on the first of February
    resets = [(one.favours, one.from_label, one.new_level_usd_per_kg) for one in found.resets]
    assert resets == ([] if expected == 100 else [(favours, "2026-02", expected)])
    later = monthly(told, most_favoured=[{"target": "price", "favours": favours, "notice_days": 18}])
    assert usd(later, "price") == [10_000_000, 10_000_000, expected * 100_000]


REVIEW = {"target": "price", "reference": "benchmark", "first_review": "2026-02-01", "every_months": 1}


def test_a_review_within_its_trigger_changes_nothing_and_is_shown() -> None:
    found = monthly({}, reviews=[{**REVIEW, "trigger_share": 0.11, "reset_share": 1}])
    assert usd(found, "price") == [10_000_000] * 3
    assert [(review.triggered, review.new_level_usd_per_kg) for review in found.reviews] == [(False, 100)] * 2


def test_a_review_is_triggered_from_its_trigger_on() -> None:
    found = monthly({}, reviews=[{**REVIEW, "trigger_share": 0.1, "reset_share": 1, "every_months": 12}])
    assert usd(found, "price") == [10_000_000, 9_000_000, 9_000_000]  # 90 lies exactly 10 % below


def test_a_negotiated_review_needs_its_outcome() -> None:
    with pytest.raises(TermsError, match="reviewed: found nothing for 2026-02-01"):
        monthly({}, reviews=[{**REVIEW, "trigger_share": 0.05}])
    told = {"reviewed": [{"target": "price", "day": "2026-02-01", "level_usd_per_kg": 93}]}
    found = monthly(told, reviews=[{**REVIEW, "trigger_share": 0.05}])
    assert usd(found, "price") == [10_000_000, 9_300_000, 9_300_000]  # 90 lies 3 % below 93 in March


@pytest.mark.parametrize("reset_share", [None, 1])
def test_a_review_after_the_last_settled_day_is_neither_held_nor_asked_for(reset_share: int | None) -> None:
    said = {**REVIEW, "first_review": "2026-03-01", "trigger_share": 0.05, "reset_share": reset_share}
    found = monthly({"settle_through": "2026-02-28"}, reviews=[said])
    assert (found.reviews, usd(found, "price")) == ((), [10_000_000] * 2)
    told = {
        "settle_through": "2026-02-28",
        "reviewed": [{"target": "price", "day": "2026-03-01", "level_usd_per_kg": 93}],
    }
    assert monthly(told, reviews=[said]).total_usd == found.total_usd
    whole = monthly({**told, "settle_through": "2026-03-31"}, reviews=[said])
    assert usd(whole, "price") == [10_000_000] * 2 + [9_300_000]


@pytest.mark.parametrize(("day", "held"), [("2026-01-31", []), ("2026-02-01", [90])])
def test_a_review_is_held_against_a_period_that_has_ended_before_it(day: str, held: list[int]) -> None:
    said = {**REVIEW, "first_review": day, "every_months": 12, "trigger_share": 0.05, "reset_share": 1}
    assert [one.reference_usd_per_kg for one in monthly({}, reviews=[said]).reviews] == held


@pytest.mark.parametrize(("price", "credit"), [("current", 5_000_000), ("paid", 6_000_000)])
def test_made_up_tonnes_cost_nothing_more_or_what_the_price_rose_by(price: str, credit: int) -> None:
    said = {
        "take_share": 1, "deficiency_usd_per_kg": 100, "make_up_years": 1, "make_up_price": price,
        "partial_year": "scales",
    }  # fmt: skip
    clauses = [{**PRICE, "price_usd_per_kg": 120}]
    told = {"taken_tonnes_by_year": {2026: 1150, 2027: 1260}}
    delivered = {f"2026-{month:02d}": 100 for month in range(1, 12)} | {"2026-12": 50}
    delivered |= {f"2027-{month:02d}": 105 for month in range(1, 13)}
    volume = {"basis": "delivered", "tonnes_per_year": 1200, "tonnes_by_period": delivered}
    found = monthly(told, to="2027-12-31", clauses=clauses, take_or_pay=said, volume=volume)
    assert [int(year.usd) for year in found.years] == [5_000_000, -credit]
    assert found.years[1].parts["left_to_make_up_t"] == 0


def test_a_credit_for_tonnes_made_up_rests_on_prices_that_are_not_rounded() -> None:
    said = {
        "take_share": 0.8, "deficiency_usd_per_kg": 110, "make_up_years": 1, "make_up_price": "paid",
        "partial_year": "scales",
    }  # fmt: skip
    tonnes = {2026: Decimal(25), 2027: Decimal("44.33333333")}  # whose dollars are rounded up by a third of a cent
    delivered = {f"{year}-{month:02d}": tonnes[year] for year in tonnes for month in range(1, 13)}
    volume = {"basis": "contracted", "tonnes_per_year": 520, "tonnes_by_period": delivered}
    told = {"taken_tonnes_by_year": {2026: 300, 2027: 532}}
    change = {"to": "2027-12-31", "volume": volume, "take_or_pay": said}
    exact = monthly(told, clauses=[{**PRICE, "price_usd_per_kg": 110}], **change)
    assert [year.usd for year in exact.years] == [12_760_000, -12_760_000]  # 116 t x 110, missed and made up
    capped = {"usd_per_year": Decimal(53_200_000), "year_of": "delivery", "partial_year": "whole"}
    cut = monthly(told, clauses=[{**PRICE, "price_usd_per_kg": 110, "annual_cap": capped}], **change)
    assert round(cut.years[1].usd) == -11_600_000  # the cap makes the price of 2027 100 USD/kg


def test_a_right_to_make_up_is_lost_after_its_years() -> None:
    said = {
        "take_share": 1, "deficiency_usd_per_kg": 100, "make_up_years": 1, "make_up_price": "current",
        "partial_year": "scales",
    }  # fmt: skip
    told = {"taken_tonnes_by_year": {2026: 1150, 2027: 1200, 2028: 1260}}
    terms = contract(to="2028-12-31", volume={"basis": "sold", "tonnes_per_year": 1200}, clauses=[], take_or_pay=said)
    assert [int(year.usd) for year in settle(terms, facts({}, **told)).years] == [5_000_000, 0, 0]


def test_a_late_start_of_the_share_is_the_sellers_gain_and_the_buyers_loss() -> None:
    up = {"kind": "share", "name": "up", "reference": "benchmark", "above_usd_per_kg": 80, "share_above": 0.3}
    terms = contract(to="2027-12-31", clauses=[{**up, "starts_with": "full_production"}])
    told = facts({2026: 90, 2027: 90}, events={"full_production": "2026-07-01"})
    found = slip(terms, told, "full_production", date(2027, 7, 1))
    late = {"2026-Q3": 3_000_000, "2026-Q4": 3_000_000, "2027-Q1": 3_000_000, "2027-Q2": 3_000_000}
    assert {label: usd for label, usd in found.by_period_usd.items() if usd} == late
    assert found.to_seller_usd == 12_000_000
    with pytest.raises(TermsError, match="Did you mean full_production"):
        slip(terms, told, "ful_production", date(2027, 7, 1))


def test_carbonate_shows_its_basket() -> None:
    case = next(case for case in CASES["cases"] if case["name"].startswith("wet carbonate"))
    (flow,) = settle(contract(**case["change"]), facts(case["given"], **case["facts"])).periods
    parts = {name: f"{part:.2f}" for name, part in flow.legs[0].parts.items()}  # acceptance questions 21 and 49
    assert parts == {"basket_usd_per_kg_treo": "23.20", "paid_usd_per_kg_treo": "15.99", "treo_kg_per_wet_kg": "0.48"}


def test_what_yearly_reckonings_need_is_asked_for_all_at_once() -> None:
    said = {"take_share": 1, "deficiency_usd_per_kg": 100, "make_up_years": 0, "partial_year": "scales"}
    guarantee = {"measure": "ebitda", "usd_per_year": 1, "partial_year": "whole"}
    with pytest.raises(TermsError) as refused:
        monthly({}, take_or_pay=said, guarantee=guarantee)
    assert [fault.path for fault in refused.value.faults] == ["taken_tonnes_by_year.2026", "measured_usd_by_year.2026"]


def test_a_guarantee_may_share_what_lies_above_and_scale_its_first_year() -> None:
    said = {"measure": "ebitda", "usd_per_year": 4_000_000, "partial_year": "scales", "share_above": 0.5}
    found = monthly({"measured_usd_by_year": {2026: 3_000_000}}, guarantee=said)
    assert found.years[0].usd == -1_000_000  # half of 3 m above a quarter of 4 m


@pytest.mark.parametrize(("struck_every", "expected"), [("year", 4_000_000), ("period", 4_600_000)])
def test_a_guarantee_that_follows_an_index_counts_the_levels_of_its_year(struck_every: str, expected: int) -> None:
    escalator = {
        "kind": "index", "price_index": "us_cpi", "base_month": "2026-01", "lag_months": 0, "pass_through_share": 1,
        "struck_every": struck_every,
    }  # fmt: skip
    levels = {"2026-01": 100, "2026-04": 110, "2026-07": 120, "2026-10": 130}  # a mean of 115
    said = {"measure": "ebitda", "usd_per_year": 4_000_000, "partial_year": "whole", "escalator": escalator}
    told = {"measured_usd_by_year": {2026: 0}, "price_indices": {"us_cpi": {"levels": levels}}}
    found = monthly(told, guarantee=said, to="2026-12-31", settlement="quarterly")
    assert [year.usd for year in found.years] == [expected]


def test_a_provisional_invoice_on_a_reference_is_settled_by_the_final_one() -> None:
    references = {
        "benchmark": {"kind": "index", "index": "given", "window": "month", "lag_months": 0},
        "next": {"kind": "index", "index": "given", "window": "month", "lag_months": 1},
    }
    clauses = [{"kind": "indexed", "name": "price", "reference": "next", "discount_share": 0}]
    terms = contract(
        settlement="monthly", to="2026-01-31", volume={"basis": "delivered", "tonnes_per_year": 1200},
        references=references, clauses=clauses, provisional={"reference": "benchmark", "paid_share": 0.9},
    )  # fmt: skip
    (invoice,) = settle(terms, facts({"2026-01": 90, "2026-02": 96})).invoices
    assert (invoice.provisional_usd, invoice.final_usd) == (8_100_000, 1_500_000)
    assert invoice.change_usd_per_kg == 6


def test_what_cover_costs_the_seller_is_no_price_of_goods_on_an_invoice() -> None:
    covered = {**SAID, "borne_by": "seller", "cover_reference": "benchmark"}
    cheap = {**PRICE, "price_usd_per_kg": 80}
    told = {"stops": [{**STOP, "to": "2026-02-14"}]}
    provisional = {"provisional_usd_per_kg": 70, "paid_share": 1}
    found = monthly(told, clauses=[cheap], interruptions=[covered], provisional=provisional)
    assert usd(found, "cover at benchmark") == [-500_000]  # (80 - 90) x half of 100 t
    assert [int(one.final_usd) for one in found.invoices] == [1_000_000, 500_000, 1_000_000]  # (80 - 70) x tonnes


COVERED = {**SAID, "borne_by": "seller", "cover_reference": "benchmark"}


@pytest.mark.parametrize(("to", "expected"), [("2026-02-27", -964_285_71), ("2026-02-28", -1_000_000_00)])
def test_cover_is_paid_above_the_price_of_goods_however_long_the_stop(to: str, expected: int) -> None:
    told = {"stops": [{**STOP, "to": to}]}
    references = {
        name: {"kind": "index", "index": name, "window": "month", "lag_months": 0} for name in ("goods", "given")
    }
    goods = {"kind": "indexed", "name": "price", "reference": "goods", "discount_share": 0, "added_usd_per_kg": 10}
    terms = contract(
        settlement="monthly", volume={"basis": "delivered", "tonnes_per_year": 1200}, references=references,
        clauses=[goods], interruptions=[{**COVERED, "cover_reference": "given"}],
    )  # fmt: skip
    found = settle(terms, facts({2026: 100}, indices={"goods": {**CASES["flat"], "fixings": {2026: 80}}}, **told))
    (cover,) = (leg for leg in found.periods[1].legs if leg.kind == "cover")
    assert (cover.usd_per_kg, cover.usd) == (-10, Decimal(expected) / 100)  # 100 less 80 + 10, on 27 or 28 of 28 days


def test_nothing_is_paid_for_cover_at_a_reference_below_the_price() -> None:
    found = monthly({"stops": [STOP]}, clauses=[PRICE], interruptions=[COVERED])
    assert usd(found, "cover at benchmark") == [0]


@pytest.mark.parametrize("clause", [FLOOR, {**PRICE, "from": "2026-03-01"}])
def test_cover_without_a_price_of_goods_is_refused(clause: dict[str, Any]) -> None:
    with pytest.raises(TermsError, match="no price of goods in 2026-02, where cover is due"):
        monthly({"stops": [STOP]}, clauses=[clause], interruptions=[COVERED])


def test_a_price_in_force_for_a_part_of_a_stopped_period_is_no_smaller_for_cover() -> None:
    halves = [{**PRICE, "name": "early", "to": "2026-01-31"}, {**PRICE, "name": "late", "from": "2026-03-01"}]
    cover = {"price_usd_per_kg": 70}
    stop = {**STOP, "from": "2026-01-01", "to": "2026-03-31"}
    found = monthly(
        {"stops": [stop]}, settlement="quarterly", clauses=[row | cover for row in halves], interruptions=[COVERED]
    )
    assert usd(found, "cover at benchmark") == [-6_000_000]  # (70 - 90) x 300 t


def test_tonnes_of_a_period_that_nobody_states_are_asked_for() -> None:
    volume = {"basis": "sold", "tonnes_by_period": {"2026-01": 100, "2026-05": 1}}
    with pytest.raises(TermsError) as refused:
        monthly({}, volume=volume)
    paths = [fault.path for fault in refused.value.faults]
    assert paths == [
        "volume.tonnes_by_period.2026-05",
        "volume.tonnes_by_period.2026-02",
        "volume.tonnes_by_period.2026-03",
    ]


def test_tonnes_by_month_add_up_to_a_quarter() -> None:
    volume = {"basis": "sold", "tonnes_by_period": {"2026-01": 100, "2026-02": 10, "2026-03": 1}}
    found = monthly({}, settlement="quarterly", volume=volume)
    assert usd(found, "price") == [11_100_000]


def test_a_level_of_a_price_index_that_is_missing_is_named() -> None:
    escalator = {
        "kind": "index", "price_index": "us_cpi", "base_month": "2025-12", "lag_months": 1, "pass_through_share": 1,
        "struck_every": "period",
    }  # fmt: skip
    told = {"price_indices": {"us_cpi": {"levels": {"2025-12": 300, "2026-01": 303}}}}
    with pytest.raises(TermsError, match=r"price_indices\.us_cpi\.levels\.2026-02"):
        monthly(told, clauses=[{**PRICE, "escalator": escalator}])
    found = monthly(told, clauses=[{**PRICE, "escalator": escalator}], to="2026-02-28")
    assert usd(found, "price") == [10_000_000, 10_100_000]


def test_a_total_by_year_holds_periods_and_yearly_reckonings() -> None:
    said = {"take_share": 1, "deficiency_usd_per_kg": 100, "make_up_years": 0, "partial_year": "scales"}
    delivered = {"2026-01": 100, "2026-02": 100, "2026-03": 99}
    volume = {"basis": "delivered", "tonnes_per_year": 1200, "tonnes_by_period": delivered}
    found = monthly({"taken_tonnes_by_year": {2026: 299}}, take_or_pay=said, volume=volume)
    assert found.usd_by_year() == {2026: Decimal("35980000.00")} == {2026: found.total_usd}  # 299 x 120,000 + 100,000


@pytest.mark.parametrize("by_period", [{}, {f"2026-Q{quarter}": 130 for quarter in range(1, 5)}])
def test_tonnes_that_are_not_taken_are_never_paid_for_twice(by_period: dict[str, int]) -> None:
    said = {"take_share": 0.8, "deficiency_usd_per_kg": 110, "make_up_years": 0, "partial_year": "scales"}
    volume = {"basis": "delivered", "tonnes_per_year": 520, "tonnes_by_period": by_period}
    change = {"to": "2026-12-31", "settlement": "quarterly", "clauses": [{**PRICE, "price_usd_per_kg": 110}]}
    told = {"taken_tonnes_by_year": {2026: 300}}
    with pytest.raises(TermsError, match="300 t taken, beside 520 t delivered") as refused:
        monthly(told, volume=volume, take_or_pay=said, **change)
    assert [fault.path for fault in refused.value.faults] == ["taken_tonnes_by_year.2026"]
    delivered = {**volume, "tonnes_by_period": {f"2026-Q{quarter}": 75 for quarter in range(1, 5)}}
    found = monthly(told, volume=delivered, take_or_pay=said, **change)
    assert found.total_usd == 45_760_000  # 416 t x 110, of which 300 t are goods and 116 t deficient


def test_a_quarter_stated_twice_is_refused() -> None:
    volume = {"basis": "sold", "tonnes_by_period": {"2026-Q1": 100, "2026-02": 10}}
    with pytest.raises(TermsError, match=r"tonnes_by_period\.2026-02: found beside 2026-Q1"):
        monthly({}, settlement="quarterly", volume=volume)


def test_settling_through_a_day_leaves_later_periods_and_years_open() -> None:
    cap = {"usd_per_year": 12_000_000, "year_of": "delivery", "partial_year": "scales"}
    said = {"take_share": 1, "deficiency_usd_per_kg": 100, "make_up_years": 0, "partial_year": "scales"}
    change = {"to": "2027-06-30", "clauses": [{**FLOOR, "annual_cap": cap}], "take_or_pay": said}
    told = {"taken_tonnes_by_year": {2026: 1200, 2027: 599}}
    whole = monthly(told, **change)
    part = monthly({**told, "settle_through": "2027-02-27"}, **change)
    assert part.periods == whole.periods[:13]  # January 2027 has ended, February has not; caps are those of the whole
    assert part.years == whole.years[:1]
    with pytest.raises(TermsError, match="a day from 2026-01-31"):
        monthly({**told, "settle_through": "2026-01-30"}, **change)


def test_the_outcome_of_a_review_that_is_not_held_is_refused() -> None:
    told = {"reviewed": [{"target": "price", "day": "2026-02-02", "level_usd_per_kg": 93}]}
    with pytest.raises(TermsError, match="price on 2026-02-01"):
        monthly(told, reviews=[{**REVIEW, "trigger_share": 0.5}])


def test_an_event_under_another_name_is_asked_for_with_the_nearest() -> None:
    with pytest.raises(TermsError, match="Did you mean ful_production"):
        monthly({"events": {"ful_production": "2026-02-01"}}, clauses=[{**FLOOR, "starts_with": "full_production"}])
