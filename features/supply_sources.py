"""Supply sources of the market: capacity from output and utilisation, cost from the routes behind each source."""

from __future__ import annotations

from collections.abc import Mapping

from features.banded import Banded
from features.expert_paths import ExpertPath
from features.supply_outputs import CHINA, OUTSIDE, QUOTA_BOUND
from features.vantage import Vantage
from pricing.costs.source_costs import SourceCosts
from pricing.market.history import Evidence
from pricing.market.supply import Region, Source

UTILISATION = {
    "bayan_obo": "utilisation_light",
    "sichuan": "utilisation_light",
    "southern_clays": "utilisation_clay",
    "myanmar_feed": "utilisation_feed",
    "imported_concentrate": "utilisation_feed",
    **dict.fromkeys(OUTSIDE, "utilisation_outside"),
}

INCUMBENTS = "incumbents_ex_china"
FLOORED = "brownfield_ex_china"  # Mountain Pass sells under the US floor
NOTES = {
    "myanmar_feed": "Myanmar, Laos and other clays abroad that Chinese plants separate",
    "imported_concentrate": "Mountain Pass 2018 to April 2025 and monazite sands",
    "incumbents_ex_china": "Lynas, Molycorp to 2015, Russian and Indian monazite",
    "brownfield_ex_china": "Mountain Pass separation from 2023 and expansions of standing plants",
    "brazil_clay": "carbonate still shipped to China for separation",
}


def capacities(vantage: Vantage, made: Mapping[str, Banded], incumbent_ndpr_per_reo: float) -> dict[str, Banded]:
    """Return each source's capacity: what it made over its utilisation, a prior; for Lynas its nameplate."""
    used = {name: output.over(vantage.path(UTILISATION[name])) for name, output in made.items()}
    others = made[INCUMBENTS].minus(vantage.path("lynas_ndpr_t").scaled(1 / incumbent_ndpr_per_reo)).held_above(0.0)
    nameplate = vantage.path("lynas_capacity_ndpr_t").scaled(1 / incumbent_ndpr_per_reo)
    stands = others.over(vantage.path(UTILISATION[INCUMBENTS])).plus(nameplate)
    return {**used, INCUMBENTS: stands.marked(Evidence.PRIOR)}


def region_of(source: str) -> Region:
    """Return where a source's oxide is separated."""
    return Region.CHINA if source in CHINA else Region.EX_CHINA


def supply_sources(
    capacity: Mapping[str, Banded],
    costs: Mapping[str, SourceCosts],
    experts: Mapping[str, ExpertPath],
    months: list[str],
) -> tuple[Source, ...]:
    """Return the sources of a market, China's first."""
    return tuple(_source(name, capacity[name], costs[name], experts, months) for name in (*CHINA, *OUTSIDE))


def _source(
    name: str, capacity: Banded, costs: SourceCosts, experts: Mapping[str, ExpertPath], months: list[str]
) -> Source:
    first = experts[f"opens_{name}"].number()
    start = int(months[0][:4]) + (int(months[0][5:7]) - 1) / 12
    return Source(
        name=name,
        region=region_of(name),
        basket={str(material): share for material, share in costs.basket.items()},
        capacity=capacity.value,
        capacity_evidence=capacity.evidence,
        **costs.terms,
        limit=experts[f"limit_{name}_t"].number(),
        opens=max(0, round(12 * (first - start))),
        quota_bound=name in QUOTA_BOUND,
        floor_covered=name == FLOORED,
        notes=NOTES.get(name, ""),
    )
