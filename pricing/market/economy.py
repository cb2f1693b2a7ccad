"""The market as arrays: sources, demand, wedges and policy of every month, under parameter draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from pricing.fair.prior import Draws
from pricing.market.clearing import Net, Trade
from pricing.market.distortions import Distortion, Switches
from pricing.market.history import MarketHistory
from pricing.market.supply import Market, Region, Source, SupportSet

Floats = np.ndarray


@dataclass(frozen=True)
class Facts:
    """What does not depend on draws, in real money: (T, K) by source, (T, E) by material."""

    materials: tuple[str, ...]
    first: Floats  # (E,) index of the first month with a history
    outside: Floats  # (K,) bool, separated outside China
    basket: Floats  # (K, E)
    capacity: Floats
    cash: Floats
    capital: Floats
    environment: Floats
    unpaid: Floats
    support: Floats  # (3, T, K), cumulative over the support sets
    credit: Floats
    royalty: Floats
    limit: Floats  # (K,)
    opens: Floats  # (K,)
    quota_share: Floats  # (T, K): quota of the first material over what the bound sources could yield; infinity elsewhere
    illegal: Floats  # (T,)
    demand_china: Floats
    demand_outside: Floats
    duty: Floats
    vat: Floats
    quota_rent: Floats
    licence_rent: Floats
    stockpile: Floats
    floor: Floats
    deflator: Floats  # (T,)
    names: tuple[str, ...]
    reference: Floats  # (E,) real USD/kg at which the physical demand holds

    @property
    def months(self) -> int:
        """Return T."""
        return len(self.deflator)


def facts_of(market: Market) -> Facts:
    """Return the market as arrays. Before a material's first month its demand moves with the first material's."""
    histories = list(market.histories.values())
    lead, size = histories[0], len(histories[0].frame)
    columns = lambda name, absent=0.0: np.stack([_whole(h, name, size, absent) for h in histories], axis=1)  # noqa: E731
    deflator = np.nan_to_num(lead.column("deflator", 1.0), nan=1.0)
    real = deflator[:, None]
    rent = columns("quota_rent") / real
    licence = columns("export_licence_in_force")
    sources = market.sources
    china, outside = _demand(histories, size)
    basket = np.array([[s.basket.get(m, 0.0) for m in market.histories] for s in sources])
    capacity = np.stack([s.capacity for s in sources], axis=1)
    return Facts(
        materials=tuple(market.histories),
        first=np.array([size - len(h.frame) for h in histories]),
        outside=np.array([s.region == Region.EX_CHINA for s in sources]),
        basket=basket,
        capacity=capacity,
        cash=_by_source(sources, "cash_cost"),
        capital=_by_source(sources, "capital_charge"),
        environment=_by_source(sources, "environment"),
        unpaid=_by_source(sources, "environment_unpaid"),
        support=np.stack([np.stack([s.support[k] for s in sources], axis=1) for k in SupportSet]),
        credit=_by_source(sources, "co_product_credit"),
        royalty=_by_source(sources, "royalty_rate"),
        limit=np.array([s.limit for s in sources]),
        opens=np.array([s.opens for s in sources]),
        quota_share=_quota_share(lead, sources, capacity, basket[:, 0]),
        illegal=np.nan_to_num(lead.column("illegal_output_share_est")),
        demand_china=china,
        demand_outside=outside,
        duty=columns("export_tax_rate"),
        vat=columns("vat_not_refunded"),
        quota_rent=np.where(licence > 0, 0.0, rent),
        licence_rent=np.where(licence > 0, rent, 0.0),
        stockpile=columns("stockpile_purchase_est"),
        floor=columns("policy_floor") / real,
        deflator=deflator,
        names=tuple(s.name for s in sources),
        reference=np.array([h.demand_reference_price for h in histories]),
    )


def _by_source(sources: tuple[Source, ...], name: str) -> Floats:
    return np.stack([np.asarray(getattr(s, name), dtype=float) for s in sources], axis=1)


def _whole(history: MarketHistory, name: str, size: int, absent: float) -> Floats:
    """Return a column on the longest history's months, the first known value before it starts, NaN as `absent`."""
    values = np.nan_to_num(history.column(name, absent), nan=absent)
    return np.concatenate([np.full(size - len(values), values[0]), values])


