"""The market under parameter draws and switches: costs, trade, and supply less demand of any month."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from pricing.market.clearing import Net, Trade
from pricing.market.distortions import Distortion, Switches
from pricing.market.facts import Facts
from pricing.market.supply import Region
from pricing.prior import Draws

Floats = np.ndarray

SOFT_BOUND = 0.005  # a quota or a floor begins to bind this share away from itself, so that supply has no kink


@dataclass(frozen=True)
class Economy:
    """The market under draws and switches: what `clear` needs in any month, at any capacity."""

    facts: Facts
    draws: Draws
    switches: Switches
    basket: Floats  # (N, K, E)
    cost_factor: Floats  # (N, K)
    limit: Floats  # (N, K) t REO a year that geology and permits allow at any price
    steepness: Floats  # (N, K), supply slope: the log of price over cost from half to 73 % of capacity
    short_run: Floats  # (N, E) demand elasticity within a year, positive
    long_run: Floats  # (N, E) after a thrifting lag, positive
    demand_factor: Floats  # (N, E)
    reference: Floats  # (N, E) real USD/kg at which the physical demand holds
    choke: Floats  # (N, E) real USD/kg at which half of demand has left; its mirror below the reference doubles demand

    @classmethod
    def of(cls, facts: Facts, draws: Draws, switches: Switches) -> Economy:
        """Return the economy under draws (N) and switches (N)."""
        yields = _by_material(facts, draws, "basket_factor")[:, None, :] * np.ones((1, len(facts.names), 1))
        reference = _by_material(facts, draws, "reference_factor") * facts.reference
        return cls(
            facts=facts,
            draws=draws,
            switches=switches,
            basket=facts.basket[None] * yields,
            cost_factor=_by_source(facts, draws, "cost_factor") * draws["cost_level"][:, None],
            limit=_by_source(facts, draws, "limit_factor") * facts.limit,
            steepness=_by_source(facts, draws, "supply_slope"),
            short_run=_by_material(facts, draws, "demand_elasticity_short"),
            long_run=_by_material(facts, draws, "demand_elasticity_long"),
            demand_factor=_by_material(facts, draws, "demand_factor"),
            reference=reference,
            choke=_by_material(facts, draws, "substitution_multiple") * reference,
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
        cash = cash - f.western_credit[month] * on.column(Distortion.WESTERN_RESPONSES)
        capital = f.capital[month] * self.cost_factor * s["capital_factor"][:, None]
        capital = capital - np.minimum(size * steps[2], s["most_support"][:, None] * capital) * on.column(
            Distortion.SUPPORT_PLANT_CAPITAL
        )
        rise = np.maximum(scale, 1.0) ** _by_source(f, s, "expansion_cost")
        cash, capital = np.maximum(cash, s["least_cash"][:, None] * f.cash[month]) * rise, capital * rise
        return cash + s["running_capital_share"][:, None] * capital, cash + capital

    def trade_before(self) -> Trade:
        """Return what stood between the two prices before the first month: as in it, without the rent of its quota.

        China cut its export quota by 72 % for the second half of 2010; until then a licence cost little, so no plant
        was built on the rent.
        """
        first = self.trade(0)
        return replace(first, margin=first.freight)

    def trade(self, month: int) -> Trade:
        """Return what stands between the two prices in a month."""
        f, on = self.facts, self.switches
        freight = self.draws["freight"][:, None] * np.ones((1, len(f.materials)))
        duty = f.duty[month] * on.column(Distortion.EXPORT_DUTY_AND_QUOTA)
        vat = f.vat[month] * on.column(Distortion.VAT_NOT_REFUNDED)
        tariff = f.tariff[month] * on.column(Distortion.WESTERN_RESPONSES)
        rent = f.quota_rent[month] * on.column(Distortion.EXPORT_DUTY_AND_QUOTA)
        licence = f.licence_rent[month] * on.column(Distortion.EXPORT_LICENCE)
        limit = np.where(on.column(Distortion.EXPORT_DUTY_AND_QUOTA) > 0, f.export_limit[month], np.inf)
        return Trade((1 + duty) * (1 + vat) * (1 + tariff), freight + rent + licence, freight, limit)

    def output_limit(self, month: int) -> Floats:
        """Return the most each source may produce (N, K): its share of quota and illegal output, where quota binds."""
        f, on = self.facts, self.switches
        bound = np.isfinite(f.quota_share[month])
        allowed = np.where(bound, f.quota_share[month], 0.0) * f.capacity[month]
        beyond = self.draws["illegal_factor"][:, None] * f.illegal[month] * on.column(Distortion.ILLEGAL_OUTPUT)
        return np.where(bound & (on.column(Distortion.PRODUCTION_QUOTA) > 0), allowed * (1 + beyond), np.inf)

    def net_supply(self, month: int, capacity: Floats, running_cost: Floats, habit: Floats) -> MonthlyNet:
        """Return the net-supply function of a month. `habit` (N, E) is the lagged price that thrifting answers."""
        return MonthlyNet(self, month, capacity, running_cost, self.output_limit(month), habit)


class MonthlyNet:
    """Supply less demand of one month, by region, as `clear` asks for it."""

    def __init__(
        self, economy: Economy, month: int, capacity: Floats, cost: Floats, limit: Floats, habit: Floats
    ) -> None:
        f, on = economy.facts, economy.switches
        pull = economy.demand_factor * (habit / economy.reference) ** (economy.short_run - economy.long_run)
        pull = (
            pull
            * economy.reference**economy.short_run
            * np.exp(economy.draws["demand_trend"] * f.years[month])[:, None]
        )
        there = economy.draws["outside_demand_factor"][:, None]
        stock = economy.draws["stockpile_factor"][:, None] * f.stockpile[month] * on.column(Distortion.STOCKPILING)
        floor = f.floor[month] * on.column(Distortion.WESTERN_RESPONSES)
        plant = _Plants(economy, month, capacity, cost, limit)
        none = np.zeros_like(floor)
        self.china = RegionalNet(plant, ~f.outside, pull * f.demand_china[month], stock, none)
        self.outside = RegionalNet(plant, f.outside, pull * there * f.demand_outside[month], none, floor)

    def output_china(self, china: Floats) -> Floats:
        """Return what China separates of each material (N, E), t a year, at its price."""
        made, _ = self.china.output(china, slice(None))
        return np.einsum("nk,nke->ne", made, self.china.basket)

    def __call__(self, china: Floats, outside: Floats, rows: Floats | slice = slice(None)) -> Net:
        """Return supply less demand by region at the given prices (n, E) of the given rows."""
        here, d_here, wanted = self.china.at(china, rows)
        there, d_there, wanted_there = self.outside.at(outside, rows)
        return Net(here, there, d_here, d_there, wanted + wanted_there)


@dataclass(frozen=True)
class _Plants:
    """What a month's plants are, all regions (N, K)."""

    economy: Economy
    month: int
    capacity: Floats
    cost: Floats
    limit: Floats


