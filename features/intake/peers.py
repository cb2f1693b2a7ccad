"""Domestic prices against others of the same month: a step of just the VAT or of a unit that none of them made."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.intake.price_lines import Lines
from features.intake.rows import Entry, Held
from features.intake.slips import UNIT_SLIP, VAT_SLIP, named
from features.rules import intake_rules, price_rules

DOMESTIC = "china_domestic"


def peer_doubts(entry: Entry, row: Mapping[Any, Any], lines: Lines) -> Iterator[Held]:
    """Yield a domestic price that stepped away from the others of its month by the VAT of the month or by a unit.

    Others are publishers of the same material, at home and FOB, and for NdPr those of Nd and Pr, all in USD/kg without
    VAT. A step is how much farther apart the two are than in the months before; the median of the steps counts.
    """
    rules = intake_rules()
    found = steps(row, lines)
    if not found:
        return
    values = np.array(list(found.values()))
    step = float(np.median(values))
    rule = _rule_of(step, float(row["vat_rate"]), rules, lines)
    same_way = (np.sign(values) == np.sign(step)) & (np.abs(values) > rules["vat"]["tolerance"])
    if rule is None or same_way.mean() < rules["prices"]["peers"]["share"]:
        return
    name, may_be = rule
    mean, currency = entry.values["mean"], entry.values["currency"]
    told = f"{mean:g} {currency}/kg, {math.expm1(step):+.1%} against {', '.join(sorted(found))} of the month; {may_be}"
    yield entry.held(name, told, f"about {mean * math.exp(-step):.6g}, as far from them as in the months before")


def steps(row: Mapping[Any, Any], lines: Lines) -> dict[str, float]:
    """Return by other price of the month how much farther a domestic price is from it than before, in logs."""
    rule = intake_rules()["prices"]
    kin = rule["peers"]["of"].get(row["material"], [])
    if row["basis"] != DOMESTIC or row["form"] != "oxide" or not kin:
        return {}
    frame = lines.frame
    near = frame[frame["number"].between(row["number"] - rule["peers"]["months"], row["number"])]
    near = near[near["basis"].isin(rule["home"]) & (near["form"] == row["form"]) & near["material"].isin(kin)]
    near = near[near["line"] != row["line"]]
    own = _by_month(lines.line(row["line"]))
    publishers = (near["material"] == row["material"]) & (near["basis"] == DOMESTIC)
    own_or_all = own[own.index < row["number"]].reindex(near["number"].unique()).dropna()
    if own_or_all.empty:
        own_or_all = _by_month(near[publishers & (near["number"] < row["number"])])
    names = near["material"] + np.where(near["basis"] == DOMESTIC, " domestic", " FOB")
    names = names.mask(publishers, near["material"] + " " + near["source"])
    found = {}
    for name, rows in near.groupby(names):
        levels = _by_month(rows)
        before = _before(own_or_all, levels, str(name))
        if row["number"] in levels.index and before is not None:
            found[str(name)] = float(row["level"] - levels[row["number"]] - before)
    return found


def _before(own: pd.Series[float], other: pd.Series[float], name: str) -> float | None:
    """Return how far apart two prices were in their last months together, or should be where there are none."""
    apart = (own - other).dropna().to_numpy(dtype=float)
    if len(apart):
        return float(np.median(apart[-intake_rules()["prices"]["peers"]["last"] :]))
    if name == "Nd domestic":  # only NdPr is set beside it
        return -math.log(price_rules()["ndpr_from_nd"]["divisor"])
    return None if name.endswith((" domestic", " FOB")) else 0.0


def _rule_of(step: float, rate: float, rules: Mapping[str, Any], lines: Lines) -> tuple[str, str] | None:
    if abs(abs(step) - math.log1p(rate)) < rules["vat"]["tolerance"]:
        return VAT_SLIP, f"just the VAT of {rate:.0%}"
    name, may_be = named(step, rules, lines.yuan_per_usd)
    return (name, may_be) if name == UNIT_SLIP else None


def _by_month(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the median level of each month, in order of months."""
    return rows.groupby("number")["level"].median()
