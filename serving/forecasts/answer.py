"""From the forecasts of a book to an answer, as JSON or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

from pricing.contracts.periods import month_after
from pricing.forecast.claim import NO_SKILL, SKILL
from pricing.forecast.published import HORIZONS, PLACE_WORDS, Forecasts, Said, Skill, Standing
from pricing.forecast.scores import LEVELS
from serving.book import Book
from serving.flags import STALE_AFTER_DAYS
from serving.forecasts.flags import forecast_flags, is_over
from serving.forecasts.question import ForecastRequest
from serving.forecasts.schemas import BaseQuote, ForecastAnswer, HorizonForecast, PastCoverage
from serving.price_answer import model_out
from serving.rounding import DIGITS, rounded

FORECAST, NO_FORECAST = "forecast", "none"
MODELS, LAST_QUOTE, MEAN = "models", "last quote", "month's mean"
OLDER_BUNDLE = "the model that serves was published before it held forecasts; train again with this version"
TOO_EARLY = "nothing was forecast by that day: quotes were still too few"
TOO_OLD = "the last quote was too old that day to start from"
NONE_METHOD = ""
CSV_COLUMNS = (
    *("material", "place", "as_of", "status", "reason", "month", "known_on", "base_usd_per_kg", "base_day"),
    *("base_evidence", "months_ahead", "for_month", "month_over", "point_usd_per_kg"),
    *(f"{end}_{level}_usd_per_kg" for level in LEVELS for end in ("low", "high")),
    *("served", "skill", "rmsse", "rmsse_low", "rmsse_high", "past_rmsse", "past_months"),
    *("resolved", "held_50_percent", "held_80_percent", "held_95_percent"),
    *("basis", "method", "bundle", "snapshot"),
)


def forecast_answer(book: Book, request: ForecastRequest) -> ForecastAnswer:
    """Return what a market price is likely to be, as known on the day of the request."""
    found = book.forecasts
    said = _said(found, request)
    reason = "" if said else _why_none(found, request)
    return ForecastAnswer(
        material=request.material,
        place=request.place,
        as_of=request.as_of.isoformat(),
        basis=basis(request.material, request.place, mean_base=said is not None and said.mean_base),
        digits=DIGITS,
        status=FORECAST if said else NO_FORECAST,
        reason=reason,
        month=said.month if said else None,
        known_on=said.known_on if said else None,
        base=_base(said, request.as_of) if said else None,
        horizons=tuple(_horizons(found, said, request)) if said and found else (),
        method=found.method if found else NONE_METHOD,
        record=f"/v1/forecasts/{request.material.value}/record?place={request.place}",
        data_age_days=_age(said, request) if said else None,
        flags=tuple(forecast_flags(book, request, said)),
        model=model_out(book.model),
        snapshot=book.snapshots.get(said.month, "") if said else None,
    )


def basis(material: str, place: str, *, mean_base: bool = False) -> str:
    """Return what an amount at a place is per kilogram of."""
    figure = "from the mean of a month" if mean_base else "the last quote of a month"
    return f"USD/kg {material} oxide, {PLACE_WORDS[place]}, nominal; {figure}"


def forecast_csv(answer: ForecastAnswer) -> bytes:
    """Return a forecast as CSV: units in the names, a row per month to come; one row alone where there is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    base = answer.base
    first: list[object] = [
        answer.material,
        answer.place,
        answer.as_of,
        answer.status,
        answer.reason,
        answer.month,
        answer.known_on,
    ]
    first += [base.usd_per_kg, base.day, base.evidence] if base else [None] * 3
    last = [answer.basis, answer.method, answer.model.bundle, answer.snapshot]
    rows = [_csv_cells(one) for one in answer.horizons] or [[None] * (len(CSV_COLUMNS) - len(first) - len(last))]
    writer.writerows(["" if cell is None else cell for cell in (*first, *row, *last)] for row in rows)
    return out.getvalue().encode()


def _csv_cells(one: HorizonForecast) -> list[object]:
    held = one.past_coverage
    return [
        *(one.months_ahead, one.month, one.month_over, one.point, *one.interval_50, *one.interval_80, *one.interval_95),
        *(one.served, one.skill, one.rmsse, one.rmsse_low, one.rmsse_high, one.past_rmsse, one.past_months),
        *(held.resolved, held.in_50, held.in_80, held.in_95),
    ]


