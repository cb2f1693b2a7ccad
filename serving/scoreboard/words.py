"""The few sentences that a reader of the scoreboard wants first, from its own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pricing.forecast.published import PLACE_WORDS, POOLED
from pricing.scoreboard.settings import HEADLINE
from serving.scoreboard.schemas import FairScores, ForecastScores, MarketScores
from serving.scoreboard.scores import FARTHER, NEARER, TOO_FEW

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
NOTES = (
    NO_TRUTH,
    NO_FORECAST,
    "Dy and Tb are published as bands without a point; in scores the mean behind the band stands for it.",
    "Market prices are as first known; a derived one is read from another market's quotes and moves with it.",
    "Bands rest on as many independent stretches as there are windows: with four or five they are rough themselves.",
    "Forecast scores are those of /v1/forecasts/{material}/record, made with the forecasts and not computed again.",
)


def in_short(fair: FairScores | None, forecasts: Sequence[ForecastScores]) -> Iterator[str]:
    """Yield how often inside, how far off, and the worst month, material by material."""
    if fair:
        yield from (_revised(fair, one.material) for one in fair.revisions if one.material != POOLED)
        yield from (_market(one) for one in fair.market if _is_shown(one))
    for one in forecasts:
        yield from _forecast(one)


def _revised(fair: FairScores, material: str) -> str:
    one = next(row for row in fair.revisions if row.material == material)
    return (
        f"{material} fair price, {one.months} months since {one.first_month}: the latest value lies inside the first "
        f"80 % interval in {one.inside_80_percent:.0f} %; half of the months were revised by more than "
        f"{one.median_size_percent:.0f} %, the worst by {one.largest_percent:+.0f} % ({one.largest_month})."
    )


def _is_shown(one: MarketScores) -> bool:
    return (one.months_ahead, one.region, one.origins) == (SHOWN_AHEAD, SHOWN_REGION, HEADLINE) and (
        one.material != POOLED
    )


def _market(one: MarketScores) -> str:
    told = {
        NEARER: "the fair price was nearer to what came than the last price",
        FARTHER: "the fair price was farther from what came than the last price",
        TOO_FEW: "too few spans to say which was nearer",
    }.get(one.verdict, "no difference from the last price can be told")
    ratio = "" if one.ratio is None else f"; its error over that of the last price: {one.ratio:.2f}"
    band = "" if one.ratio_low is None or one.ratio_high is None else f" ({one.ratio_low:.2f} to {one.ratio_high:.2f})"
    test = "" if one.dm_p is None else f", p {one.dm_p:.2f}"
    return f"{one.material} in China {one.months_ahead} months on, {one.windows} windows: {told}{ratio}{band}{test}."


def _forecast(one: ForecastScores) -> Iterator[str]:
    own = {row.months_ahead: row for row in one.rows if row.material == one.material and row.origins == HEADLINE}
    where = f"{one.material} forecast, {PLACE_WORDS[one.place]}"
    if not own:
        yield f"{where}: {one.reason or 'none is resolved yet'}."
        return
    held = ", ".join(
        f"{row.in_80:.0f} % of {row.forecasts} at {months} month{'s' * (months > 1)} (typical miss "
        f"{row.mae_percent:.0f} %, last quote {row.mae_last_quote_percent:.0f} %)"
        for months in SHOWN_HORIZONS
        if (row := own.get(months))
    )
    worst = max(one.bad_months, key=lambda bad: abs(bad.off_by_percent), default=None)
    at_worst = f"; worst: {worst.off_by_percent:+.0f} % in {worst.month}, said {worst.origin}" if worst else ""
    yield f"{where}: the 80 % interval held {held}{at_worst}."
