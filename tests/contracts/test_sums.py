"""Laws of negotiators' sums: break-evens break even, caps hold, plants earn their capital, units change nothing."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pricing.contracts.settlement_payoffs import DiscountRule, discounted
from pricing.contracts.sums.commitments import CapOnShare, Exposure, Paid, SumIs, TonnesForSum
from pricing.contracts.sums.figures import Sum
from pricing.contracts.sums.kinds import KINDS
from pricing.contracts.sums.levels import RealValue
from pricing.contracts.sums.supply import DiscountForFloor, PlantBasis, PlantPrice, PriceStep
from pricing.contracts.terms.reading import read
from pricing.stages.ladder import Conversion, Ladder, Stage

PRICES = st.decimals(Decimal(20), Decimal(300), places=2)
SHARES = st.decimals(Decimal("0.01"), Decimal("0.9"), places=2)
TONNES = st.integers(1, 20_000).map(Decimal)
YEARS = st.integers(1, 40)
NEAR = Decimal("1E-15")


def figure(asked: Sum, name: str) -> Decimal:
    found = asked.answer().figures[name]
    assert found is not None
    return found


def test_every_kind_of_sum_has_a_word_of_its_own() -> None:
    assert len({kind.KIND for kind in KINDS}) == len(KINDS)
    assert all(kind.KIND for kind in KINDS)


@given(index=PRICES, floor=PRICES, discount=SHARES)
def test_at_break_even_the_price_is_the_index(index: Decimal, floor: Decimal, discount: Decimal) -> None:
    asked = DiscountForFloor(index_usd_per_kg=index, floor_usd_per_kg=floor, discount_share=discount)
    for rule, found in asked.answer().cases.items():
        even = found["break_even_share"]
        if even is not None:
            paid = discounted(index, 1 - even, DiscountRule(rule), floor, None)
            assert abs(paid - index) < NEAR


@given(level=PRICES, share=SHARES, cap=st.integers(1, 10**8).map(Decimal), tonnes=TONNES, price=PRICES)
def test_a_cap_binds_from_its_price_on_and_is_never_exceeded(
    level: Decimal, share: Decimal, cap: Decimal, tonnes: Decimal, price: Decimal
) -> None:
    asked = CapOnShare(
        above_usd_per_kg=level,
        share_above=share,
        cap_usd_per_year=cap,
        tonnes_per_year=tonnes,
        price_usd_per_kg=price,
    )
    paid, due = figure(asked, "paid_usd_per_year"), figure(asked, "share_usd_per_year")
    assert paid <= cap
    assert (paid < due) == (price > figure(asked, "cap_binds_from_usd_per_kg"))


@given(capex=st.integers(1, 10**10).map(Decimal), tonnes=TONNES, opex=PRICES, years=YEARS, rate=SHARES)
def test_a_plant_at_its_price_is_worth_its_capital(
    capex: Decimal, tonnes: Decimal, opex: Decimal, years: int, rate: Decimal
) -> None:
    asked = PlantPrice(
        capex_usd=capex,
        tonnes_per_year=tonnes,
        opex_usd_per_kg=opex,
        years=years,
        capital_cost_shares=(rate, rate + Decimal("0.05")),
        basis=PlantBasis.REAL_PRE_TAX,
    )
    margin = (figure(asked, "price_usd_per_kg") - opex) * tonnes * 1000
    worth = sum((margin / (1 + rate) ** year for year in range(1, years + 1)), Decimal(0))
    assert abs(worth / capex - 1) < NEAR
    assert figure(asked, "difference_usd_per_kg") > 0


@given(tonnes=TONNES, reference=PRICES, floor=PRICES, years=YEARS)
def test_a_present_value_without_interest_is_the_total(
    tonnes: Decimal, reference: Decimal, floor: Decimal, years: int
) -> None:
    asked = Exposure(
        tonnes_per_year=tonnes,
        reference_usd_per_kg=reference,
        floor_usd_per_kg=floor,
        years=years,
        discount_share_per_year=Decimal(0),
        paid=Paid.YEAR_END,
    )
    assert figure(asked, "present_value_usd") == figure(asked, "total_usd") >= 0


@given(price=PRICES, inflation=SHARES, level=PRICES)
def test_a_price_reaches_its_level_after_the_years_told(price: Decimal, inflation: Decimal, level: Decimal) -> None:
    asked = RealValue(
        price_usd_per_kg=price, inflation_share_per_year=inflation, years=Decimal(1), level_usd_per_kg=level
    )
    years = figure(asked, "years_until_below")
    reached = price / (1 + inflation) ** years
    assert abs(reached - min(price, level)) < NEAR
    assert years < figure(asked, "first_year_below") <= years + 1


@given(usd=st.integers(1, 10**9).map(Decimal), floor=PRICES, lack=SHARES)
def test_support_stands_for_at_least_the_tonnes_of_purchase(usd: Decimal, floor: Decimal, lack: Decimal) -> None:
    both = TonnesForSum(usd=usd, floor_usd_per_kg=floor, reference_usd_per_kg=floor * (1 - lack)).answer()
    bought, supported = (both.cases[kind]["tonnes"] for kind in (SumIs.PURCHASE, SumIs.SUPPORT))
    assert bought is not None
    assert supported is not None
    assert bought <= supported
    assert both.asks is not None


@given(change=PRICES, kg=SHARES, content=SHARES, ratio=st.decimals(Decimal("1.01"), Decimal("1.9"), places=2))
def test_a_price_step_is_the_ladder_s_without_losses(
    change: Decimal, kg: Decimal, content: Decimal, ratio: Decimal
) -> None:
    made = {Stage.METAL: ratio, Stage.ALLOY: content, Stage.MAGNET: Decimal(1)}
    ladder = Ladder({stage: Conversion(kg_in, Decimal(1)) for stage, kg_in in made.items()})
    asked = PriceStep(
        change_usd_per_kg=change,
        magnet_kg_per_unit=kg,
        metal_kg_per_kg_magnet=content,
        oxide_kg_per_kg_metal=ratio,
    )
    added = ladder.slopes(Stage.OXIDE)[Stage.MAGNET] * change * kg
    assert abs(figure(asked, "change_usd_per_unit") - added) < NEAR


@given(strike=PRICES, market=PRICES)
def test_units_change_no_payment(strike: Decimal, market: Decimal) -> None:
    kinds = {kind.KIND: kind for kind in KINDS}
    by_kg = read({"strike_usd_per_kg": strike, "market_usd_per_kg": market}, kinds["units"])
    by_t = read({"strike_usd_per_t": strike * 1000, "market_usd_per_t": market * 1000}, kinds["units"])
    assert by_kg.answer().figures == by_t.answer().figures
