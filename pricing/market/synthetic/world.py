"""An economy month by month: markets clear, and years later capacity answers what they paid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.market.synthetic.clearing import Excess, Prices, Trade, clear
from pricing.market.synthetic.curves import utilisation
from pricing.market.synthetic.draws import MONTHS, Draws
from pricing.market.synthetic.setting import CHINA, EX_CHINA, Setting, by_region

Floats = np.ndarray

REFERENCE_PRICE = 60.0  # USD/kg at which demand is stated
LOG_REFERENCE = float(np.log(REFERENCE_PRICE))
AT_ONCE = 10  # months that clear side by side where none waits for another


@dataclass(frozen=True)
class Investment:
    """How capacity answers margins, each (N,) unless said."""

    delay: Floats  # months between the newest margin that counts and the plant
    window: Floats  # months of margins that count
    speed: Floats  # growth a year per unit of log margin above the hurdle
    hurdle: Floats  # log of price over unit cost
    closure: Floats  # most that capacity shrinks a year
    build: Floats  # most that it grows a year
    pipeline: Floats  # (2, N) growth a year until the first margin counts

    @classmethod
    def of(cls, draws: Draws) -> Investment:
        """Return the investment law that was drawn."""
        v = draws.value
        return cls(
            delay=np.rint(12 * v["investment_delay"]).astype(int),
            window=np.rint(12 * v["investment_window"]).astype(int),
            speed=v["investment_speed"],
            hurdle=v["investment_hurdle"],
            closure=v["closure_rate"],
            build=v["build_rate"],
            pipeline=by_region(draws, "pipeline_growth"),
        )

    def rate(self, paid: Floats, month: int) -> Floats:
        """Return growth a year (2, N) in a month, of margins summed to each month's beginning `paid` (T + 1, 2, N)."""
        newest = month - self.delay + 1
        oldest = np.maximum(newest - self.window, 0)
        economies = np.arange(len(self.delay))
        span = paid[np.maximum(newest, 0), :, economies] - paid[oldest, :, economies]
        margin = span.T / np.maximum(newest - oldest, 1)
        rate = np.clip(self.speed * (margin - self.hurdle), -self.closure, self.build)
        return np.where(newest > 0, rate, self.pipeline)


@dataclass(frozen=True)
class World:
    """What became of N economies: capacity (2, T, N), prices (2, T, N), exports of oxide (T, N)."""

    capacity: Floats
    price: Floats
    exports: Floats


class Market:
    """The market of every month of a setting: what producers pay and may do, once for all months."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.log_cost = np.log(setting.unit_cost())  # (2, T, N)
        self.output_limit = setting.output_limit()
        self.export_limit = setting.export_limit()

    def excess(self, capacity: Floats, month: int | slice) -> tuple[Excess, Excess]:
        """Return supply less demand of China and of the outside at capacities (2, ..., N), each of a log price.

        A share of the outside's ore goes to Chinese plants and is sold there; it stands outside China's quota.
        """
        setting = self.setting
        log_cost, limit = self.log_cost[:, month], self.output_limit[month]
        fed = setting.ore_feed[month] * capacity[EX_CHINA]
        bought = setting.distortions.stockpile[month]
        wanted = setting.demand[:, month] * np.exp(setting.distortions.panic[month])

        def worked(region: int, log_price: Floats) -> Floats:
            return utilisation(setting.curve, setting.supply_slope[region], log_price - log_cost[region])

        def demand(region: int, log_price: Floats) -> Floats:
            return wanted[region] * np.exp(-setting.elasticity[region] * (log_price - LOG_REFERENCE))

        def china(log_price: Floats) -> Floats:
            mined = np.minimum(capacity[CHINA] * worked(CHINA, log_price), limit)
            return mined + fed * worked(EX_CHINA, log_price) - demand(CHINA, log_price) - bought

        def ex_china(log_price: Floats) -> Floats:
            return (capacity[EX_CHINA] - fed) * worked(EX_CHINA, log_price) - demand(EX_CHINA, log_price)

        return china, ex_china

    def trade(self, month: int | slice) -> Trade:
        """Return what stands between the regions in a month, or in some."""
        wedges = self.setting.distortions
        slope = (1 + wedges.duty[month]) * (1 + wedges.vat[month])
        return Trade(slope, self.setting.freight, self.export_limit[month])

    def clear(self, capacity: Floats, month: int | slice) -> Prices:
        """Return the prices of a month, or of some, at capacities (2, ..., N)."""
        return clear(*self.excess(capacity, month), self.trade(month))


def grow(setting: Setting, investment: Investment, start: Floats) -> World:
    """Return the world that grows from capacities (2, N): margins paid years ago decide what stands today."""
    market, economies = Market(setting), start.shape[1]
    world = _empty(economies)
    paid = np.zeros((MONTHS + 1, 2, economies))
    capacity = start
    for month in range(MONTHS):
        found = market.clear(capacity, month)
        _note(world, month, capacity, found)
        paid[month + 1] = paid[month] + np.log(world.price[:, month]) - market.log_cost[:, month]
        rate = investment.rate(paid, month)
        share = setting.policy_share
        rate[CHINA] = (1 - share) * rate[CHINA] + share * setting.policy_rate[month]
        capacity = capacity * np.exp(rate / 12)
    return world


def stand(setting: Setting, capacity: Floats) -> World:
    """Return the markets of a setting at capacities (2, T, N) given month by month."""
    market = Market(setting)
    world = _empty(capacity.shape[2])
    for start in range(0, MONTHS, AT_ONCE):
        some = slice(start, start + AT_ONCE)
        _note(world, some, capacity[:, some], market.clear(capacity[:, some], some))
    return world


def _empty(economies: int) -> World:
    pair = (2, MONTHS, economies)
    return World(np.empty(pair), np.empty(pair), np.empty(pair[1:]))


def _note(world: World, month: int | slice, capacity: Floats, found: Prices) -> None:
    world.capacity[:, month] = capacity
    world.price[CHINA, month], world.price[EX_CHINA, month] = found.china, found.ex_china
    world.exports[month] = found.exports
