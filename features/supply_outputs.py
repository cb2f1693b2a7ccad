"""Output and quota of each source in t REO a year: quotas and what goes beyond them, feed, plants outside China."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.banded import Banded, total
from features.readings import held
from features.vantage import Vantage
from pricing.market.history import Evidence, Floats

SURVEY = "ree_oxide_production_bgs_"
SUMMARY = "ree_mine_production_usgs_"
OTHER_FEED = (
    ("madagascar", "madagascar"),
    ("thailand", None),
    ("nigeria", None),
    ("vietnam", "vietnam"),
    (None, "burundi"),
)
SMALL_INCUMBENTS = (("russia", "russia"), ("india", "india"))
MOLYCORP_LAST_YEAR = 2015  # Mountain Pass separated its own oxide until then; idle in 2016 and 2017
SURVEY_COUNTS_MORE = 1.05  # a survey figure this far above the quota holds an estimate of illegal output

SERIES = (
    "cn_quota_mining_total",
    "cn_quota_mining_half_year",
    "cn_quota_mining_ionic_heavy",
    SURVEY + "china",
    SURVEY + "usa",
    *(SUMMARY + name for name, _ in (*OTHER_FEED, *SMALL_INCUMBENTS) if name),
    *(SURVEY + name for _, name in (*OTHER_FEED, *SMALL_INCUMBENTS) if name),
    SUMMARY + "brazil",
)
QUOTA_BOUND = ("bayan_obo", "sichuan", "southern_clays")
CHINA = (*QUOTA_BOUND, "myanmar_feed", "imported_concentrate")
OUTSIDE = ("incumbents_ex_china", "brownfield_ex_china", "greenfield_ex_china", "brazil_clay")


@dataclass(frozen=True)
class Outputs:
    """Output of every source and quota of the bound ones, t REO a year at the months (T,)."""

    made: Mapping[str, Banded]
    quota: Mapping[str, Banded]


def outputs(vantage: Vantage, ndpr_per_reo: Mapping[str, float]) -> Outputs:
    """Return outputs and quotas; `ndpr_per_reo` turns the NdPr that plants outside China report into REO."""
    made, quota = _under_quota(vantage)
    made |= {
        "myanmar_feed": vantage.path("myanmar_feed_t").plus(vantage.path("neighbouring_clay_feed_t")),
        "imported_concentrate": _concentrate(vantage, ndpr_per_reo["brownfield_ex_china"]),
        "incumbents_ex_china": _incumbents(vantage, ndpr_per_reo["incumbents_ex_china"]),
        "brownfield_ex_china": vantage.path("mountain_pass_ndpr_t").scaled(1 / ndpr_per_reo["brownfield_ex_china"]),
        "greenfield_ex_china": vantage.none(),
        "brazil_clay": _surveyed(vantage, "brazil", None),
    }
    return Outputs({name: made[name].held_above(0.0) for name in (*CHINA, *OUTSIDE)}, quota)


def _under_quota(v: Vantage) -> tuple[dict[str, Banded], dict[str, Banded]]:
    quota, ionic = _quota(v), _ionic(v)
    light = quota.minus(ionic)
    made, made_ionic = _beyond(v, quota), ionic.over(_legal(_illegal_ionic(v)))
    made_light = made.minus(made_ionic).held_above(0.0)
    share = v.path_yearly("bayan_obo_share_of_light_quota").marked(Evidence.DERIVED)
    made_by = (made_light.times(share), made_light.times(share.complement()), made_ionic)
    quota_by = (light.times(share), light.times(share.complement()), ionic)
    return _named(v, made_by), _named(v, quota_by)


def _named(v: Vantage, yearly: tuple[Banded, ...]) -> dict[str, Banded]:
    return {name: v.to_months(part) for name, part in zip(QUOTA_BOUND, yearly, strict=True)}


def _quota(v: Vantage) -> Banded:
    """Return the mining quota of each year: announced, else both halves, else twice the first, else the last one."""
    view, years = v.view, v.years
    published = _first_of(view.yearly("cn_quota_mining_total", years), v.dated_yearly("mining_quota_announced_t"))
    first, second = view.halves("cn_quota_mining_half_year", years)
    published = _first_of(published, first + second)
    evidence = np.where(np.isfinite(published), "observed", np.where(np.isfinite(first), "derived", "prior"))
    value = _carried_on(_first_of(published, 2 * first), v.path_yearly("quota_growth_when_unpublished").value)
    error = np.where(evidence == Evidence.OBSERVED, 0.0, v.path_yearly("quota_error_when_unpublished").value)
    return Banded(value, value * np.exp(-error), value * np.exp(error), evidence.astype(object))


def _carried_on(known: Floats, growth: Floats) -> Floats:
    """Return a yearly quantity with gaps grown from the last known year, and years before the first at its level."""
    value = held(known)
    value = np.where(np.isfinite(value), value, value[np.isfinite(value)][0])
    factor = 1.0
    for index, missing in enumerate(~np.isfinite(known)):
        factor = factor * (1 + growth[index]) if missing else 1.0
        value[index] *= factor
    return value


def _ionic(v: Vantage) -> Banded:
    """Return the quota of ionic clays (Y,); where the split is not known, the last one known, or a share."""
    known, quota = v.view.yearly("cn_quota_mining_ionic_heavy", v.years), _quota(v)
    share = quota.times(v.path_yearly("ionic_share_of_quota"))
    level = held(known)
    carried = Banded(level, level, level, _derived(quota)).where(np.isfinite(level), share)
    return Banded.sure(known, Evidence.OBSERVED).where(np.isfinite(known), carried)


def _beyond(v: Vantage, quota: Banded) -> Banded:
    """Return Chinese output: the quota over its legal share, averaged (in logs) with a survey that counts more."""
    estimate = quota.over(_legal(v.path_yearly("illegal_share_of_output")))
    survey = v.view.yearly(SURVEY + "china", v.years)
    counts = survey > SURVEY_COUNTS_MORE * quota.value
    middle = np.where(counts, np.sqrt(estimate.value * np.where(counts, survey, 1.0)), estimate.value)
    low, high = np.fmin(estimate.low, middle), np.fmax(estimate.high, middle)
    return Banded(middle, low, high, _derived(quota)).widened(survey)


def _illegal_ionic(v: Vantage) -> Banded:
    doubled = v.path_yearly("illegal_share_of_output").times(v.path_yearly("illegal_ionic_times"))
    cap = v.path_yearly("illegal_ionic_cap")
    low, value = np.minimum(doubled.low, cap.low), np.minimum(doubled.value, cap.value)
    return Banded(value, low, np.minimum(doubled.high, cap.high), doubled.evidence)


def _legal(illegal: Banded) -> Banded:
    """Return one less a share, as derived: the priors' width stays in the band."""
    return illegal.complement().marked(Evidence.DERIVED)


