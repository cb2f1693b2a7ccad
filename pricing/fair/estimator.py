"""The estimator: a market history in, fair prices with bands and the signed wedge out.

Parameters are drawn from the prior, each draw is weighted by how well its *distorted* world explains the prices and
output that were observed, and the fair price is the weighted mean of the *undistorted* worlds under the same draws.
No observed price enters a fair price but through those weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pricing.explain.fair_stack import FairStack, fair_stack
from pricing.fair.claims import below, rests_on, standard_error, usual_width
from pricing.fair.decomposition import Parts, shapley, turning_orders
from pricing.fair.posterior import Errors, log_likelihood, log_mean, mean, quantiles
from pricing.fair.sampling import Sample, sample
from pricing.market.batches import Across, Asked, Solved, solved
from pricing.market.distortions import Distortion, Switches
from pricing.market.economy import Economy
from pricing.market.facts import Facts, facts_of
from pricing.market.history import MarketHistory
from pricing.market.supply import Market, SupportSet
from pricing.market.worlds import REST_YEARS, World
from pricing.prior import Draws, Prior

Floats = np.ndarray
Progress = Callable[[str, float], None]

LEVELS = (0.025, 0.10, 0.25, 0.50, 0.75, 0.90, 0.975)
STATISTICS = ("mean", "p2.5", "p10", "p25", "p50", "p75", "p90", "p97.5")
HEADLINE = SupportSet.MARKET_ECONOMY
REGIONS = ("china", "ex_china")


@dataclass(frozen=True)
class Settings:
    """How the estimate is computed; what is believed is in the prior and the errors."""

    errors: Errors
    draws: int = 4096  # weighted
    kept: int = 512  # resampled at every stage of the evidence
    wedge_draws: int = 192  # of these, for the parts of the wedge, where one stage serves all months (latest)
    wedge_draws_a_stage: int = 12  # the same where every year has its own stage (as known)
    seed: int = 20260331
    rest_years: float = REST_YEARS
    least_effective: float = 50.0  # effective draws below which no number is given
    widest_point: float = 2.0  # 90 % over 10 % quantile; beyond it a band is given and no point
    width_months: int = 12  # over which the width is judged, so that a status does not flip month by month
    unmoved: float = 0.95  # posterior over prior spread, from which a price is called not identified


@dataclass(frozen=True)
class FairHistory:
    """One row per material and month, nominal USD/kg of oxide ex VAT; the draws kept, and their weights (U, T)."""

    frame: pd.DataFrame
    sample: Sample
    draws: Draws
    stack: FairStack  # what the headline is made of
    diagnostics: Mapping[str, float] = field(default_factory=dict)


def silent(_name: str, _share: float) -> None:
    """Report no progress."""


def estimate(
    market: Market, prior: Prior, settings: Settings, progress: Progress = silent, across: Across | None = None
) -> FairHistory:
    """Return the fair history of a market. Raise DataError where the market does not clear.

    `across` may solve batches of draws elsewhere and side by side; it moves no number.
    """
    facts, every = facts_of(market), prior.draw(settings.draws, settings.seed)
    progress("distorted world", 0.0)
    (first,) = solved([Asked(facts, every, Switches.all_on(every.size))], across)
    distorted = first.world
    added = log_likelihood(market.histories, distorted, settings.errors)
    kept = sample(added, settings.kept, causal=market.vintage == "as_known")
    draws, distorted = every.take(kept.rows), distorted.take(kept.rows)
    worlds, plants = _fair_worlds(facts, draws, distorted, settings, progress, across)
    progress("wedge by Shapley values", 0.8)
    each = settings.wedge_draws if market.vintage == "latest" else settings.wedge_draws_a_stage
    some, some_weight = kept.thinned(each)
    orders = turning_orders(every.size, settings.seed)[:, kept.rows[some]]
    parts = shapley(facts, draws.take(some), orders, across)
    found = _Found(market, facts, kept, draws, distorted, worlds, parts, some, some_weight, settings)
    frames = [_Material(found, history, e).frame() for e, history in enumerate(market.histories.values())]
    progress("done", 1.0)
    stack = _stack(market, facts, draws, worlds, plants, kept.weight)
    return FairHistory(pd.concat(frames, ignore_index=True), kept, draws, stack, _diagnostics(kept, frames))


Worlds = Mapping[tuple[str, SupportSet], World]


def _stack(market: Market, facts: Facts, draws: Draws, worlds: Worlds, plants: Floats, weight: Floats) -> FairStack:
    """Return what the headline is made of, month by month."""
    news = np.ones((facts.months, len(facts.materials)))
    for e, material in enumerate(facts.materials):
        news[:, e] = market.revision.get(material, 1.0)
    economy = Economy.of(facts, draws, Switches.fair(draws.size, HEADLINE))
    return fair_stack(economy, worlds["long_run", HEADLINE], plants, weight, news)


def _fair_worlds(
    facts: Facts, draws: Draws, distorted: World, settings: Settings, progress: Progress, across: Across | None
) -> tuple[Worlds, Floats]:
    """Return the undistorted worlds: grown (long run) and as built (short run), in each support set.

    Beside them stand the plants of the headline (U, T, K).
    """
    asked: dict[tuple[str, SupportSet], Asked] = {}
    for support in SupportSet:
        on = Switches.fair(draws.size, support)
        asked["long_run", support] = Asked(facts, draws, on, settings.rest_years, with_plants=support == HEADLINE)
        asked["short_run", support] = Asked(facts, draws, on, habit=distorted.habit)
    found: dict[tuple[str, SupportSet], Solved] = {}
    for (run, support), one in zip(asked, solved(list(asked.values()), across), strict=True):
        found[run, support] = one
        progress(f"undistorted worlds, support set {support}", 0.3 + 0.5 * len(found) / len(asked))
    plants = found["long_run", HEADLINE].plants
    assert plants is not None  # noqa: S101 - they were asked for
    return {key: one.world for key, one in found.items()}, plants


def _diagnostics(kept: Sample, frames: list[pd.DataFrame]) -> dict[str, float]:
    rows = pd.concat(frames)
    miss = np.log(rows["market.china"] / rows["model.china"])
    return {
        "effective_size_last": float(kept.effective[-1]),
        "effective_size_least": float(kept.effective.min()),
        "draws_kept": float(kept.size),
        "miss_rms_china": float(np.sqrt(np.nanmean(miss**2))),
    }


@dataclass(frozen=True)
class _Found:
    """Everything the rows are made of: the kept draws, their worlds, and the parts of the wedge for some of them."""

    market: Market
    facts: Facts
    kept: Sample
    draws: Draws
    distorted: World
    worlds: Worlds
    parts: Parts
    some: Floats  # positions of the draws that have parts
    some_weight: Floats
    settings: Settings


@dataclass(frozen=True)
class _Material:
    """One material's rows; arrays on its own months, which are the last of all."""

    found: _Found
    history: MarketHistory
    e: int

    @property
    def start(self) -> int:
        return int(self.found.facts.first[self.e])

    @property
    def deflator(self) -> Floats:
        return self.found.facts.deflator[self.start :]

    def own(self, values: Floats) -> Floats:
        """Return (N, T, E) as nominal (N, T of this material)."""
        return values[:, self.start :, self.e] * self.deflator

    @property
    def own_weight(self) -> Floats:
        return self.found.kept.weight[:, self.start :]

    def frame(self) -> pd.DataFrame:
        """Return the rows of this material, in the columns of a published history."""
        columns: dict[str, object] = {
            "material": self.history.material,
            "month": self.history.months,
            "deflator": self.deflator,
            "ess": self.found.kept.effective[self.start :],
        }
        columns.update(self._market())
        columns.update(self._fair())
        columns.update(self._below(columns))
        columns.update(self._wedges(columns))
        return self._judged(pd.DataFrame(columns))

    def _market(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for region in REGIONS:
            name = f"{region}_price"
            found[f"market.{region}"] = self.history.column(name)
            found[f"market.{region}.low"] = self.history.column(f"{name}_low")
            found[f"market.{region}.high"] = self.history.column(f"{name}_high")
            found[f"market.{region}.evidence"] = self.history.evidence(name)
            modelled = self.found.distorted.china if region == "china" else self.found.distorted.outside
            found[f"model.{region}"] = log_mean(self.own(modelled), self.own_weight)
        return found

    def _fair(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for (run, support), world in self.found.worlds.items():
            price = self.own(world.outside) * self.lasting
            found[f"{run}.{support}.mean"] = log_mean(price, self.own_weight)
            for statistic, values in zip(STATISTICS[1:], quantiles(price, self.own_weight, LEVELS), strict=True):
                found[f"{run}.{support}.{statistic}"] = values
        error = standard_error(np.log(self.headline), self.own_weight, self.found.kept.effective[self.start :])
        return found | {f"long_run.{HEADLINE}.mc_se": error * np.asarray(found[f"long_run.{HEADLINE}.mean"])}

    @property
    def lasting(self) -> Floats:
        """Return the lasting error of the model itself, a factor per draw (U, 1)."""
        return np.exp(self.found.draws["model_error"])[:, None]

    @property
    def headline(self) -> Floats:
        """Return the long-run fair price of every draw, nominal (N, T)."""
        return self.own(self.found.worlds["long_run", HEADLINE].outside) * self.lasting

    def _fair_in(self, region: str) -> Floats:
        """Return the headline on a region's basis: delivered outside, or at works in China, freight less."""
        return (
            self.headline
            if region == "ex_china"
            else self.headline - self.found.draws["freight"][:, None] * self.deflator
        )

    def _central_in(self, region: str) -> Floats:
        """Return the headline as published, on a region's basis (T,)."""
        central = log_mean(self.headline, self.own_weight)
        freight = mean(self.found.draws["freight"][:, None] * self.deflator, self.own_weight)
        return central if region == "ex_china" else central - freight

    def _below(self, columns: Mapping[str, object]) -> dict[str, object]:
        found: dict[str, object] = {}
        for region in REGIONS:
            market = np.asarray(columns[f"market.{region}"], dtype=float)
            low, high = (np.asarray(columns[f"market.{region}.{edge}"], dtype=float) for edge in ("low", "high"))
            found[f"p_market_below_fair.{region}"] = below(market, low, high, self._fair_in(region), self.own_weight)
        return found

    def _wedges(self, columns: Mapping[str, object]) -> dict[str, object]:
        found: dict[str, object] = {}
        for region in REGIONS:
            market = np.asarray(columns[f"market.{region}"], dtype=float)
            modelled = np.asarray(columns[f"model.{region}"], dtype=float)
            found.update(self._wedge(region, market, modelled))
        return found

    def _wedge(self, region: str, market: Floats, modelled: Floats) -> dict[str, object]:
        """Return one region's wedge and its parts, which add up to it; bands are the draws' 10th to 90th percentile."""
        parts = self.found.parts.china if region == "china" else self.found.parts.outside
        full = self.found.parts.full_china if region == "china" else self.found.parts.full_outside
        built = self.found.distorted.china if region == "china" else self.found.distorted.outside
        fair = self._central_in(region)
        weight = self.found.some_weight[:, self.start :]
        items = {str(d): self.own(parts[d]) for d in Distortion}
        found: dict[str, object] = {f"wedge.{region}.total": market - fair}
        total = np.zeros_like(fair)
        for name, values in items.items():
            central = mean(values, weight)
            total = total + central
            found.update(_band(f"wedge.{region}.{name}", central, values, weight))
        rest = modelled - fair - total
        found.update(
            _band(f"wedge.{region}.capacity_and_start", rest, self.own(built)[self.found.some] - self.own(full), weight)
        )
        missed = market[None] - self.own(built)
        found.update(_band(f"wedge.{region}.unexplained", market - modelled, missed, self.own_weight))
        for name in (*items, "capacity_and_start", "unexplained"):
            found[f"wedge.{region}.{name}.rests_on"] = rests_on(name, region, self.history)
        return found

    def _judged(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with what each may claim: estimate, band without a point, or refusal, and why."""
        width = frame[f"long_run.{HEADLINE}.p90"] / frame[f"long_run.{HEADLINE}.p10"]
        wide = usual_width(width, self.found.settings.width_months)
        without = np.tile(self.found.kept.prior_weight[:, None], (1, len(frame)))
        moved = self._spread(self.own_weight) / self._spread(without)
        thin = frame["ess"] < self.found.settings.least_effective
        frame["status"] = np.where(
            thin, "refused", np.where(wide > self.found.settings.widest_point, "band", "estimate")
        )
        frame["identified"] = 1 - np.minimum(moved, 1.0) ** 2
        frame["reason"] = [self._reason(*row) for row in zip(thin, frame["ess"], wide, moved, strict=True)]
        return frame

    def _spread(self, weight: Floats) -> Floats:
        log = np.log(self.own(self.found.worlds["long_run", HEADLINE].outside))
        centre = mean(log, weight)
        return np.sqrt(mean((log - centre) ** 2, weight))

    def _reason(self, thin: bool, size: float, wide: float, moved: float) -> str:
        said = []
        if thin:
            said.append(
                f"effective sample size {size:.0f} is below {self.found.settings.least_effective:.0f}: "
                "take more draws, or widen the prior"
            )
        if wide > self.found.settings.widest_point:
            said.append(f"the 80 % interval spans a factor of {wide:.1f} over a year: read the band, not its middle")
        if moved > self.found.settings.unmoved:
            said.append("not identified: the data leave the prior where it was")
        return "; ".join(said)


def _band(name: str, central: Floats, values: Floats, weight: Floats) -> dict[str, object]:
    low, high = quantiles(np.nan_to_num(values), weight, (0.10, 0.90))
    known = np.isfinite(central)
    return {name: central, f"{name}.low": np.where(known, low, np.nan), f"{name}.high": np.where(known, high, np.nan)}