def _said(found: Forecasts | None, request: ForecastRequest) -> Said | None:
    """Return what was said last by the day, unless a later month was priced since and nothing was said of it."""
    said = found.said(request.place, request.material, request.as_of.isoformat()) if found else None
    return said if said and (request.as_of - date.fromisoformat(said.known_on)).days <= STALE_AFTER_DAYS else None


def _why_none(found: Forecasts | None, request: ForecastRequest) -> str:
    if found is None:
        return OLDER_BUNDLE
    why = found.refused.get((request.place, request.material))
    if why:
        return why
    earlier = found.said(request.place, request.material, request.as_of.isoformat())
    return TOO_OLD if earlier else TOO_EARLY


def _base(said: Said, as_of: date) -> BaseQuote:
    day = said.base_day or f"{said.base_month}-01"
    return BaseQuote(
        usd_per_kg=said.base,
        month=said.base_month,
        day=said.base_day or None,
        age_days=(as_of - date.fromisoformat(day)).days,
        evidence=said.evidence,
        source=said.source,
    )


def _age(said: Said, request: ForecastRequest) -> int:
    return max(0, ((request.asked_on or request.as_of) - date.fromisoformat(said.known_on)).days)


def _horizons(found: Forecasts, said: Said, request: ForecastRequest) -> Iterator[HorizonForecast]:
    skill = found.skill[request.place][said.month]
    resolved, held = found.targets[request.place, request.material].coverage(request.as_of.isoformat())
    months = months_after(said.month, HORIZONS[-1])
    instead = stands_out(mean_base=said.mean_base)
    for horizon in request.horizons:
        at = horizon - 1
        count = int(resolved[at])
        shares = [round(100 * int(inside[at]) / count, 1) if count else None for inside in held]
        stands = said.stands(horizon)
        ends = {level: said.interval(level, horizon) for level in LEVELS}
        yield HorizonForecast(
            months_ahead=horizon,
            month=months[at],
            month_over=is_over(months[at], request),
            point=said.point[at],
            interval_50=_rounded(ends[50]),
            interval_80=_rounded(ends[80]),
            interval_95=_rounded(ends[95]),
            served=MODELS if skill.used[at] else instead,
            skill=_claim(stands, used=skill.used[at]),
            says=f"{_why_served(skill, at, instead)}; {_why_claimed(stands, used=skill.used[at])}",
            rmsse=stands.rmsse if stands else None,
            rmsse_low=stands.low if stands else None,
            rmsse_high=stands.high if stands else None,
            past_rmsse=skill.ratio[at],
            past_months=skill.resolved[at],
            past_coverage=PastCoverage(count, *shares),
        )


def months_after(month: str, count: int) -> list[str]:
    """Return the months that follow one, as many as asked for."""
    found = [month]
    for _ in range(count):
        found.append(month_after(found[-1]))
    return found[1:]


def _claim(stands: Standing | None, *, used: bool) -> str | None:
    return claim_out(stands.skill if stands else None) if used else NO_SKILL


def claim_out(skill: bool | None) -> str | None:
    """Return a verdict in words; None where there is none."""
    return None if skill is None else SKILL if skill else NO_SKILL


def stands_out(*, mean_base: bool) -> str:
    """Return what stands where models do not."""
    return MEAN if mean_base else LAST_QUOTE


def _why_served(skill: Skill, at: int, stands: str) -> str:
    ratio, months = skill.ratio[at], skill.resolved[at]
    if skill.used[at] and ratio is not None:
        gain = f"missed by {100 * (1 - ratio):.1f} % less than the last quote"
        return f"models are served: over {months} months, all materials of this place, they {gain}"
    if ratio is not None and ratio < 1.0:
        return f"the {stands} is served: models gained over {months} months only, or not at shorter horizons"
    return f"the {stands} is served"


def _why_claimed(stands: Standing | None, *, used: bool) -> str:
    if not used:
        return NO_SKILL
    if stands is None or not stands.judged:
        return "this bundle does not say what may be claimed"
    if stands.skill is None:
        return "the record of this material is too short for a verdict on skill"
    band = f"{stands.rmsse:.3f} ({stands.low:.3f} to {stands.high:.3f})"
    if stands.skill:
        return f"{SKILL}: its record, {band}, lies below 1, and a test of equal errors agrees"
    return f"{NO_SKILL} to claim: its record is {band}"


def _rounded(ends: tuple[float, float]) -> tuple[float, float]:
    return rounded(ends[0]) or 0.0, rounded(ends[1]) or 0.0
