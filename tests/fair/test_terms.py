"""Which way each term of the market pushes, one at a time, in the made-up market at the plants that stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pricing.fair.decomposition import shapley, turning_orders
from pricing.market.distortions import NESTED, ORDER, Distortion, Switches
from pricing.market.economy import Economy
from pricing.market.facts import facts_of
from pricing.market.supply import Market
from pricing.market.worlds import World, as_built, as_grown
from pricing.prior import Draws, Prior

Make = Callable[..., Market]
SIZE, MONTH = 16, 12


def built(market: Market, prior: Prior, *on: Distortion) -> World:
    """The market as built, with only the named distortions in force."""
    switches = Switches(np.tile([float(d in on) for d in ORDER], (SIZE, 1)))
    return as_built(Economy.of(facts_of(market), prior.draw(SIZE, 7), switches))


def china(market: Market, prior: Prior, *on: Distortion) -> np.ndarray:
    return built(market, prior, *on).china[:, MONTH, 0]


def with_columns(market: Market, **columns: float) -> Market:
    histories = {n: replace(h, frame=h.frame.assign(**columns)) for n, h in market.histories.items()}
    return replace(market, histories=histories)


@pytest.mark.parametrize(
    "support",
    [
        Distortion.SUBSIDY_EXPLICIT,
        Distortion.SUPPORT_FINANCING,
        Distortion.SUPPORT_PLANT_CAPITAL,
        Distortion.ENVIRONMENT,
    ],
)
def test_what_producers_do_not_pay_lowers_the_price(made_market: Make, prior: Prior, support: Distortion) -> None:
    assert (china(made_market(), prior, support) < china(made_market(), prior)).all()


def test_a_royalty_raises_the_price_and_a_co_product_credit_lowers_it(made_market: Make, prior: Prior) -> None:
    market, none = made_market(), np.zeros(30)
    free, poor = (
        replace(market, sources=tuple(replace(s, **{name: none}) for s in market.sources))
        for name in ("royalty_rate", "co_product_credit")
    )
    assert (china(free, prior) < china(market, prior)).all()
    assert (china(poor, prior) > china(market, prior)).all()


def test_state_purchases_raise_the_price_and_only_while_they_count(made_market: Make, prior: Prior) -> None:
    market = made_market()
    lead = market.histories["NdPr"]
    bought = replace(lead, frame=lead.frame.assign(stockpile_purchase_est=2_000.0))
    buying = replace(market, histories={**market.histories, "NdPr": bought})
    assert (china(buying, prior, Distortion.STOCKPILING) > china(buying, prior)).all()
    assert (china(buying, prior) == china(made_market(), prior)).all()


def test_output_beyond_a_quota_that_binds_lowers_the_price(made_market: Make, prior: Prior) -> None:
    market = with_columns(made_market(quota=15_000.0), illegal_output_share_est=0.5)
    free, kept, broken = (china(market, prior, *NESTED[:count]) for count in (0, 1, 2))
    assert (kept > broken).all()
    assert (broken > free - 1e-9).all()


def test_illegal_output_is_legal_output_where_no_quota_is_in_force(made_market: Make, prior: Prior) -> None:
    market = with_columns(made_market(quota=15_000.0), illegal_output_share_est=0.5)
    assert (china(market, prior, Distortion.ILLEGAL_OUTPUT) == china(market, prior)).all()


def test_a_floor_of_the_west_calls_out_output_it_covers_and_lowers_the_price_of_the_rest(
    made_market: Make, prior: Prior
) -> None:
    market = with_columns(made_market(), policy_floor=500.0)
    covered = replace(
        market, sources=tuple(replace(s, floor_covered=s.name.startswith("incumb")) for s in market.sources)
    )
    assert (china(covered, prior, Distortion.WESTERN_RESPONSES) < china(covered, prior)).all()


@pytest.mark.parametrize(
    ("column", "value", "switch"),
    [
        ("export_tax_rate", 0.25, Distortion.EXPORT_DUTY_AND_QUOTA),
        ("vat_not_refunded", 0.17, Distortion.VAT_NOT_REFUNDED),
        ("import_tariff", 0.02, Distortion.WESTERN_RESPONSES),
    ],
)
def test_each_tax_at_the_border_is_a_factor_between_the_prices_while_it_counts(
    made_market: Make, prior: Prior, column: str, value: float, switch: Distortion
) -> None:
    market = with_columns(made_market(), export_tax_rate=0.0, vat_not_refunded=0.0)
    market = with_columns(market, **{column: value})
    for on, factor in (((switch,), 1 + value), ((), 1.0)):
        assert border(market, prior, *on)[0] == pytest.approx(factor)


@pytest.mark.parametrize(("licence", "switch"), [(0, Distortion.EXPORT_DUTY_AND_QUOTA), (1, Distortion.EXPORT_LICENCE)])
def test_a_rent_is_a_sum_per_kg_in_real_money_between_the_prices_while_it_counts(
    made_market: Make, prior: Prior, licence: int, switch: Distortion
) -> None:
    rent = {"quota_rent": 10.0, "deflator": 0.5, "export_licence_in_force": licence, "export_tax_rate": 0.0}
    market = with_columns(made_market(), **rent)
    assert border(market, prior, switch)[1] == pytest.approx(20.0)
    for other in set(Distortion) - {switch, Distortion.VAT_NOT_REFUNDED}:
        assert border(market, prior, other)[1] == pytest.approx(0.0, abs=1e-9)


def border(market: Market, prior: Prior, *on: Distortion) -> tuple[float, float]:
    """The outside price over China's less freight, and less China's and freight, where China exports."""
    world, freight = built(market, prior, *on), prior.draw(SIZE, 7)["freight"]
    here, there = (price[:, MONTH, 0] for price in (world.china, world.outside))
    exports = there - freight > here - 1e-9
    assert exports.mean() > 0.5
    factors, sums = ((there - freight) / here)[exports], (there - freight - here)[exports]
    return float(np.median(factors)), float(np.median(sums))


def grown(market: Market, prior: Prior, *on: Distortion) -> np.ndarray:
    """Plant in China and outside (N, T, 2) that margins build, with only the named distortions in force."""
    switches = Switches(np.tile([float(d in on) for d in ORDER], (SIZE, 1)))
    return as_grown(Economy.of(facts_of(market), prior.draw(SIZE, 7), switches), 5.0).capacity


def test_the_price_at_which_demand_holds_is_drawn_and_not_stated(made_market: Make, prior: Prior) -> None:
    """A factor of two on the stated price is a stated price twice as high, and a prior without spread moves nothing."""
    market, on = made_market(), Switches.all_on(SIZE)
    stated = {n: replace(h, demand_reference_price=2 * h.demand_reference_price) for n, h in market.histories.items()}
    rows = {n: replace(r, low=1, central=1, high=1) for n, r in prior.rows.items() if n.startswith("reference_factor")}
    fixed = Prior({**prior.rows, **rows}).draw(SIZE, 7)
    doubled = Draws({**fixed.values, **{n: 2 * fixed[n] for n in rows}}, SIZE)
    drawn, told = (
        as_built(Economy.of(facts_of(of), draws, on)).china
        for of, draws in ((market, doubled), (replace(market, histories=stated), fixed))
    )
    assert drawn == pytest.approx(told, rel=1e-9)
    assert (as_built(Economy.of(facts_of(market), fixed, on)).china[:, -1] < drawn[:, -1]).all()
    assert len(rows) == 3
    assert min(np.ptp(prior.draw(SIZE, 7)[name]) for name in rows) > 0.5


def test_plants_answer_the_price_of_their_own_region(made_market: Make, prior: Prior) -> None:
    behind = grown(made_market(duty=1.0), prior, Distortion.EXPORT_DUTY_AND_QUOTA)[:, -1]
    free = grown(made_market(duty=1.0), prior)[:, -1]
    assert (behind[:, 0] < free[:, 0]).all()
    assert (behind[:, 1] > free[:, 1]).all()


def test_no_plant_was_built_on_a_rent_that_began_with_the_first_month(made_market: Make, prior: Prior) -> None:
    duty = Distortion.EXPORT_DUTY_AND_QUOTA
    free, rented = (grown(with_columns(made_market(), quota_rent=rent), prior, duty) for rent in (0.0, 40.0))
    assert (rented[:, 0] == free[:, 0]).all()
    assert (rented[:, -1, 1] > free[:, -1, 1]).mean() > 0.8


def test_a_duty_that_ended_lives_on_in_the_plants_that_were_built_under_it(made_market: Make, prior: Prior) -> None:
    past = np.where(np.arange(30) < 6, 1.0, 0.0)
    market = made_market()
    ended = {n: replace(h, frame=h.frame.assign(export_tax_rate=past)) for n, h in market.histories.items()}
    duty, never = (
        grown(replace(market, histories=ended), prior, *on)[:, -1] for on in ((Distortion.EXPORT_DUTY_AND_QUOTA,), ())
    )
    assert (duty[:, 1] > never[:, 1]).all()
    assert (duty[:, 0] < never[:, 0]).all()


def test_growth_before_the_first_month_is_built_for_until_the_trend_has_forgotten_it(
    made_market: Make, prior: Prior
) -> None:
    """Demand stands still in the made-up market, so what investors see is the years before it, fading over a year."""
    facts, drawn, off = facts_of(made_market()), prior.draw(SIZE, 7), Switches(np.zeros((SIZE, len(ORDER))))

    def plant(before: float) -> np.ndarray:
        stated = {"demand_growth_before": np.full(SIZE, before), "trend_years": np.full(SIZE, 1.0)}
        return as_grown(Economy.of(facts, Draws({**drawn.values, **stated}, SIZE), off), 5.0).capacity.sum(axis=2)

    grew, still = plant(0.05), plant(0.0)
    added = np.diff(np.log(grew / still), axis=1)
    assert grew[:, 0] == pytest.approx(still[:, 0])  # the rest before the first month knows no growth
    assert (added[:, 0] > 0).all()
    assert (added[:, 0] < 1.2 * 0.05 / 12).all()
    assert (np.abs(added[:, 13:]) < added[:, :1]).all()


def test_a_market_found_larger_had_larger_plant_and_is_no_growth(made_market: Make, prior: Prior) -> None:
    market = made_market()
    larger = np.where(np.arange(30) < 15, 1.0, 2.0)
    histories = {
        name: replace(h, frame=h.frame.assign(**{c: h.frame[c] * larger for c in h.frame if c.startswith("physical")}))
        for name, h in market.histories.items()
    }
    sources = tuple(replace(s, capacity=s.capacity * larger, limit=100 * s.limit) for s in market.sources)
    news = np.where(np.arange(30) == 15, 2.0, 1.0)
    roomy = replace(market, sources=tuple(replace(s, limit=100 * s.limit) for s in market.sources))
    found = replace(market, histories=histories, sources=sources, revision=dict.fromkeys(histories, news))
    ratio = grown(found, prior).sum(axis=2) / grown(roomy, prior).sum(axis=2)
    assert ratio[:, :15] == pytest.approx(np.ones((SIZE, 15)))
    assert ratio[:, 15:] == pytest.approx(np.full((SIZE, 15), 2.0), rel=0.02)


def test_quota_and_illegal_output_take_their_turns_side_by_side_in_either_order() -> None:
    for order in turning_orders(64, 1).reshape(-1, len(ORDER)):
        assert sorted(order) == list(range(len(ORDER)))
        first, second = sorted(list(order).index(ORDER.index(nested)) for nested in NESTED)
        assert second == first + 1
    forward = turning_orders(64, 1)[0]
    quota_first = (np.argsort(forward, axis=1)[:, [ORDER.index(n) for n in NESTED]] @ [-1, 1]) > 0
    assert 16 < quota_first.sum() < 48


def test_illegal_output_gets_half_of_what_it_undoes_of_the_quota(made_market: Make, prior: Prior) -> None:
    """Alone it does nothing, after the quota it does all it does: the mean of both orders is half of it."""
    market = with_columns(made_market(quota=15_000.0), illegal_output_share_est=0.5)
    facts, draws = facts_of(market), prior.draw(2, 3)
    last = [d for d in range(len(ORDER)) if ORDER[d] not in NESTED]
    quota, illegal = (ORDER.index(nested) for nested in NESTED)
    pair = np.array([[quota, illegal, *last], [illegal, quota, *last]])
    orders = np.tile(pair[:, None, :], (1, 2, 1))
    parts = shapley(facts, draws, orders).outside
    none, kept, broken = (
        as_grown(
            Economy.of(facts, draws, Switches(np.tile([float(d in NESTED[:count]) for d in ORDER], (2, 1))))
        ).outside
        for count in (0, 1, 2)
    )
    assert parts[Distortion.ILLEGAL_OUTPUT] == pytest.approx((broken - kept) / 2, abs=1e-9)
    assert parts[Distortion.ILLEGAL_OUTPUT].min() < -1e-3
    both = parts[Distortion.PRODUCTION_QUOTA] + parts[Distortion.ILLEGAL_OUTPUT]
    assert both == pytest.approx(broken - none, abs=1e-9)


def test_an_order_and_its_reverse_weigh_the_same(made_market: Make, prior: Prior) -> None:
    facts, draws, orders = facts_of(made_market()), prior.draw(2, 3), turning_orders(2, 1)
    one, other = (shapley(facts, draws, way).outside for way in (orders, orders[::-1]))
    for distortion in Distortion:
        assert one[distortion] == pytest.approx(other[distortion], abs=1e-9)