def _demand(histories: list[MarketHistory], size: int) -> tuple[Floats, Floats]:
    sides = []
    for side in ("china", "ex_china"):
        name = f"physical_demand_{side}" if f"physical_demand_{side}" in histories[0].frame else f"demand_index_{side}"
        lead = _filled(histories[0].column(name))
        whole = []
        for history in histories:
            values = _filled(history.column(name))
            start = size - len(values)
            whole.append(np.concatenate([values[0] * lead[:start] / lead[start], values]))
        sides.append(np.stack(whole, axis=1))
    return sides[0], sides[1]


def _filled(values: Floats) -> Floats:
    """Return the values with gaps held at the last one known (the first known before it)."""
    known = np.flatnonzero(np.isfinite(values))
    return values[np.maximum(known[np.searchsorted(known, np.arange(len(values)), side="right") - 1], known[0])]


def _quota_share(lead: MarketHistory, sources: tuple[Source, ...], capacity: Floats, yields: Floats) -> Floats:
    bound = np.array([s.quota_bound for s in sources])
    quota = _filled(lead.column("mining_quota"))
    could = (capacity * yields * bound).sum(axis=1)
    return np.where(bound[None, :], (quota / np.maximum(could, 1e-12))[:, None], np.inf)


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

    @classmethod
    def of(cls, facts: Facts, draws: Draws, switches: Switches) -> Economy:
        """Return the economy under draws (N) and switches (N)."""
        outside = ["ex_china" if o else "china" for o in facts.outside]
        per_source = lambda stem: np.stack(  # noqa: E731
            [draws.by(stem, name, side) for name, side in zip(facts.names, outside, strict=True)], axis=1
        )
        per_material = lambda stem: np.stack([draws.by(stem, m) for m in facts.materials], axis=1)  # noqa: E731
        yields = per_material("basket_factor")[:, None, :] * np.ones((1, len(facts.names), 1))
        return cls(
            facts=facts,
            draws=draws,
            switches=switches,
            basket=facts.basket[None] * yields,
            cost_factor=per_source("cost_factor") * draws["cost_level"][:, None],
            steepness=per_source("supply_slope"),
            short_run=per_material("demand_elasticity_short"),
            long_run=per_material("demand_elasticity_long"),
            demand_factor=per_material("demand_factor"),
        )

    def unit_cost(self, month: int, scale: Floats | float = 1.0) -> tuple[Floats, Floats]:
        """Return (running cost, full cost) of every source (N, K), real USD/kg REO, at `scale` times today's size.

        The running cost holds the share of the capital charge that a plant must earn to stay open. More tonnes
        than today cost more, with the elasticity `expansion_cost`.
        """
        f, s, on = self.facts, self.draws, self.switches
        steps = np.diff(f.support[:, month], axis=0, prepend=0.0)  # (3, K), each set's own part
        gate = lambda d: on[d][:, None]  # noqa: E731
        size = s["support_factor"][:, None]
        green = s["environment_factor"][:, None]
        cash = f.cash[month] * self.cost_factor
        cash = cash - size * (steps[0] * gate(Distortion.SUBSIDY_EXPLICIT) + steps[1] * gate(Distortion.SUPPORT_FINANCING))
        cash = cash + green * (f.environment[month] - f.unpaid[month] * gate(Distortion.ENVIRONMENT))
        capital = f.capital[month] * self.cost_factor * s["capital_factor"][:, None]
        capital = capital - np.minimum(size * steps[2], 0.9 * capital) * gate(Distortion.SUPPORT_PLANT_CAPITAL)
        rise = np.maximum(scale, 1.0) ** self._expansion()
        cash, capital = np.maximum(cash, 0.05 * f.cash[month]) * rise, capital * rise
        return cash + s["running_capital_share"][:, None] * capital, cash + capital

    def _expansion(self) -> Floats:
        sides = [self.draws.by("expansion_cost", n, "ex_china" if o else "china") for n, o in zip(self.facts.names, self.facts.outside, strict=True)]
        return np.stack(sides, axis=1)

    def trade(self, month: int) -> Trade:
        """Return what stands between the two prices in a month."""
        f, on = self.facts, self.switches
        gate = lambda d: on[d][:, None]  # noqa: E731
        freight = self.draws["freight"][:, None] * np.ones((1, len(f.materials)))
        duty = f.duty[month] * gate(Distortion.EXPORT_DUTY_AND_QUOTA)
        vat = f.vat[month] * gate(Distortion.VAT_NOT_REFUNDED)
        rent = f.quota_rent[month] * gate(Distortion.EXPORT_DUTY_AND_QUOTA)
        licence = f.licence_rent[month] * gate(Distortion.EXPORT_LICENCE)
        unlimited = np.full_like(freight, np.inf)
        return Trade((1 + duty) * (1 + vat), freight + rent + licence, freight, unlimited)

    def output_limit(self, month: int, capacity: Floats) -> Floats:
        """Return the most each source may produce (N, K): its share of quota and illegal output, where quota binds."""
        f = self.facts
        allowed = f.quota_share[month] * (1 + self.draws["illegal_factor"][:, None] * f.illegal[month]) * f.capacity[month]
        bound = self.switches[Distortion.QUOTA_AND_ILLEGAL][:, None] > 0
        return np.where(bound & np.isfinite(f.quota_share[month]), allowed, np.inf)

    def net_supply(self, month: int, capacity: Floats, running_cost: Floats, habit: Floats) -> MonthlyNet:
        """Return the net-supply function of a month. `habit` (N, E) is the lagged price that thrifting answers."""
        return MonthlyNet(self, month, capacity, running_cost, self.output_limit(month, capacity), habit)


