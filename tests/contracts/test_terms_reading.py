"""Terms are read from plain rows with every fault at once, and nothing is guessed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.contracts.terms.case import Case
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.differences import Floor
from pricing.contracts.terms.facts import Facts, IndexHistory
from pricing.contracts.terms.plain import plain
from pricing.contracts.terms.reading import read
from pricing.errors import Fault, TermsError

from .conftest import CASES, contract, contract_row, facts

FLOOR = {"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_kg": 110}
INDEX = {"kind": "index", "index": "given", "window": "month", "lag_months": 0}


def faults(row: Any, kind: Any = Contract) -> dict[str, Fault]:
    with pytest.raises(TermsError) as refused:
        read(row, kind)
    found = {fault.path: fault for fault in refused.value.faults}
    assert len(found) == len(refused.value.faults)  # one fault a path
    return found


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_terms_come_back_as_they_were_read(case: dict[str, Any]) -> None:
    found = contract(**case.get("change", {}))
    assert read(plain(found), Contract) == found


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_terms_that_were_read_pass_the_checks_of_terms_made_in_code(case: dict[str, Any]) -> None:
    found = contract(**case.get("change", {}))
    assert replace(found) == found
    assert all(replace(one) == one for one in (*found.clauses, *found.references.values(), found.volume))


def test_a_price_that_only_its_unit_lifts_out_of_range_is_refused() -> None:
    within = {"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_lb": 400_000}
    assert contract(clauses=[within]).clauses[0].numbers["floor_usd_per_kg"] > 800_000
    with pytest.raises(TermsError, match="floor_usd_per_kg"):
        contract(clauses=[{**within, "floor_usd_per_lb": 900_000}])


def test_a_slip_of_the_pen_hides_no_other_fault() -> None:
    row = contract_row(
        settlement="quartrly",
        **{"from": "2026-13-01", "to": "1890-01-01"},
        volume={"tonnes_per_year": -5},
        clauses=[
            {"kind": "collar", "name": "collar", "reference": "benchmrk", "floor_usd_per_kg": 110,
             "cap_usd_per_kg": 100, "share_above_cap": 1.5, "shar": 1},
            {"kind": "flor"},
            {"kind": "share", "name": "up", "reference": "benchmark", "above_usd_per_kg": 150, "share_above": 30},
        ],
        labor_cst=1,
    )  # fmt: skip
    found = faults(row)
    assert set(found) == {
        "settlement",
        "from",
        "to",
        "volume.basis",
        "volume.tonnes_per_year",
        "clauses.0.floor_usd_per_kg",  # above its cap, beside three other faults of the same clause
        "clauses.0.reference",
        "clauses.0.share_above_cap",
        "clauses.0.shar",
        "clauses.1.kind",
        "clauses.2.share_above",
        "labor_cst",
    }
    assert found["settlement"].nearest == "quarterly"
    assert found["clauses.0.reference"].nearest == "benchmark"
    assert found["clauses.1.kind"].nearest == "floor"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1, 0, "110", True, 10**40, None, [110]])
def test_what_is_no_positive_price_is_refused(number: Any) -> None:
    assert "clauses.0.floor_usd_per_kg" in faults(contract_row(clauses=[{**FLOOR, "floor_usd_per_kg": number}]))


def test_a_price_in_pounds_or_tonnes_is_read_per_kilogram() -> None:
    per_lb = contract(clauses=[{**FLOOR, "floor_usd_per_kg": None, "floor_usd_per_lb": 45.359237}])
    per_t = contract(clauses=[{**FLOOR, "floor_usd_per_kg": None, "floor_usd_per_t": 100_000}])
    assert per_lb.clauses[0].numbers == per_t.clauses[0].numbers == {"floor_usd_per_kg": Decimal(100)}


def test_a_price_in_two_units_is_refused() -> None:
    assert "clauses.0.floor_usd_per_lb" in faults(contract_row(clauses=[{**FLOOR, "floor_usd_per_lb": 50}]))


def test_a_missing_volume_basis_is_asked_for() -> None:
    assert "sold" in faults(contract_row(volume={"tonnes_per_year": 1000}))["volume.basis"].allowed


def test_a_volume_that_is_not_stated_is_asked_for() -> None:
    assert "volume.tonnes_per_year" in faults(contract_row(volume={"basis": "sold"}))


@pytest.mark.parametrize("other", ["cap", "share"])
def test_a_floor_above_a_cap_on_the_same_reference_is_refused(other: str) -> None:
    level = {"cap": {"cap_usd_per_kg": 100}, "share": {"above_usd_per_kg": 100, "share_above": 0.3}}[other]
    found = faults(contract_row(clauses=[FLOOR, {"kind": other, "name": "top", "reference": "benchmark", **level}]))
    assert found["clauses.1.floor_usd_per_kg"].allowed.startswith("at most 100")


def test_overlapping_floors_and_prices_are_refused() -> None:
    fixed = {"kind": "fixed", "name": "one", "price_usd_per_kg": 100}
    row = contract_row(
        clauses=[fixed, {**fixed, "name": "two"}, FLOOR, {**FLOOR, "name": "again", "from": "2026-03-01"}]
    )
    assert {"clauses.1.from", "clauses.3.from"} == set(faults(row))


def test_floors_that_follow_each_other_are_not_overlapping() -> None:
    early, late = {**FLOOR, "to": "2026-02-14"}, {**FLOOR, "name": "late", "from": "2026-02-15"}
    assert len(contract(clauses=[early, late]).clauses) == 2


def test_a_circular_fallback_is_refused_with_the_circle() -> None:
    def step(use: str) -> dict[str, Any]:
        return {**INDEX, "fallback": [{"use": use, "after_days_late": 21}], "fallback_for": "window"}

    row = contract_row(references={"benchmark": step("second"), "second": step("third"), "third": step("benchmark")})
    assert faults(row)["references.benchmark"].found == "a circle: benchmark -> second -> third -> benchmark"


def test_a_combination_of_itself_is_refused() -> None:
    both = {"kind": "combination", "take": "higher", "of": ["benchmark", "other"], "compared": "averages"}
    assert "references.benchmark" in faults(contract_row(references={"benchmark": both, "other": INDEX}))


def test_a_fallback_that_is_not_there_is_refused() -> None:
    rule = {**INDEX, "fallback": [{"use": "secnd", "after_days_late": 21}], "fallback_for": "window"}
    found = faults(contract_row(references={"benchmark": rule, "second": INDEX}))
    assert "references.benchmark.fallback.0.use" in found


def test_a_discount_beside_a_floor_needs_a_rule() -> None:
    price = {"kind": "indexed", "name": "price", "reference": "benchmark", "discount_share": 0.03}
    assert "clauses.0.discount_rule" in faults(contract_row(clauses=[price, FLOOR]))
    assert "clauses.0.discount_rule" in faults(contract_row(clauses=[{**price, "floor_usd_per_kg": 100}]))
    assert contract(clauses=[{**price, "discount_rule": "undiscounted_index"}, FLOOR]).clauses


def test_a_cap_by_settlement_day_needs_the_days_of_payment() -> None:
    cap = {"usd_per_year": 1, "year_of": "settlement", "partial_year": "whole"}
    assert "payment_days" in faults(contract_row(clauses=[{**FLOOR, "annual_cap": cap}]))


@pytest.mark.parametrize("left_out", ["year_of", "partial_year"])
def test_the_year_of_a_cap_and_its_partial_years_are_never_guessed(left_out: str) -> None:
    cap = {"usd_per_year": 1, "year_of": "delivery", "partial_year": "whole"}
    del cap[left_out]
    assert f"clauses.0.annual_cap.{left_out}" in faults(contract_row(clauses=[{**FLOOR, "annual_cap": cap}]))


def test_negative_tenor_and_clauses_outside_the_contract_are_refused() -> None:
    assert "to" in faults(contract_row(to="2025-12-31"))
    assert "clauses.0.to" in faults(contract_row(clauses=[{**FLOOR, "to": "2027-01-01"}]))


def test_one_name_for_two_clauses_is_refused() -> None:
    later = {**FLOOR, "from": "2026-03-01"}
    assert "clauses.1.name" in faults(contract_row(clauses=[{**FLOOR, "to": "2026-02-28"}, later]))


def test_a_reset_names_a_clause_with_one_level() -> None:
    said = {"target": "flor", "favours": "buyer", "notice_days": 0}
    assert faults(contract_row(most_favoured=[said]))["most_favoured.0.target"].nearest == "floor"


def test_a_clause_that_cannot_be_read_is_not_also_missing() -> None:
    said = {"target": "floor", "favours": "buyer", "notice_days": 0}
    assert set(faults(contract_row(clauses=[{**FLOOR, "kind": "flor"}], most_favoured=[said]))) == {"clauses.0.kind"}


def test_a_seller_who_bears_a_stop_needs_a_reference_for_cover() -> None:
    said = {"cause": "origin_failed", "suspends_delivery": True, "suspends_difference": True, "borne_by": "seller"}
    assert "interruptions.0.cover_reference" in faults(contract_row(interruptions=[said]))


STOPPED = {"cause": "origin_failed", "suspends_delivery": True, "suspends_difference": True, "borne_by": "nobody"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"volume": {"basis": "sold", "tonnes_per_year": 1, "tolerance_share": 0.1}}, "volume.tolerance_at_option_of"),
        (
            {"volume": {"basis": "sold", "tonnes_by_period": {"2026-Q1": 1}, "tolerance_share": 0.1}},
            "volume.tonnes_per_year",
        ),
        (
            {"volume_option": {"holder": "buyer", "least_tonnes_per_period": 2, "most_tonnes_per_period": 1}},
            "volume_option.least_tonnes_per_period",
        ),
        (
            {"take_or_pay": {"take_share": 1, "deficiency_usd_per_kg": 1, "make_up_years": 1, "partial_year": "whole"}},
            "take_or_pay.make_up_price",
        ),
        ({"provisional": {"paid_share": 1}}, "provisional.provisional_usd_per_kg"),
        ({"provisional": {"paid_share": 1, "reference": "benchmrk"}}, "provisional.reference"),
        ({"interruptions": [STOPPED, STOPPED]}, "interruptions.1.cause"),
        ({"clauses": [{**FLOOR, "from": "2026-03-01", "to": "2026-02-01"}]}, "clauses.0.to"),
        (
            {"references": {"benchmark": {**INDEX, "fx_rule": "mean_over_mean", "fallback_for": "month"}}},
            "references.benchmark.fallback_for",
        ),
    ],
)
def test_terms_that_leave_something_open_are_refused_where_it_is(change: dict[str, Any], path: str) -> None:
    assert path in faults(contract_row(**change))


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ({"stops": [{"cause": "force_majeure", "from": "2026-02-01", "to": "2026-01-01"}]}, "stops.0.to"),
        ({"decks": {"benchmark": {"from_month": "2026-01"}}}, "decks.benchmark.flat_usd_per_kg"),
        ({"fx": {"CNY": {"per_usd": {"2026-01": 0}}}}, "fx.CNY.per_usd.2026-01"),
        ({"indices": {"given": {**CASES["flat"], "fixings": {"2026-1": 90}}}}, "indices.given.fixings.2026-1"),
        (
            {"indices": {"given": {**CASES["flat"], "published": {"2026-01": "2026-02-01"}}}},
            "indices.given.published.2026-01",
        ),
    ],
)  # fmt: skip
def test_facts_that_contradict_themselves_are_refused_where_they_do(told: dict[str, Any], path: str) -> None:
    assert path in faults(told, Facts)


def test_an_index_on_metal_settles_no_oxide_and_needs_no_ratio() -> None:
    told = {"indices": {"given": {**CASES["flat"], "form": "metal", "fixings": {}}}}
    assert "contract.references.benchmark.index" in faults({"contract": contract_row(), "facts": told}, Case)
    ratio = {"oxide_kg_per_kg_metal": 1.2, "ratio_source": "x", "toll_usd_per_kg_metal": 0}
    row = contract_row(form="metal", references={"benchmark": {**INDEX, "metal": ratio}})
    assert "contract.references.benchmark.metal" in faults({"contract": row, "facts": told}, Case)


def test_terms_made_in_code_check_themselves_as_rows_do() -> None:
    found = contract(clauses=[FLOOR])
    with pytest.raises(TermsError, match="to: found"):
        type(found)(**{**{f: getattr(found, f) for f in found.__dataclass_fields__}, "last_day": date(2020, 1, 1)})


CNY_INDEX = {"currency": "CNY", "unit": "t", "form": "oxide", "vat": "included", "fixings": {"2026-01": 744000}}


def test_a_floor_before_tax_against_an_index_with_tax_is_refused_unless_the_rule_converts() -> None:
    found = faults({"contract": contract_row(), "facts": {"indices": {"given": CNY_INDEX}}}, Case)
    assert set(found) == {"contract.references.benchmark.vat_rule", "contract.references.benchmark.fx_rule"}
    assert "convert" in found["contract.references.benchmark.vat_rule"].allowed


def test_an_index_whose_tax_nobody_states_is_never_converted() -> None:
    unsaid = {key: value for key, value in CNY_INDEX.items() if key != "vat"} | {"currency": "USD"}
    row = contract_row(references={"benchmark": {**INDEX, "vat_rule": "convert"}})
    found = faults({"contract": row, "facts": {"indices": {"given": unsaid}}}, Case)
    assert found["contract.references.benchmark.vat_rule"].allowed == "one VAT basis, or as_quoted"


def test_a_premium_in_dollars_beside_a_bound_needs_a_rule_as_a_discount_does() -> None:
    clause = {"kind": "indexed", "name": "price", "reference": "benchmark", "discount_share": 0, "added_usd_per_kg": 2}
    assert contract(clauses=[clause]).clauses
    assert "clauses.0.discount_rule" in faults(contract_row(clauses=[{**clause, "floor_usd_per_kg": 100}]))


def test_an_unknown_index_is_refused_beside_any_other_fault() -> None:
    row = contract_row(references={"benchmark": {**INDEX, "index": "givn"}}, settlement="never")
    found = faults({"contract": row, "facts": {"indices": {"given": CNY_INDEX}}}, Case)
    assert found["contract.references.benchmark.index"].nearest == "given"
    assert "contract.settlement" in found


def test_a_contract_on_metal_needs_the_ratio_of_its_index_on_oxide() -> None:
    usd = {**CNY_INDEX, "currency": "USD", "vat": "excluded"}
    found = faults({"contract": contract_row(form="metal"), "facts": {"indices": {"given": usd}}}, Case)
    assert "oxide_kg_per_kg_metal" in found["contract.references.benchmark.metal"].allowed


def test_facts_come_back_as_they_were_read() -> None:
    found = facts({2026: 90}, fx={"CNY": {"per_usd": {2026: 7}}}, events={"start": "2026-01-01"})
    assert read(plain(found), Facts) == found


def test_a_restatement_needs_its_fixing_and_the_day_it_first_became_known() -> None:
    late = [{"fixing": "2026-01", "amount": 91, "known_on": "2026-03-01"}]
    assert "published.2026-01" in faults({**CNY_INDEX, "restatements": late}, IndexHistory)
    other = [{"fixing": "2026-02", "amount": 91, "known_on": "2026-03-01"}]
    assert "restatements.0.fixing" in faults({**CNY_INDEX, "restatements": other}, IndexHistory)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2026-01", "floor"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "x"]), inner, max_size=2),
    max_leaves=4,
)
CARBONATE = next(case for case in CASES["cases"] if case["name"].startswith("wet carbonate"))
RESTATED = next(case for case in CASES["cases"] if case["name"].startswith("a restated index"))


def places(row: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = row.items() if isinstance(row, dict) else enumerate(row) if isinstance(row, list) else ()
    return [*([so_far] if so_far else []), *(place for key, one in inside for place in places(one, (*so_far, key)))]


@settings(max_examples=100, deadline=None)
@given(case=st.sampled_from([CARBONATE, RESTATED]), found=ANYTHING, data=st.data())
def test_whatever_stands_in_a_field_the_answer_is_terms_or_a_refusal(
    case: dict[str, Any], found: Any, data: st.DataObject
) -> None:
    told = facts(case["given"], **case.get("facts", {}), **({"index": case["index"]} if "index" in case else {}))
    row = {"contract": plain(contract(**case["change"])), "facts": plain(told)}
    *way, last = data.draw(st.sampled_from(places(row)))
    inner: Any = row
    for key in way:
        inner = inner[key]
    inner[last] = found
    with suppress(TermsError):
        assert isinstance(read(row, Case), Case)


FLOOR_ROW = {"name": "floor", "reference": "benchmark"}


def test_a_slip_in_the_unit_of_a_price_is_answered_with_the_units_there_are() -> None:
    with pytest.raises(TermsError) as caught:
        read(FLOOR_ROW | {"floor_usd_per_tonne": 110_000}, Floor)
    fault = next(one for one in caught.value.faults if one.path == "floor_usd_per_tonne")
    assert fault.nearest == "floor_usd_per_t"
    assert fault.allowed == "floor_usd_per_kg, floor_usd_per_lb or floor_usd_per_t"


def test_a_price_in_two_units_is_asked_for_in_one() -> None:
    with pytest.raises(TermsError) as caught:
        read(FLOOR_ROW | {"floor_usd_per_kg": 110, "floor_usd_per_lb": 50}, Floor)
    assert [(one.path, one.allowed) for one in caught.value.faults] == [("floor_usd_per_lb", "state one of the two")]