def _derived(quota: Banded) -> np.ndarray:
    return np.where(quota.evidence == Evidence.PRIOR, "prior", "derived").astype(object)


def _concentrate(v: Vantage, ndpr_per_reo: float) -> Banded:
    """Return feed of Chinese separation from hard rock abroad: what Mountain Pass ships, and monazite sands."""
    own = v.path("mountain_pass_ndpr_t").scaled(1 / ndpr_per_reo)
    left = v.path("mountain_pass_concentrate_t").minus(own).held_above(0.0)
    sands = total(_surveyed(v, *names) for names in OTHER_FEED)
    return left.times(v.path("mountain_pass_shipped_to_china")).plus(sands)


def _incumbents(v: Vantage, ndpr_per_reo: float) -> Banded:
    lynas = v.path("lynas_ndpr_t").scaled(1 / ndpr_per_reo)
    usa = np.where(v.years <= MOLYCORP_LAST_YEAR, np.nan_to_num(held(_since(v, SURVEY + "usa", 2012))), 0.0)
    molycorp = v.to_months(Banded.sure(usa, Evidence.DERIVED))
    return total([lynas, molycorp, *(_surveyed(v, *names) for names in SMALL_INCUMBENTS)])


def _since(v: Vantage, name: str, year: int) -> Floats:
    return np.where(v.years >= year, v.view.yearly(name, v.years), np.nan)


def _surveyed(v: Vantage, summary: str | None, survey: str | None) -> Banded:
    """Return a country's mine output: USGS where known, else BGS, else the last figure, else nil."""
    asked = [prefix + name for prefix, name in ((SUMMARY, summary), (SURVEY, survey)) if name]
    known = np.full(len(v.years), np.nan)
    for series in asked:
        known = _first_of(known, v.view.yearly(series, v.years))
    evidence = np.where(np.isfinite(known), "derived", "prior").astype(object)
    value = np.nan_to_num(held(known))
    return v.to_months(Banded(value, value, value, evidence))


def _first_of(one: Floats, other: Floats) -> Floats:
    return np.where(np.isfinite(one), one, other)
