"""The few sentences that a reader of the scoreboard wants first, from its own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log

from pricing.forecast.published import PLACE_WORDS, POOLED
from pricing.scoreboard.rivals import FARTHER, MOSTLY_DERIVED, NEARER, NO_NEARER, NOT_SHOWN, TOO_FEW
from pricing.scoreboard.settings import HEADLINE
from serving.forecasts.schemas import BadMonth
from serving.scoreboard.schemas import FairScores, ForecastScores, MarketScores

SHOWN_AHEAD, SHOWN_REGION = 24, "china"
SHOWN_HORIZONS = (1, 12)
SAID = (
    "Replayed: each month was computed again by today's method from what was known on the 20th of the next month. "
    "Method, priors and facts were written by people who had seen the years judged here."
)
NO_TRUTH = (
    "The latest value is no truth: it is the same model with more data. Inside says how often the first interval "
    "foresaw the revision, not that the price was right."
)
NO_FORECAST = (
    "The fair price is not a forecast of the market: it says what a price without distortions would be, and nothing "
    "pulls the market there while they last. The comparison with the last price is printed whatever it shows; who set "
    "the priors had seen those markets, which flatters the fair price."
)
RIVALS = (
    "A price that goes up and comes down moves towards any line through its middle, so the mean of all past prices is "
    "a second rival beside the last price: nearer is said only where the fair price beats both. Slope 1 says that the "
    "market closed the gap to the fair price; where that of the mean is as large, it says nothing of the model."
)
BANDS = (
    "Dy and Tb are published as bands without a point; in scores the mean behind the band stands for it. For months "
    "without a point, per cents are in tenths of ln or left out, so that the mean is not given away."
)
NOTES = (
    NO_TRUTH,
    NO_FORECAST,
    RIVALS,
    BANDS,
    "Market prices are as first known; a derived one is read from another market's quotes and moves with it.",
    "Bands rest on as many independent stretches as there are windows: rough with four or five, none below four.",
    "Forecast scores are those of /v1/forecasts/{material}/record, made with the forecasts and not computed again.",
)


SAYS = {
    NEARER: "nearer than both",
    FARTHER: "farther off than a rival",
    NOT_SHOWN: "not shown to be nearer than both",
    NO_NEARER: "no nearer than both",
    TOO_FEW: "too few spans for a verdict",
}


def in_short(fair: FairScores | None, forecasts: Sequence[ForecastScores]) -> Iterator[str]:
    """Yield how often inside, how far off, and the worst month, material by material; forecasts of the first place."""
    if fair:
        own = [one.material for one in fair.revisions if one.material != POOLED]
        told = own if len(own) == 1 else (POOLED, *own)
        yield from (_revised(fair, material) for material in own)
        yield from (_market(one) for one in fair.market if one.material in told and _is_shown(one))
    for one in forecasts:
        if one.place == forecasts[0].place:
            yield _forecast(one)


def says(one: MarketScores) -> str:
    """Return the verdict on the fair price against its rivals in words."""
    if one.verdict == MOSTLY_DERIVED:
        return f"no verdict, only {one.quoted_percent:.0f} % quoted at both ends"
    return SAYS[one.verdict]


def _revised(fair: FairScores, material: str) -> str:
    one = next(row for row in fair.revisions if row.material == material)
    return (
        f"{material} fair price, {one.months} months since {one.first_month}: latest inside the first 80 % interval "
        f"in {one.inside_80_percent:.0f} %; largest revision about {one.largest_percent:+.0f} % ({one.largest_month})."
    )


def _is_shown(one: MarketScores) -> bool:
    return (one.months_ahead, one.region, one.origins) == (SHOWN_AHEAD, SHOWN_REGION, HEADLINE)


def _market(one: MarketScores) -> str:
    name = "All metals" if one.material == POOLED else one.material
    rivals = ((one.ratio, "the last price's"), (one.fair_over_mean, "the past mean's"))
    errors = ", ".join(f"{ratio:.2f} of {rival}" for ratio, rival in rivals if ratio is not None)
    return f"{name} in China {one.months_ahead} months on: the fair price's error is {errors}; {says(one)}."


def _forecast(one: ForecastScores) -> str:
    own = {row.months_ahead: row for row in one.rows if row.material == one.material and row.origins == HEADLINE}
    where = f"{one.material} forecast, {PLACE_WORDS[one.place]}"
    if not own:
        return f"{where}: {one.reason or 'none is resolved yet'}."
    held = ", ".join(
        f"{row.in_80:.0f} % at {months} month{'s' * (months > 1)} (miss {row.mae_percent:.0f} %, last quote "
        f"{row.mae_last_quote_percent:.0f} %)"
        for months in SHOWN_HORIZONS
        if (row := own.get(months))
    )
    worst = max(one.bad_months, key=_size_ln, default=None)
    at_worst = f"; worst {worst.off_by_percent:+.0f} % (said {worst.origin} for {worst.month})" if worst else ""
    return f"{where}: 80 % interval held {held}{at_worst}."


def _size_ln(bad: BadMonth) -> float:
    """Return the absolute miss in ln(price): a fall to a half is as large as a rise to the double."""
    return abs(log(bad.came_usd_per_kg / bad.forecast_usd_per_kg))
