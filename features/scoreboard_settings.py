"""The scoreboard's settings, from YAML."""

from __future__ import annotations

from functools import cache

from features.expert import FOLDER, load_expert
from features.forecast_settings import numbers
from pricing.forecast.scores import Bootstrap
from pricing.scoreboard.settings import Settings

FILE = "scoreboard.yaml"
AHEAD = ("market.ahead_short", "market.ahead_middle", "market.ahead_long")


@cache
def scoreboard_settings() -> Settings:
    """Return how fair prices are scored. DataError when a file is torn."""
    own, record = load_expert(FOLDER / FILE)[0], numbers()
    first = round(own.value("fair.first_year"))
    years = {name: round(one.value) for name, one in record.under("regimes").items()}
    return Settings(
        first_month=f"{first}-01",
        months_ahead=tuple(round(own.value(name)) for name in AHEAD),
        regimes={name: year for name, year in years.items() if year >= first},
        worst_months=round(own.value("fair.worst_months")),
        least_windows=round(own.value("market.least_windows")),
        least_quoted=own.value("market.least_quoted"),
        most_p=own.value("market.most_p"),
        how=Bootstrap(
            samples=round(record.value("record.samples")),
            least_block=round(own.value("fair.least_block")),
            level=record.value("record.level"),
            seed=round(record.value("record.seed")),
        ),
    )
