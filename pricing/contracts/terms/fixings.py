"""What must be true between the fixings of an index and the days, rates and restatements that go with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pricing.contracts.terms.schema import placed
from pricing.errors import Fault

MONTH_LETTERS = len("2026-03")


def fixing_faults(found: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield days that are none, months fixed twice or after the end, and rates, days and restatements of no fixing."""
    for key in found["fixings"]:
        if not _is_day(key):
            yield Fault(f"fixings.{key}", key, "a day that the calendar has")
    for name in ("vat_rates", "published"):
        for key in found[name]:
            if key not in found["fixings"]:
                yield Fault(f"{name}.{key}", key, "a fixing of the index")
    yield from _restated(found)
    yield from _fixed_twice_or_late(found)


def _restated(found: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield restatements of fixings that are not there, or whose first day is not."""
    for place, one in placed(found["restatements"]):
        if one.fixing is None:
            continue
        if one.fixing not in found["fixings"]:
            yield Fault(f"restatements.{place}.fixing", one.fixing, "a fixing of the index")
        elif one.fixing not in found["published"]:
            yield Fault(f"published.{one.fixing}", "nothing", "the day the restated fixing first became known")


def _fixed_twice_or_late(found: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield months with a fixing of their own beside daily ones, and fixings after the index has stopped."""
    by_day = {key[:MONTH_LETTERS] for key in found["fixings"] if len(key) > MONTH_LETTERS}
    stopped = found.get("stopped_after")
    for key in found["fixings"]:
        if key in by_day:
            yield Fault(f"fixings.{key}", f"a fixing of {key} beside daily ones", "the month or its days, not both")
        if stopped is not None and key[:MONTH_LETTERS] > stopped:
            yield Fault(f"fixings.{key}", key, f"nothing after {stopped}: stopped_after says the index stopped then")


def _is_day(key: str) -> bool:
    """Return whether a key that reads like a day or a month is one."""
    try:
        return date.fromisoformat(key if len(key) > MONTH_LETTERS else f"{key}-01") is not None
    except ValueError:
        return False
