"""What may be changed: levers with their baselines in a model's last month, and named scenarios."""

from __future__ import annotations

from collections.abc import Iterable

from features.levers import load_presets
from pricing.levers import Lever
from serving.price_answer import model_out
from serving.questions import Query, query_fields
from serving.reading import refuse_if_any
from serving.scenarios.list_schemas import LeverOut, LeversAnswer, PresetOut, PresetsAnswer
from serving.scenarios.start import Start

SIGNIFICANT = 12  # digits of a baseline and its ranges: close enough to be sent back as it was shown


def levers_answer(start: Start, query: Query) -> LeversAnswer:
    """Return the levers of one group, or all; InputError with every fault of the query."""
    groups = tuple(dict.fromkeys(lever.group for lever in start.base.levers.rows.values()))
    fields = query_fields(query, [])
    group = fields.choice("group", groups) if fields.has("group") else None
    fields.read.append("group")
    fields.close()
    refuse_if_any(fields.faults)
    chosen = (lever for lever in start.base.levers.rows.values() if group in (None, lever.group))
    return LeversAnswer(
        month=start.base.month,
        first_month=start.months[0],
        last_month=start.months[1],
        groups=groups,
        levers=tuple(_lever(lever, start.baselines[lever.name]) for lever in chosen),
        model=model_out(start.book.model),
    )


def presets_answer() -> PresetsAnswer:
    """Return every named scenario."""
    return PresetsAnswer(
        tuple(
            PresetOut(p.name, p.title, tuple(dict(row) for row in p.overrides), p.source, p.as_of, p.note)
            for p in load_presets().values()
        )
    )


def shown_numbers(values: Iterable[float]) -> tuple[float, ...]:
    """Return numbers with SIGNIFICANT digits.

    >>> shown_numbers([36.800000000000004, 0.0])
    (36.8, 0.0)
    """
    return tuple(float(f"{value:.{SIGNIFICANT}g}") for value in values)


def range_of(lever: Lever, baseline: float) -> tuple[float, float]:
    """Return the range of evidence in the lever's unit."""
    low, high = shown_numbers(lever.range(baseline))
    return low, high


def _lever(lever: Lever, baseline: float) -> LeverOut:
    least, most = shown_numbers(lever.bounds(baseline))
    return LeverOut(
        name=lever.name,
        title=lever.title,
        group=lever.group,
        unit=lever.unit,
        ways=tuple(way.value for way in lever.ways),
        baseline=shown_numbers([baseline])[0],
        range_of_evidence=range_of(lever, baseline),
        bounds=(least, most),
        moves=lever.moves,
        source=lever.source,
        as_of=lever.as_of,
        aliases=lever.aliases,
    )
