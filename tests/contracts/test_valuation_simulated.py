"""Payoffs on simulated paths against closed forms, what each side values, and how a value moves with its inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.closed_form import average, caplet, floorlet, probability_below, vega
from pricing.contracts.valuation.credit import Appropriation, Credit, arriving_share
from pricing.contracts.valuation.greeks import greeks
from pricing.contracts.valuation.legs import Leg, Payer, Side
from pricing.contracts.valuation.limits import AnnualCap, Start
from pricing.contracts.valuation.parties import Parties, discount_factors
from pricing.contracts.valuation.schedule import Schedule
from pricing.contracts.valuation.valuation import Valuation, value
from pricing.errors import InputError, TermsError
from pricing.paths.process import PriceProcess, TwoFactor
from pricing.paths.simulate import Sampling

NDPR = TwoFactor.from_moments(0.374, 2.6, 1.0, 0.3)
MONTHS = 120
YEARS = tuple(month / 12 for month in range(1, MONTHS + 1))
ALONE = PriceProcess(("NdPr",), (NDPR,), ((1.0,),))
BOTH = PriceProcess(("NdPr", "Dy"), (NDPR, NDPR.scaled(0.7)), ((1.0, 0.68), (0.68, 1.0)))
PARTIES = Parties(seller_rate=0.10, buyer_rate=0.04)
MONTHLY, QUARTERLY = (Schedule.regular(MONTHS, span, first_month=4) for span in (1, 3))
TONNE = np.array(1000.0)


def floor_leg(strike: float = 110.0, kg: np.ndarray = TONNE, reference: int = 0) -> Leg:
    return Leg(f"floor {reference}", Payer.BUYER, Side.BELOW, np.array(strike), kg, reference=reference)


def share_leg(strike: float = 110.0, share: float = 0.3, cap: float | None = None, start: Start | None = None) -> Leg:
    limit = None if cap is None else AnnualCap(cap)
    return Leg("share", Payer.SELLER, Side.ABOVE, np.array(strike), TONNE, np.array(share), 0, limit, start)


def book(*legs: Leg, deck: float = 100.0, schedule: Schedule = QUARTERLY, sampling: Sampling | None = None) -> Book:
    flat = np.full((1, MONTHS), deck)
    return Book(ALONE, flat, YEARS, legs, schedule, PARTIES, sampling or Sampling())


def whole(contract: Book) -> np.ndarray:
    """References of the first item on all paths (P, N)."""
    return np.concatenate([piece[0] for piece in contract.references()], axis=1)


FLOOR = book(floor_leg()).value()
WITH_SHARE = book(floor_leg(), share_leg()).value()


SEEDS = range(1, 7)
DECKS = (80.0, 100.0, 121.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_years_of_floors_are_near_their_closed_form_for_every_seed(seed: int) -> None:
    # monthly: the closed form, within .01 %; quarterly averages: the moment-matched strip, within .05 %
    years, covariance = np.array(YEARS), ALONE.covariance(np.array(YEARS))
    quarters = [covariance[start : start + 3, start : start + 3] for start in range(0, MONTHS, 3)]
    for deck in DECKS:
        monthly = 1000 * floorlet(deck, NDPR.deviation(years), 110.0)
        matched = [1000 * float(floorlet(*average(np.full(3, deck), own, [1 / 3] * 3), 110.0)) for own in quarters]
        for schedule, paid, within in ((MONTHLY, monthly, 1e-4), (QUARTERLY, np.array(matched), 5e-4)):
            found = book(floor_leg(), deck=deck, schedule=schedule, sampling=Sampling(seed=seed)).worth()
            exact = float(paid @ discount_factors(0.10, schedule.due_years))
            assert found.value == pytest.approx(exact, rel=within)


def test_greeks_on_more_paths_than_are_held_between_bumps_are_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r"beside greeks; allowed: at most 8,000,000 with greeks"):
        greeks(replace(book(floor_leg(), sampling=Sampling(65_536)), process=BOTH, deck=np.ones((2, MONTHS))))


def test_the_worked_floor_with_a_share_is_met_by_simulation() -> None:
    # volatility 30 % over one year: a level alone, without a short-term part
    one_year = PriceProcess(("NdPr",), (TwoFactor(1.0, 0.0, 0.3),), ((1.0,),))
    legs = (floor_leg(kg=np.array(1.0)), replace(share_leg(), kg=np.array(1.0)))
    schedule = Schedule(((0,),), np.ones(1), np.zeros(1), np.zeros(1))
    found = Book(one_year, np.array([[100.0]]), (1.0,), legs, schedule, Parties(0.0, 0.0)).value()
    assert round(found.by_leg["floor 0"][0], 2) == 18.14
    assert round(found.by_leg["share"][0], 2) == 2.44
    assert round(found.to_seller.value, 2) == 15.70
    assert found.binding["floor 0"][0] == pytest.approx(0.680, abs=0.001)
    log_price = np.log(100.0) - 0.045 + 0.3 * np.array([-1.2816, 0.0, 1.2816])
    highest_first = [110.0 - price if price < 110 else 0.3 * (110.0 - price) for price in np.exp(log_price)]
    quantiles = (found.net[0].p10, found.net[0].p50, found.net[0].p90)
    assert quantiles == pytest.approx(tuple(reversed(highest_first)), abs=0.1)


def test_a_call_less_a_put_is_a_forward_on_simulated_paths_too() -> None:
    call = share_leg(share=1.0)
    parity = book(replace(call, payer=Payer.BUYER), replace(floor_leg(), payer=Payer.SELLER)).value()
    forward = float(1000 * (100.0 - 110.0) * discount_factors(0.10, QUARTERLY.due_years).sum())
    assert parity.to_seller.value == pytest.approx(forward, rel=1e-10)


def test_the_floor_binds_as_often_as_the_closed_form_says() -> None:
    found = book(floor_leg(), schedule=MONTHLY).value().binding["floor 0"]
    assert found == pytest.approx(probability_below(100.0, NDPR.deviation(np.array(YEARS)), 110.0), abs=0.004)


def test_quantiles_are_ordered_and_the_same_seed_gives_the_same_answer() -> None:
    again = book(floor_leg(), share_leg()).value()
    assert again.net == WITH_SHARE.net
    assert again.to_seller == WITH_SHARE.to_seller
    for spread in (*WITH_SHARE.net, *WITH_SHARE.by_cap_year.values()):
        assert spread.p5 <= spread.p10 <= spread.p50 <= spread.p90


def test_quantiles_by_runs_of_matched_paths_are_those_of_all_paths_within_their_own_error() -> None:
    def ninetieth(seed: int) -> tuple[float, float]:
        contract = book(floor_leg(), share_leg(), sampling=Sampling(seed=seed))
        net = np.maximum(110.0 - whole(contract), 0.0) - 0.3 * np.maximum(whole(contract) - 110.0, 0.0)
        worth = 1000 * discount_factors(0.10, QUARTERLY.due_years) @ net
        return contract.value().present_value_to_seller.p90, float(np.quantile(worth, 0.9))

    by_run, of_all = np.array([ninetieth(seed) for seed in range(8)]).T
    assert by_run.mean() == pytest.approx(of_all.mean(), abs=of_all.std(ddof=1))


def test_years_add_their_periods_and_one_sided_payments_are_all_exposure() -> None:
    assert sum(year.mean for year in FLOOR.by_cap_year.values()) == pytest.approx(sum(p.mean for p in FLOOR.net))
    assert sum(mean for mean, _ in FLOOR.exposure.values()) == pytest.approx(float(FLOOR.by_leg["floor 0"].sum()))
    assert all(mean < high for mean, high in FLOOR.exposure.values())


def test_a_contract_is_worth_the_same_whatever_pieces_its_paths_come_in() -> None:
    references = np.random.default_rng(5).uniform(60.0, 160.0, (1, 40, 2500))
    legs = [floor_leg(), share_leg(cap=9_000.0)]
    found = value(legs, QUARTERLY, PARTIES, references)
    paid = [leg.payments(references, QUARTERLY.cap_years) for leg in legs]
    worth = discount_factors(0.10, QUARTERLY.due_years) @ (paid[0] - paid[1])
    assert found.to_seller.value == pytest.approx(worth.mean())
    assert found.present_value_to_seller.p90 == pytest.approx(np.quantile(worth, 0.9, method="hazen"), rel=1e-6)
    assert found.by_leg["share"] == pytest.approx(paid[1].mean(axis=1))
    first_year = paid[1][QUARTERLY.cap_years == 0].sum(axis=0)
    assert found.paying["share"][0] == pytest.approx((first_year > 0).mean())
    shifted = value(legs, QUARTERLY, PARTIES, references, valued_on=references - 1.0)
    assert shifted.to_seller.value > found.to_seller.value
    assert shifted.net == found.net


def test_six_thousand_tonnes_at_25_below_the_floor_cost_150_million_a_year_and_1158_today() -> None:
    # (110 - 85) x 6,000,000 kg = 150 m; 150 m x (1 - 1.05^-10) / .05 = 1,158.3 m
    yearly = Schedule.regular(MONTHS, 12)
    leg = floor_leg(kg=np.array(6.0e6))
    found = value([leg], yearly, Parties(0.05, 0.05), np.full((1, 10, 1), 85.0))
    assert {mean for mean, _ in found.exposure.values()} == {150.0e6}
    assert round(found.to_seller.value / 1e6, 1) == 1158.3
    assert found.to_buyer.value == -found.to_seller.value


@settings(max_examples=20)
@given(strike=st.floats(20.0, 300.0), cap=st.floats(100.0, 1.0e6))
def test_a_dearer_floor_never_pays_less_is_convex_and_at_most_a_dollar_per_kg(strike: float, cap: float) -> None:
    worths = [book(floor_leg(strike + step), share_leg(cap=cap)).worth().value for step in (0.0, 1.0, 2.0)]
    first, second = np.diff(worths)
    most = float(1000 * discount_factors(0.10, QUARTERLY.due_years).sum())
    assert -1e-6 <= first <= second + 1e-6 <= most + 2e-6


def test_a_lower_money_cap_costs_less_and_one_dollar_is_paid_in_every_year_with_a_period_above() -> None:
    undiscounted = {"parties": Parties(0.0, 0.0)}
    free, loose, tight = (
        -replace(book(share_leg(cap=cap)), **undiscounted).worth().value for cap in (None, 50_000.0, 1.0)
    )
    above = whole(book(share_leg())) > 110.0
    years = QUARTERLY.cap_years
    paying = sum(above[years == year].any(axis=0).mean() for year in np.unique(years))
    assert free > loose > tight
    assert tight == pytest.approx(paying, rel=2e-3)


def test_a_share_that_starts_twelve_months_late_is_worth_its_first_year_to_the_seller() -> None:
    on_time, late = book(share_leg()), book(share_leg(start=Start(first_period=4)))
    first_year = 0.3 * 1000 * whole(book(share_leg()))[:4]
    lost = np.maximum(first_year - 0.3 * 1000 * 110.0, 0.0).mean(axis=1) @ discount_factors(
        0.10, on_time.schedule.due_years[:4]
    )
    assert late.worth().value - on_time.worth().value == pytest.approx(lost)
    assert late.value().to_buyer.value < on_time.value().to_buyer.value


def test_risk_neither_priced_nor_discounted_leaves_values_and_a_price_of_risk_raises_a_floors() -> None:
    plain = book(floor_leg())
    priced = replace(plain, market_price_of_risk=0.2)
    assert priced.worth().value > plain.worth().value
    assert priced.value().net == plain.value().net  # what is expected to be paid does not change
    assert replace(plain, market_price_of_risk=0.0).worth().value == plain.worth().value


def test_the_standard_error_is_about_the_error_made() -> None:
    legs = (floor_leg(), share_leg(cap=20_000.0))
    answers = [book(*legs, sampling=Sampling(seed=seed)).value().to_seller for seed in range(12)]
    spread = float(np.std([answer.value for answer in answers], ddof=1))
    stated = float(np.mean([answer.standard_error for answer in answers]))
    assert 0.5 < spread / stated < 1.7


def test_a_default_ends_what_is_due_but_for_its_recovery() -> None:
    due = np.array([0.0, 1.0, 5.0])
    weak, sure = Credit(0.05, recovery=0.4), Credit()
    assert arriving_share(weak, sure, due) == pytest.approx(np.exp(-0.05 * due) * 0.6 + 0.4)
    assert arriving_share(sure, weak, due) == pytest.approx(np.exp(-0.05 * due))


def test_a_buyer_who_may_fail_or_get_no_money_is_worth_less_and_pays_the_same_on_paper() -> None:
    def under(**changes: object) -> Valuation:
        return replace(book(floor_leg()), parties=replace(PARTIES, **changes)).value()

    failing = under(buyer=Credit(0.03, 0.4))
    unfunded = under(appropriation=Appropriation(0.1))
    lasting = under(appropriation=Appropriation(0.1, lasting=True))
    assert failing.to_seller.value < FLOOR.to_seller.value
    assert unfunded.to_seller.value == pytest.approx(0.9 * FLOOR.to_seller.value)
    assert lasting.to_seller.value < unfunded.to_seller.value
    assert failing.net == FLOOR.net


def test_a_higher_rate_on_one_side_leaves_the_others_value() -> None:
    other = replace(book(floor_leg()), parties=replace(PARTIES, seller_rate=0.2)).value()
    assert other.to_seller.value < FLOOR.to_seller.value
    assert other.to_buyer == FLOOR.to_buyer


def test_delta_by_bump_is_that_of_the_closed_form() -> None:
    monthly = book(floor_leg(), schedule=MONTHLY)
    weights = 1000 * discount_factors(0.10, MONTHLY.due_years)
    up, down = (floorlet(100.0 + step, NDPR.deviation(np.array(YEARS)), 110.0) for step in (1e-3, -1e-3))
    exact = float(weights @ (up - down)) / 2e-3
    assert greeks(monthly).delta["NdPr"] == pytest.approx(exact, rel=5e-3)


def test_gamma_by_bump_is_that_of_the_closed_form() -> None:
    deviation = NDPR.deviation(np.array(YEARS))
    curved = vega(100.0, deviation, 110.0) / (100.0**2 * deviation)  # the density that both share
    exact = float(1000 * discount_factors(0.10, MONTHLY.due_years) @ curved)
    assert greeks(book(floor_leg(), schedule=MONTHLY)).gamma["NdPr"] == pytest.approx(exact, rel=2e-2)


def test_slopes_in_the_strike_are_the_discounted_volume_where_the_leg_binds() -> None:
    found, references = greeks(book(floor_leg(), share_leg())), whole(book(floor_leg()))
    kg = 1000 * discount_factors(0.10, QUARTERLY.due_years)
    assert found.strike["floor 0"] == pytest.approx(float(kg @ (references < 110).mean(axis=1)), rel=1e-2)
    assert found.strike["share"] == pytest.approx(0.3 * float(kg @ (references > 110).mean(axis=1)), rel=1e-2)


def test_a_floor_gains_with_volatility_and_loses_with_price_and_rate() -> None:
    found = greeks(book(floor_leg()))
    assert found.vega > 0
    assert found.delta["NdPr"] < 0 < found.gamma["NdPr"]
    assert found.rho < 0
    deviation = NDPR.deviation(np.array(YEARS))
    exact = np.diff([floorlet(100.0, deviation * scale, 110.0) for scale in (0.99, 1.01)], axis=0)[0] / 2
    monthly = greeks(book(floor_leg(), schedule=MONTHLY)).vega
    assert monthly == pytest.approx(float(1000 * discount_factors(0.10, MONTHLY.due_years) @ exact), rel=1e-2)


def test_each_material_has_a_delta_of_its_own_and_risk_enters_it() -> None:
    legs = (floor_leg(), floor_leg(200.0, reference=1))
    deck = np.vstack([np.full(MONTHS, 100.0), np.full(MONTHS, 180.0)])
    joint = Book(BOTH, deck, YEARS, legs, QUARTERLY, PARTIES, market_price_of_risk=0.1)
    kg, per_dollar = 1000 * discount_factors(0.10, QUARTERLY.due_years), joint.valued_deck() / deck
    grown = zip(joint.valued_references(), joint.around(per_dollar), strict=True)
    slopes = sum(((piece < [[[110.0]], [[200.0]]]) * step).sum(axis=2) for piece, step in grown)
    exact = dict(zip(BOTH.items, (-slopes @ kg / joint.sampling.paths).tolist(), strict=True))
    assert greeks(joint).delta == pytest.approx(exact, rel=1e-2)


def test_legs_that_do_not_fit_are_refused_with_every_misfit() -> None:
    wrong = [floor_leg(kg=np.ones(3)), floor_leg(reference=0), floor_leg(reference=2)]
    with pytest.raises(TermsError) as refused:
        value(wrong, QUARTERLY, PARTIES, np.ones((1, 39, 4)))
    assert [fault.path for fault in refused.value.faults] == ["references", "floor 0.kg", "floor 2.reference", "legs"]


def test_a_contract_that_pays_nothing_is_refused() -> None:
    with pytest.raises(TermsError, match="at least one clause that pays"):
        book().value()


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Credit(-0.1),
        lambda: Credit(0.1, recovery=1.1),
        lambda: Appropriation(1.5),
        lambda: Parties(float("nan"), -1.0),
    ],
)
def test_impossible_parties_are_refused(bad: object) -> None:
    with pytest.raises(TermsError):
        bad()  # type: ignore[operator]


def test_a_four_state_share_is_cheaper_than_a_flat_floor_of_104() -> None:
    # shortfalls 30, 10, 0, 0 and shares of 0, 0, 4.5, 9: (40 - 13.5) / 4 = 6.625; flat: (24 + 4) / 4 = 7.000
    states = np.array([80.0, 100.0, 125.0, 140.0])[None, None, :]
    once = Schedule(((0,),), np.ones(1), np.zeros(1), np.zeros(1))
    kg = np.array(1.0)
    with_share = value([floor_leg(kg=kg), replace(share_leg(), kg=kg)], once, Parties(0.0, 0.0), states)
    flat = value([floor_leg(104.0, kg)], once, Parties(0.0, 0.0), states)
    assert (with_share.to_seller.value, flat.to_seller.value) == (6.625, 7.0)
    assert with_share.to_seller.standard_error == 0.0


def test_a_caplet_shared_at_all_is_the_closed_form() -> None:
    found = -book(share_leg(), schedule=MONTHLY).worth().value
    exact = 300 * caplet(100.0, NDPR.deviation(np.array(YEARS)), 110.0) @ discount_factors(0.10, MONTHLY.due_years)
    assert found == pytest.approx(float(exact), rel=1e-4)