class MonthlyNet:
    """Supply less demand of one month, by region, as `clear` asks for it."""

    def __init__(self, economy: Economy, month: int, capacity: Floats, cost: Floats, limit: Floats, habit: Floats) -> None:
        self.economy, self.capacity, self.cost, self.limit = economy, capacity, cost, limit
        f, on = economy.facts, economy.switches
        self.kept = 1 - f.royalty[month]
        self.credit = f.credit[month]
        pull = economy.demand_factor * (habit / f.reference) ** (economy.short_run - economy.long_run)
        pull = pull * f.reference**economy.short_run
        self.demand_china, self.demand_outside = pull * f.demand_china[month], pull * f.demand_outside[month]
        self.stock = f.stockpile[month] * on[Distortion.STOCKPILING][:, None]
        floored = f.floor[month] * on[Distortion.WESTERN_RESPONSES][:, None]
        self.floor = np.where(np.array([n == "brownfield_ex_china" for n in f.names])[None, :, None], floored[:, None, :], 0.0)

    def output(self, china: Floats, outside: Floats, rows: Floats | slice = slice(None)) -> tuple[Floats, Floats]:
        """Return output (N, K) and its derivative by basket revenue (N, K)."""
        e = self.economy
        price = np.where(e.facts.outside[None, :, None], outside[:, None, :], china[:, None, :])
        price = np.maximum(price, self.floor[rows])
        revenue = np.einsum("nke,nke->nk", price, e.basket[rows]) * self.kept + self.credit
        steep, cap = e.steepness[rows], self.capacity[rows]
        used = expit(np.log(revenue / self.cost[rows]) / steep)
        made = cap * used
        free = made < self.limit[rows]
        slope = np.where(free, made * (1 - used) / (steep * revenue) * self.kept, 0.0)
        return np.where(free, made, self.limit[rows]), slope

    def __call__(self, china: Floats, outside: Floats, rows: Floats | slice = slice(None)) -> Net:
        e = self.economy
        made, slope = self.output(china, outside, rows)
        basket, elastic = e.basket[rows], e.short_run[rows]
        nets, slopes, turnover = [], [], 0.0
        for here, price, demand, stock in (
            (~e.facts.outside, china, self.demand_china[rows], self.stock[rows]),
            (e.facts.outside, outside, self.demand_outside[rows], 0.0),
        ):
            wanted = demand * price**-elastic
            yields = basket[:, here]
            nets.append(np.einsum("nk,nke->ne", made[:, here], yields) - wanted - stock)
            d = np.einsum("nk,nke,nkf->nef", slope[:, here], yields, yields)
            index = np.arange(d.shape[1])
            d[:, index, index] += elastic * wanted / price
            slopes.append(d)
            turnover = turnover + wanted
        return Net(nets[0], nets[1], slopes[0], slopes[1], turnover)
