"""What a leg pays on each path: hand-worked payments, yearly money caps, start conditions, schedules, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pricing.contracts.valuation.legs import Leg, Payer, Side
from pricing.contracts.valuation.limits import AnnualCap, Start, capped, started
from pricing.contracts.valuation.rules import Average
from pricing.contracts.valuation.schedule import Schedule
from pricing.errors import TermsError

PAYMENTS = arrays(float, (8, 5), elements=st.floats(0.0, 100.0))
YEARS = np.repeat([2026, 2027], 4)


def floor(strike: float = 110.0, kg: float = 1.0) -> Leg:
    return Leg("floor", Payer.BUYER, Side.BELOW, np.array(strike), np.array(kg))


def share(strike: float, part: float, kg: float = 1.0, cap: float | None = None, start: Start | None = None) -> Leg:
    limit = None if cap is None else AnnualCap(cap)
    return Leg("share", Payer.SELLER, Side.ABOVE, np.array(strike), np.array(kg), np.array(part), 0, limit, start)


def paid(leg: Leg, references: list[float], years: list[int]) -> list[float]:
    found: list[float] = leg.payments(np.array(references)[None, :, None], np.array(years))[:, 0].round(6).tolist()
    return found


def test_months_of_90_110_130_pay_two_million_monthly_and_nothing_on_their_average() -> None:
    # 100 t a month: (110 - 90) x 100,000 kg = 2.0 m; a share of 30 % above 110 gives .3 x 20 x 100,000 = .6 m back
    monthly = paid(floor(kg=100_000), [90, 110, 130], [1, 1, 1])
    assert (sum(monthly), sum(paid(share(110, 0.3, 100_000), [90, 110, 130], [1, 1, 1]))) == (2.0e6, 0.6e6)
    quarter = Schedule.regular(3, 3).references(np.array([90.0, 110.0, 130.0])[None, :, None])
    assert floor().payments(quarter, np.array([1])).sum() == 0.0


def test_a_share_of_30_percent_above_150_is_cut_at_ten_million_a_year() -> None:
    # 5,000 t at 165: .3 x 15 x 5 m kg = 22.5 m, cut to 10.0 m; at 154: .3 x 4 x 5 m = 6.0 m
    assert paid(share(150, 0.3, 5.0e6, 10.0e6), [165, 154], [2026, 2027]) == [10.0e6, 6.0e6]


def test_a_cap_reached_in_the_first_half_leaves_nothing_for_the_second_and_starts_afresh() -> None:
    leg = share(150, 0.3, 2.5e6, 10.0e6)  # 165: 11.25 m; 160: 7.5 m
    assert paid(leg, [165, 160, 160], [2026, 2026, 2027]) == [10.0e6, 0.0, 7.5e6]


def test_a_year_may_have_a_cap_of_its_own() -> None:
    left = capped(np.full((4, 1), 6.0), np.array([1, 1, 2, 2]), AnnualCap(10.0, by_year={1: 4.0, 2: 10.0}))
    assert left[:, 0].tolist() == [4.0, 0.0, 6.0, 4.0]
    with pytest.raises(TermsError, match="by_year"):
        AnnualCap(10.0, by_year={1: -1.0})


@given(payments=PAYMENTS, cap=st.floats(0.0, 300.0))
def test_a_capped_year_pays_the_lesser_of_its_sum_and_the_cap(payments: np.ndarray, cap: float) -> None:
    found = capped(payments, YEARS, AnnualCap(cap))
    assert (found >= -1e-9).all()
    assert (found <= payments + 1e-9).all()
    for year in (2026, 2027):
        rows = year == YEARS
        assert np.allclose(found[rows].sum(axis=0), np.minimum(payments[rows].sum(axis=0), cap))


def test_a_share_begins_the_period_after_its_average_reached_the_level_and_stays() -> None:
    reference = np.array([100.0, 120.0, 140.0, 90.0, 90.0])[:, None]
    begun = started(reference, Start(level=130.0, over_periods=2))
    assert begun[:, 0].tolist() == [False, False, False, True, True]
    assert started(reference, Start(first_period=4, level=130.0, over_periods=2))[:, 0].tolist() == [False] * 4 + [True]


def test_a_leg_pays_nothing_before_its_first_period() -> None:
    assert paid(share(100, 0.5, start=Start(first_period=1)), [120, 120], [1, 1]) == [0.0, 10.0]
    assert paid(share(100, 0.5, start=Start(level=110.0)), [120, 90, 130], [1, 1, 1]) == [0.0, 0.0, 15.0]
    assert started(np.ones((3, 1)), Start(first_period=2))[:, 0].tolist() == [False, False, True]


@given(payments=PAYMENTS, floor_at=st.floats(1.0, 100.0), width=st.floats(0.0, 100.0))
def test_a_price_with_a_floor_and_a_cap_is_the_price_held_between_them(
    payments: np.ndarray, floor_at: float, width: float
) -> None:
    bought = floor(floor_at).payments(payments[None], YEARS)
    sold = share(floor_at + width, 1.0).payments(payments[None], YEARS)
    assert np.allclose(payments + bought - sold, np.clip(payments, floor_at, floor_at + width), rtol=0, atol=1e-8)


@given(payments=PAYMENTS, level=st.floats(1.0, 100.0), over=st.integers(1, 8))
def test_a_start_met_is_never_undone_and_a_higher_level_never_comes_sooner(
    payments: np.ndarray, level: float, over: int
) -> None:
    begun = started(payments, Start(level=level, over_periods=over))
    assert (np.diff(begun.astype(int), axis=0) >= 0).all()
    assert not (started(payments, Start(level=level + 1, over_periods=over)) & ~begun).any()


def test_regular_periods_average_their_months_and_count_calendar_and_fiscal_years() -> None:
    schedule = Schedule.regular(months=6, months_per_period=3, first_month=8, fiscal_starts=10)
    assert schedule.fixing_months == ((0, 1, 2), (3, 4, 5))
    assert schedule.due_years.tolist() == [0.25, 0.5]
    assert schedule.cap_years.tolist() == [0, 1]  # August to October, November to January
    assert schedule.fiscal_years.tolist() == [0, 0]  # both end in the fiscal year that began in October
    prices = np.arange(6.0)[None, :, None]
    assert schedule.references(prices)[0, :, 0].tolist() == [1.0, 4.0]


def test_a_lagged_fixing_is_the_price_of_its_own_month() -> None:
    lagged = Schedule(((0,), (0, 2)), np.array([0.1, 0.2]), np.zeros(2), np.zeros(2))
    assert lagged.references(np.array([10.0, 20.0, 40.0])[None, :, None])[0, :, 0].tolist() == [10.0, 25.0]
    with pytest.raises(TermsError, match="month 2"):
        lagged.references(np.ones((1, 2, 1)))


MONTHS = st.lists(st.integers(0, 5), min_size=1, max_size=3).map(tuple)
FIXINGS = st.one_of(st.sampled_from([((0,), (1,), (2,)), ((3,), (4,), (5,))]), st.tuples(MONTHS, MONTHS, MONTHS))
RULES = st.lists(st.builds(Average, st.integers(0, 1), FIXINGS), min_size=1, max_size=4).map(tuple)


@given(rules=RULES, prices=arrays(float, (2, 6, 3), elements=st.floats(1.0, 200.0)))
def test_each_reference_is_the_mean_of_its_own_fixings_whatever_rules_it_shares(
    rules: tuple[Average, ...], prices: np.ndarray
) -> None:
    schedule = Schedule(rules[0].fixings, *np.zeros((3, 3)), (*rules, rules[0]))
    found = schedule.references(prices)
    for row, rule in enumerate((*rules, rules[0])):
        means = [prices[rule.item, list(months)].mean(axis=0) for months in rule.fixings]
        assert found[row] == pytest.approx(np.array(means), rel=1e-12)


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (lambda: AnnualCap(-1.0), "annual_cap"),
        (lambda: AnnualCap(float("nan")), "annual_cap"),
        (lambda: Start(first_period=-1), "start"),
        (lambda: floor(strike=-1.0), "floor.strike"),
        (lambda: floor(kg=float("inf")), "floor.kg"),
        (lambda: floor(strike=float("nan")), "floor.strike"),
        (lambda: share(100, 1.01), "share.share"),
        (lambda: Schedule((), np.zeros(0), np.zeros(0), np.zeros(0)), "fixing_months"),
        (lambda: Schedule(((0,),), np.zeros(2), np.zeros(1), np.zeros(1)), "due_years"),
        (lambda: Schedule(((0,), (1,)), np.zeros(2), np.array([2, 1]), np.zeros(2)), "cap_years"),
    ],
)
def test_an_impossible_leg_or_schedule_is_refused(bad: object, word: str) -> None:
    with pytest.raises(TermsError, match=word):
        bad()  # type: ignore[operator]