class RegionalNet:
    """Supply less demand of one region in one month."""

    def __init__(self, plants: _Plants, here: Floats, demand: Floats, stock: Floats, floor: Floats) -> None:
        economy, facts = plants.economy, plants.economy.facts
        self.basket, self.steepness = economy.basket[:, here], economy.steepness[:, here]
        self.capacity, self.cost, self.limit = plants.capacity[:, here], plants.cost[:, here], plants.limit[:, here]
        self.kept = np.broadcast_to(1 - facts.royalty[plants.month][..., here], self.cost.shape)
        self.credit = np.broadcast_to(facts.credit[plants.month][..., here], self.cost.shape)
        self.demand, self.stock, self.elasticity = demand, stock, economy.short_run
        scrap = facts.scrap_outside if facts.outside[here].all() else facts.scrap_china
        self.scrap = np.broadcast_to(scrap[plants.month], demand.shape)
        self.power = economy.draws["choke_power"][:, None]
        self.choke, self.mirror = economy.choke, economy.reference**2 / economy.choke
        self.covered = facts.floor_covered[here] if floor.any() else None
        self.floor = floor

    def output(self, price: Floats, rows: Floats | slice) -> tuple[Floats, Floats]:
        """Return output (n, k) and its derivative by the revenue of a kg REO (n, k)."""
        basket, steep, cap, limit = self.basket[rows], self.steepness[rows], self.capacity[rows], self.limit[rows]
        revenue = (basket @ price[..., None])[..., 0]
        if self.covered is not None:
            floored, _ = self._floored(price, rows)
            revenue = np.where(self.covered, (basket @ floored[..., None])[..., 0], revenue)
        kept = self.kept[rows]
        revenue = revenue * kept + self.credit[rows]
        used = expit(np.log(revenue / self.cost[rows]) / steep)
        wished, soft = cap * used, SOFT_BOUND * cap
        made = -soft * np.logaddexp(-wished / soft, -limit / soft)
        return made, expit((limit - wished) / soft) * wished * (1 - used) / (steep * revenue) * kept

    def at(self, price: Floats, rows: Floats | slice) -> tuple[Floats, Floats, Floats]:
        """Return supply less demand (n, E), its derivatives by price (n, E, E), and demand (n, E)."""
        made, slope = self.output(price, rows)
        wanted, elastic = self._wanted(price, rows)
        basket = self.basket[rows]
        felt = basket
        if self.covered is not None:
            _, through = self._floored(price, rows)
            felt = np.where(self.covered[None, :, None], basket * through[:, None, :], basket)
        derivative = basket.transpose(0, 2, 1) @ (slope[..., None] * felt)
        index = np.arange(derivative.shape[1])
        derivative[:, index, index] += elastic * wanted / price
        return (made[:, None, :] @ basket)[:, 0] + self.scrap[rows] - wanted, derivative, wanted

    def _floored(self, price: Floats, rows: Floats | slice) -> tuple[Floats, Floats]:
        """Return the price or the floor, whichever is higher, rounded at the corner, and its derivative."""
        floor = self.floor[rows]
        soft = SOFT_BOUND * np.maximum(floor, price)
        lifted, through = soft * np.logaddexp(price / soft, floor / soft), expit((price - floor) / soft)
        return np.where(floor > 0, lifted, price), np.where(floor > 0, through, 1.0)

    def _wanted(self, price: Floats, rows: Floats | slice) -> tuple[Floats, Floats]:
        """Return quantity used and stockpiled, and its elasticity, sign dropped (n, E).

        Use is isoelastic between the choke price and its mirror below the reference; purchases for stocks answer
        nothing but the choke.
        """
        power = self.power[rows]
        above = (price / self.choke[rows]) ** power
        below = (self.mirror[rows] / price) ** power
        used = self.demand[rows] * price ** -self.elasticity[rows] * (1 + below) / (1 + above)
        stocked = self.stock[rows] / (1 + above)
        leaving = power * above / (1 + above)
        slope = used * (self.elasticity[rows] + power * below / (1 + below) + leaving) + stocked * leaving
        return used + stocked, slope / (used + stocked)


def _by_source(facts: Facts, draws: Draws, stem: str) -> Floats:
    sides = np.where(facts.outside, Region.EX_CHINA, Region.CHINA)
    return np.stack([draws.by(stem, name, str(side)) for name, side in zip(facts.names, sides, strict=True)], axis=1)


def _by_material(facts: Facts, draws: Draws, stem: str) -> Floats:
    return np.stack([draws.by(stem, material) for material in facts.materials], axis=1)
