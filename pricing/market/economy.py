"""The market under parameter draws and switches: costs, trade, and supply less demand of any month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from pricing.market.clearing import Net, Trade
from pricing.market.distortions import Distortion, Switches
from pricing.market.facts import Facts
from pricing.market.supply import Region
from pricing.prior import Draws

Floats = np.ndarray

CHOKE_POWER = 4  # how sharply demand leaves beyond the substitution multiple, and is found below its inverse
SOFT_LIMIT = 0.005  # of capacity: a quota begins to bind this far below itself, so that supply has no kink


@dataclass(frozen=True)
class Economy:
    """The market under draws and switches: what `clear` needs in any month, at any capacity."""

    facts: Facts
    draws: Draws
    switches: Switches
    basket: Floats  # (N, K, E)
    cost_factor: Floats  # (N, K)
    steepness: Floats  # (N, K), supply slope: the log of price over cost from half to 73 % of capacity
    short_run: Floats  # (N, E) demand elasticity within a year, positive
    long_run: Floats  # (N, E) after a thrifting lag, positive
    demand_factor: Floats  # (N, E)
    choke: Floats  # (N, E) real USD/kg at which half of demand has left; its mirror below the reference doubles demand

    @classmethod
    def of(cls, facts: Facts, draws: Draws, switches: Switches) -> Economy:
        """Return the economy under draws (N) and switches (N)."""
        yields = _by_material(facts, draws, "basket_factor")[:, None, :] * np.ones((1, len(facts.names), 1))
        return cls(
            facts=facts,
            draws=draws,
            switches=switches,
            basket=facts.basket[None] * yields,
            cost_factor=_by_source(facts, draws, "cost_factor") * draws["cost_level"][:, None],
            steepness=_by_source(facts, draws, "supply_slope"),
            short_run=_by_material(facts, draws, "demand_elasticity_short"),
            long_run=_by_material(facts, draws, "demand_elasticity_long"),
            demand_factor=_by_material(facts, draws, "demand_factor"),
            choke=_by_material(facts, draws, "substitution_multiple") * facts.reference,
        )

    def unit_cost(self, month: int, scale: Floats | float = 1.0) -> tuple[Floats, Floats]:
        """Return (running cost, full cost) of every source (N, K), real USD/kg REO, at `scale` times today's size.

        The running cost holds the share of the capital charge that a plant must earn to stay open. More tonnes
        than today cost more, with the elasticity `expansion_cost`.
        """
        f, s, on = self.facts, self.draws, self.switches
        steps = np.diff(f.support[:, month], axis=0, prepend=0.0)  # (3, K), each set's own part
        size = s["support_factor"][:, None]
        green = s["environment_factor"][:, None]
        cash = f.cash[month] * self.cost_factor
        cash = cash - size * (
            steps[0] * on.column(Distortion.SUBSIDY_EXPLICIT) + steps[1] * on.column(Distortion.SUPPORT_FINANCING)
        )
        cash = cash + green * (f.environment[month] - f.unpaid[month] * on.column(Distortion.ENVIRONMENT))
        capital = f.capital[month] * self.cost_factor * s["capital_factor"][:, None]
        capital = capital - np.minimum(size * steps[2], 0.9 * capital) * on.column(Distortion.SUPPORT_PLANT_CAPITAL)
        rise = np.maximum(scale, 1.0) ** _by_source(f, s, "expansion_cost")
        cash, capital = np.maximum(cash, 0.05 * f.cash[month]) * rise, capital * rise
        return cash + s["running_capital_share"][:, None] * capital, cash + capital

    def trade(self, month: int) -> Trade:
        """Return what stands between the two prices in a month."""
        f, on = self.facts, self.switches
        freight = self.draws["freight"][:, None] * np.ones((1, len(f.materials)))
        duty = f.duty[month] * on.column(Distortion.EXPORT_DUTY_AND_QUOTA)
        vat = f.vat[month] * on.column(Distortion.VAT_NOT_REFUNDED)
        rent = f.quota_rent[month] * on.column(Distortion.EXPORT_DUTY_AND_QUOTA)
        licence = f.licence_rent[month] * on.column(Distortion.EXPORT_LICENCE)
        unlimited = np.full_like(freight, np.inf)
        return Trade((1 + duty) * (1 + vat), freight + rent + licence, freight, unlimited)

    def output_limit(self, month: int) -> Floats:
        """Return the most each source may produce (N, K): its share of quota and illegal output, where quota binds."""
        f = self.facts
        allowed = (
            f.quota_share[month] * (1 + self.draws["illegal_factor"][:, None] * f.illegal[month]) * f.capacity[month]
        )
        bound = self.switches.column(Distortion.QUOTA_AND_ILLEGAL) > 0
        return np.where(bound & np.isfinite(f.quota_share[month]), allowed, np.inf)

    def net_supply(self, month: int, capacity: Floats, running_cost: Floats, habit: Floats) -> MonthlyNet:
        """Return the net-supply function of a month. `habit` (N, E) is the lagged price that thrifting answers."""
        return MonthlyNet(self, month, capacity, running_cost, self.output_limit(month), habit)


class MonthlyNet:
    """Supply less demand of one month, by region, as `clear` asks for it."""

    def __init__(
        self, economy: Economy, month: int, capacity: Floats, cost: Floats, limit: Floats, habit: Floats
    ) -> None:
        self.economy, self.capacity, self.cost, self.limit = economy, capacity, cost, limit
        f, on = economy.facts, economy.switches
        self.kept = 1 - f.royalty[month]
        self.credit = f.credit[month]
        pull = economy.demand_factor * (habit / f.reference) ** (economy.short_run - economy.long_run)
        pull = pull * f.reference**economy.short_run
        self.demand_china, self.demand_outside = pull * f.demand_china[month], pull * f.demand_outside[month]
        self.stock = f.stockpile[month] * on.column(Distortion.STOCKPILING)
        floor = f.floor[month] * on.column(Distortion.WESTERN_RESPONSES)
        self.floor = f.floor_covered[None, :, None] * floor[:, None, :]

    def output(self, china: Floats, outside: Floats, rows: Floats | slice = slice(None)) -> tuple[Floats, Floats]:
        """Return output (N, K) and its derivative by basket revenue (N, K)."""
        e = self.economy
        price = np.where(e.facts.outside[None, :, None], outside[:, None, :], china[:, None, :])
        price = np.maximum(price, self.floor[rows])
        revenue = np.einsum("nke,nke->nk", price, e.basket[rows]) * self.kept + self.credit
        steep, cap = e.steepness[rows], self.capacity[rows]
        used = expit(np.log(revenue / self.cost[rows]) / steep)
        wished = cap * used
        soft = SOFT_LIMIT * cap
        made = -soft * np.logaddexp(-wished / soft, -self.limit[rows] / soft)
        slope = expit((self.limit[rows] - wished) / soft) * wished * (1 - used) / (steep * revenue) * self.kept
        return made, slope

    def output_china(self, china: Floats, outside: Floats) -> Floats:
        """Return what China separates of each material (N, E), t a year."""
        inside = ~self.economy.facts.outside
        made, _ = self.output(china, outside)
        return np.einsum("nk,nke->ne", made[:, inside], self.economy.basket[:, inside])

    def _wanted(self, demand: Floats, price: Floats, rows: Floats | slice) -> tuple[Floats, Floats]:
        """Return quantity demanded and its elasticity, sign dropped (n, E): isoelastic between choke and its mirror."""
        e = self.economy
        above = (price / e.choke[rows]) ** CHOKE_POWER
        below = (e.facts.reference**2 / (e.choke[rows] * price)) ** CHOKE_POWER
        wanted = demand * price ** -e.short_run[rows] * (1 + below) / (1 + above)
        return wanted, e.short_run[rows] + CHOKE_POWER * (below / (1 + below) + above / (1 + above))

    def __call__(self, china: Floats, outside: Floats, rows: Floats | slice = slice(None)) -> Net:
        """Return supply less demand by region at the given prices (n, E) of the given rows."""
        e = self.economy
        made, slope = self.output(china, outside, rows)
        basket = e.basket[rows]
        nets, slopes, turnover = [], [], np.zeros_like(china)
        for here, price, demand, stock in (
            (~e.facts.outside, china, self.demand_china[rows], self.stock[rows]),
            (e.facts.outside, outside, self.demand_outside[rows], np.zeros_like(outside)),
        ):
            wanted, elastic = self._wanted(demand, price, rows)
            yields = basket[:, here]
            nets.append(np.einsum("nk,nke->ne", made[:, here], yields) - wanted - stock)
            d = np.einsum("nk,nke,nkf->nef", slope[:, here], yields, yields)
            index = np.arange(d.shape[1])
            d[:, index, index] += elastic * wanted / price
            slopes.append(d)
            turnover = turnover + wanted
        return Net(nets[0], nets[1], slopes[0], slopes[1], turnover)


def _by_source(facts: Facts, draws: Draws, stem: str) -> Floats:
    sides = np.where(facts.outside, Region.EX_CHINA, Region.CHINA)
    return np.stack([draws.by(stem, name, str(side)) for name, side in zip(facts.names, sides, strict=True)], axis=1)


def _by_material(facts: Facts, draws: Draws, stem: str) -> Floats:
    return np.stack([draws.by(stem, material) for material in facts.materials], axis=1)
