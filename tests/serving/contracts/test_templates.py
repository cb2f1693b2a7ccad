"""Templates hold what is public with its source, ask for the rest, and never guess."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from httpx import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from features.contract_templates import load_templates
from features.dataset import load_dataset
from pricing.contracts.settlement import settle
from pricing.contracts.template import Template
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.plain import plain
from pricing.contracts.terms.reading import read
from pricing.errors import InputError, TermsError
from serving.cli import build
from serving.contracts.templates.documentation import JARE_INPUTS
from serving.contracts.templates.named import with_templates

TEMPLATES = load_templates()
INDEX = {"index": "market", "window": "month", "lag_months": 0, "vat_rule": "refuse", "vat": "excluded"}
MP: dict[str, Any] = {
    "volume_basis": "sold",
    "tonnes_per_year": 4000,
    "tonnes_by_period": {"2025-Q4": 562, "2026-Q1": 1006},
    "form": "oxide",
    "vat": "excluded",
    "index": "market",
    "vat_rule": "refuse",
    "average_of": "months",
    "lag_months": 0,
    "share_index": "market",
    "share_lag_months": 0,
    "payment_days": 45,
}
TEN_X = {"first_day": "2029-01-01", "first_escalation_year": 2, "partial_year": "whole", "share_above": 0}
LYNAS_DOW = INDEX | {
    "sum_is": "support",
    "first_day": "2026-07-01",
    "settlement": "quarterly",
    "volume_basis": "delivered",
    "tonnes_per_year": 400,
    "form": "oxide",
    "discount_share": 0,
}
COLLAR = INDEX | {
    "seller": "a producer",
    "material": "NdPr",
    "form": "oxide",
    "floor_usd_per_kg": 90,
    "cap_usd_per_kg": 130,
    "share_above_cap": Decimal("0.5"),
    "first_day": "2027-01-01",
    "last_day": "2027-03-31",
    "settlement": "monthly",
    "volume_basis": "sold",
    "tonnes_per_year": 12000,
}
NEVER = {"ten_x_full_production": "2036-01-01"}
PAID_IN = {"payment_days": 60}
COMPLETE: dict[str, dict[str, Any]] = {
    "mp_price_protection": MP,
    "mp_10x_guarantee": TEN_X | PAID_IN,
    "lynas_jare": JARE_INPUTS,
    "lynas_dow": LYNAS_DOW | PAID_IN,
    "australian_collar": COLLAR | PAID_IN,
}


def refused(template: Template, inputs: object) -> dict[str, str]:
    with pytest.raises(TermsError) as caught:
        template.fill(inputs)
    return {fault.path: fault.allowed for fault in caught.value.faults}


def paths_refused(template: Template, inputs: object) -> set[str]:
    """Return where a template refuses inputs; nowhere where it makes a contract that reads back."""
    try:
        contract = template.fill(inputs)
    except TermsError as found:
        return {fault.path for fault in found.faults}
    assert read(plain(contract), Contract) == contract
    return set()


def index(**by_month: float) -> dict[str, Any]:
    fixings = {month.replace("_", "-").removeprefix("m"): price for month, price in by_month.items()}
    return {"currency": "USD", "unit": "kg", "form": "oxide", "vat": "excluded", "fixings": fixings}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))
def test_an_unfilled_template_is_refused_with_every_missing_input_and_its_question(template: Template) -> None:
    found = refused(template, {})
    assert {f"inputs.{name}" for name in template.asked} <= set(found)
    for name in template.asked:
        assert template.questions[name].asks in found[f"inputs.{name}"]


@pytest.mark.parametrize("name", COMPLETE)
def test_a_filled_template_is_a_contract_that_reads_back(name: str) -> None:
    contract = TEMPLATES[name].fill(COMPLETE[name])
    assert read(plain(contract), Contract) == contract


@pytest.mark.parametrize("name", COMPLETE)
def test_each_required_input_is_missed_alone(name: str) -> None:
    template = TEMPLATES[name]
    for one in template.asked:
        left = {key: value for key, value in COMPLETE[name].items() if key != one}
        assert [path for path in refused(template, left) if path == f"inputs.{one}"]


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))
def test_every_input_says_what_it_may_hold_without_its_question(template: Template) -> None:
    allowed = template.allowed()
    assert list(allowed) == list(template.questions)
    assert not [name for name, text in allowed.items() if template.questions[name].asks in text]


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))
def test_every_public_term_has_the_source_that_the_facts_have(template: Template) -> None:
    facts = load_dataset().facts.set_index("id")["source"]
    for fact in template.public:
        assert fact.source
        assert fact.as_of >= "2025-07"
        if fact.fact is not None:
            assert fact.source == facts[fact.fact]


def test_wrong_missing_and_unknown_inputs_are_told_together_under_their_own_names() -> None:
    wrong = MP | {"volume_basis": "soled", "lag_months": 0.5, "payment_dayz": 30, "form": None, "payment_days": -1}
    found = refused(TEMPLATES["mp_price_protection"], wrong)
    assert list(found) == [f"inputs.{name}" for name in ("volume_basis", "form", "lag_months", "payment_days")] + [
        "inputs.payment_dayz"
    ]


def test_a_floor_above_its_cap_is_told_as_inputs() -> None:
    crossed = COLLAR | PAID_IN | {"floor_usd_per_kg": 140}
    assert refused(TEMPLATES["australian_collar"], crossed) == {"inputs.floor_usd_per_kg": "at most the cap, 130"}


def test_tonnes_that_nobody_stated_are_asked_for() -> None:
    left = {name: value for name, value in MP.items() if not name.startswith("tonnes")}
    assert list(refused(TEMPLATES["mp_price_protection"], left)) == ["inputs.tonnes_per_year"]


@given(st.one_of(st.none(), st.booleans(), st.text(), st.lists(st.integers()), st.integers()))
def test_inputs_that_are_no_object_are_refused(inputs: object) -> None:
    assert list(refused(TEMPLATES["lynas_jare"], inputs)) == ["inputs"]


NONSENSE = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.decimals(),
        st.text(max_size=30),
        st.dates().map(str),
        st.sampled_from(["sold", "excluded", "purchases", "market", "9999-12-31", "2026-02-30"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=4,
)


@pytest.mark.parametrize("name", COMPLETE)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_nonsense_is_refused_and_never_breaks_the_reader(name: str, data: st.DataObject) -> None:
    template = TEMPLATES[name]
    inputs = data.draw(st.dictionaries(st.sampled_from(list(template.questions)), NONSENSE))
    told = COMPLETE[name] | inputs
    missing = [one for one in template.asked if told.get(one) is None]
    paths = paths_refused(template, told)
    assert {f"inputs.{one}" for one in missing} <= paths
    assert all(path.startswith("inputs.") for path in paths)


def test_the_public_first_quarter_pays_what_the_arithmetic_says() -> None:
    """110 less 68 on the 1,006 t sold: 42,252,000 (question 1); the share waits for 10X."""
    contract = TEMPLATES["mp_price_protection"].fill(MP)
    months = index(m2025_10=68, m2025_11=68, m2025_12=68, m2026_01=66, m2026_02=68, m2026_03=70)
    facts = {"settle_through": "2026-03-31", "indices": {"market": months}, "events": NEVER}
    last = settle(contract, read(facts, Facts)).periods[-1]
    assert [leg.usd for leg in last.legs] == [Decimal("42252000.00"), 0]


def test_the_share_begins_with_full_production_at_10x() -> None:
    contract = TEMPLATES["mp_price_protection"].fill(MP | {"tonnes_by_period": {"2025-Q4": 0, "2026-Q1": 1000}})
    indices = {"market": index(m2025_10=120, m2025_11=120, m2025_12=120, m2026_01=120, m2026_02=120, m2026_03=120)}
    facts = {"settle_through": "2026-03-31", "indices": indices, "events": {"ten_x_full_production": "2026-01-01"}}
    assert settle(contract, read(facts, Facts)).total_usd == Decimal("-3000000.00")  # 30 % of 10 on 1,000 t


def test_the_rebate_of_jare_meets_its_cap() -> None:
    """Question 4: 165 achieved on 5,000 t is 22.5 m before the cap and 10 m after it."""
    whole_years = JARE_INPUTS | {"first_day": "2027-01-01", "last_day": "2027-12-31"}
    contract = TEMPLATES["lynas_jare"].fill(whole_years)
    months = {f"m2027_{month:02d}": 165.0 for month in range(1, 13)}
    facts = read({"indices": {"market": index(**months), "achieved": index(**months)}}, Facts)
    settled = settle(contract, facts)
    assert settled.net_usd_per_kg == Decimal(163)
    assert sum(leg.usd for flow in settled.periods for leg in flow.legs if leg.clause == "rebate") == -10_000_000


def test_a_figure_that_is_public_holds_until_another_is_stated() -> None:
    jare = TEMPLATES["lynas_jare"]
    assert jare.fill(JARE_INPUTS).volume.tonnes_per_year == 5000
    assert jare.fill(JARE_INPUTS | {"tonnes_per_year": 7200}).volume.tonnes_per_year == 7200


def test_ten_years_end_on_the_day_before_the_anniversary() -> None:
    ten_x = TEMPLATES["mp_10x_guarantee"]
    assert ten_x.fill(TEN_X | PAID_IN).last_day == date(2038, 12, 31)
    leap = ten_x.fill(TEN_X | PAID_IN | {"first_day": "2028-02-29"})
    assert leap.last_day == date(2038, 2, 28)


def test_the_guarantee_rises_to_151_54_million_in_its_fifth_year() -> None:
    """Question 10, with the first rise in the second year."""
    facts = {"measured_usd_by_year": {str(year): 0 for year in range(2029, 2039)}}
    years = settle(TEMPLATES["mp_10x_guarantee"].fill(TEN_X | PAID_IN), read(facts, Facts)).years
    assert round(years[4].usd, -4) == 151_540_000


def test_a_guarantee_from_the_middle_of_a_year_pays_ten_contract_years() -> None:
    """140 m and 2 % more on each first of July: 1,532.96 m in all, in eleven calendar years."""
    stated = {"first_day": "2028-07-01", "first_escalation_year": 2, "partial_year": "scales", "share_above": 0}
    facts = {"measured_usd_by_year": {str(year): 0 for year in range(2028, 2039)}}
    found = settle(TEMPLATES["mp_10x_guarantee"].fill(stated | PAID_IN), read(facts, Facts))
    exact = sum(Decimal(140_000_000) * Decimal("1.02") ** year for year in range(10))
    assert abs(found.total_usd - exact) < Decimal("0.06")  # eleven amounts, each to the cent
    assert found.years[1].usd == 141_400_000


def test_what_no_term_of_10x_holds_is_told_with_its_fact() -> None:
    said = [fact for fact in TEMPLATES["mp_10x_guarantee"].public if fact.term == "clauses"]
    assert [fact.fact for fact in said] == ["contracts-005"]
    assert said[0].says.startswith("cost-plus pricing with quarterly true-ups")


def test_a_purchase_sum_bounds_the_tonnes_and_support_does_not() -> None:
    """Question 27: 96 m at 110 buy at most 872.7 t, 218.2 t a year."""
    template = TEMPLATES["lynas_dow"]
    assert template.bounds[0].most == Decimal("218.2")
    assert template.fill(LYNAS_DOW | PAID_IN).volume.tonnes_per_year == 400
    found = refused(template, LYNAS_DOW | PAID_IN | {"sum_is": "purchases"})
    assert found["inputs.tonnes_per_year"].startswith("at most 218.2: 96 million USD")
    assert "872.7 t in all" in found["inputs.tonnes_per_year"]


@pytest.mark.parametrize(("compared", "expected"), [("months", 0), ("averages", 0), (None, 5_000_000)])
def test_the_spot_price_of_the_collar_is_one_index_or_the_higher_of_two(compared: str | None, expected: int) -> None:
    """12,000 t a year: 1,000 t a month. The second index lies at the floor of 90 in the month the first lies at 85."""
    both = {} if compared is None else {"ex_china_index": "outside", "compared": compared}
    contract = TEMPLATES["australian_collar"].fill(COLLAR | PAID_IN | both)
    assert list(contract.references) == (["spot", "first", "ex_china"] if both else ["spot"])
    indices = {
        "market": index(m2027_01=85, m2027_02=100, m2027_03=95),
        "outside": index(m2027_01=90, m2027_02=80, m2027_03=95),
    }
    assert settle(contract, read({"indices": indices}, Facts)).total_usd == expected


def test_a_second_index_asks_how_the_higher_is_taken_and_a_first_one_does_not() -> None:
    found = refused(TEMPLATES["australian_collar"], COLLAR | PAID_IN | {"ex_china_index": "outside"})
    assert list(found) == ["inputs.compared"]
    assert "of each month, or of the averages" in found["inputs.compared"]


def test_a_template_stands_in_place_of_a_contract_and_tells_its_faults_there() -> None:
    found = with_templates({"contract": {"template": "lynas_jare", "inputs": JARE_INPUTS}, "facts": {}})
    assert read(found["contract"], Contract) == TEMPLATES["lynas_jare"].fill(JARE_INPUTS)
    assert found["facts"] == {}
    wrong = [{"template": "lynas_jare", "inputs": {}, "extra": 1}, {"template": "lynas_jar"}, {"name": "whole"}]
    with pytest.raises(InputError) as caught:
        with_templates({"contracts": wrong})
    told = {fault.path: fault.nearest for fault in caught.value.faults}
    assert told["contracts.1.template"] == "lynas_jare"
    assert {"contracts.0.extra", "contracts.0.inputs.index"} <= set(told)


def test_a_settlement_takes_a_template(client: Client) -> None:
    contract = {"template": "mp_price_protection", "inputs": MP}
    months = index(m2025_10=68, m2025_11=68, m2025_12=68, m2026_01=66, m2026_02=68, m2026_03=70)
    facts = {"settle_through": "2026-03-31", "indices": {"market": months}, "events": NEVER}
    found = client.post("/v1/contracts/settlements", json={"contract": contract, "facts": facts})
    assert found.json()["periods"][-1]["usd"] == 42_252_000
    refused = client.post("/v1/contracts/settlements", json={"contract": contract | {"inputs": {}}, "facts": facts})
    assert refused.status_code == 422
    assert "contract.inputs.volume_basis" in [fault["path"] for fault in refused.json()["faults"]]


def test_the_doors_say_the_same(client: Client) -> None:
    for arguments, answer in (
        ([], client.get("/v1/contracts/templates")),
        (["lynas_jare"], client.get("/v1/contracts/templates/lynas_jare")),
    ):
        ran = CliRunner().invoke(build(), ["templates", *arguments, "--json"])
        assert ran.stdout.strip() == answer.text
        assert answer.status_code == 200


def test_a_filled_template_keeps_the_digits_it_was_given(client: Client) -> None:
    stated = JARE_INPUTS | {"discount_rule": "greater_of"}
    body = json.dumps({"inputs": stated}).replace('"discount_share": 0', '"discount_share": 0.012345678901234567')
    answer = client.post("/v1/contracts/templates/lynas_jare", content=body)
    assert answer.status_code == 200
    assert '"discount_share":0.012345678901234567' in answer.text


def test_an_unfilled_template_is_422_over_http_and_names_the_nearest(client: Client) -> None:
    unfilled = client.post("/v1/contracts/templates/mp_price_protection", json={"inputs": {}})
    assert unfilled.status_code == 422
    assert len(unfilled.json()["faults"]) == len(TEMPLATES["mp_price_protection"].asked) + 1  # and the tonnes
    unknown = client.get("/v1/contracts/templates/mp_price_protectoin")
    assert unknown.json()["faults"][0]["nearest"] == "mp_price_protection"


def test_the_command_line_prints_a_contract_that_a_file_can_hold() -> None:
    pairs = [f"--set={name}={value}" for name, value in (TEN_X | PAID_IN).items()]
    ran = CliRunner().invoke(build(), ["templates", "mp_10x_guarantee", *pairs])
    assert ran.exit_code == 0, ran.output
    assert "usd_per_year: 140000000" in ran.stdout


def test_inputs_without_a_template_are_refused() -> None:
    ran = CliRunner().invoke(build(), ["templates", "--set", "index=market"])
    assert "the name of the template they fill" in str(ran.exception)
