"""What crosses China's border and what the state puts away, in t of each oxide a year."""

from __future__ import annotations

import numpy as np

from features.banded import Banded
from features.readings import held, year_of
from features.vantage import Vantage
from pricing.market.history import Floats
from pricing.materials import Material

YEARLY = "cn_export_rare_earths_t"
MONTHLY = "cn_export_rare_earths_t_monthly"
SPAN = "cn_export_rare_earths_t_jan_apr_2025_combined"
SERIES = (YEARLY, MONTHLY, SPAN)
MONTHS_IN_SPAN = 4
ENOUGH_MONTHS = 6  # months of customs figures from which a year is carried


def exports(vantage: Vantage, material: Material) -> Banded:
    """Return China's net exports of separated oxide, smuggling included, at the months (T,).

    NdPr: customs tonnage of all rare earths times a share, plus smuggled REO times a share. Dy and Tb: dated points.
    """
    if material is not Material.NDPR:
        return vantage.path(f"exports_{material.lower()}_t")
    share = vantage.path_yearly("magnet_share_of_exports_ndpr")
    smuggled = vantage.path_yearly("smuggled_out_t").times(vantage.path_yearly("magnet_share_of_smuggled_ndpr"))
    return vantage.to_months(customs_tonnage(vantage).times(share).plus(smuggled))


def customs_tonnage(v: Vantage) -> Banded:
    """Return all rare earths exported by year (Y,): published, else recalled, else from the months, else carried."""
    published = v.view.yearly(YEARLY, v.years)
    recalled = v.dated_yearly("rare_earth_exports_further_t")
    by_month = _by_month(v)
    value = np.where(np.isfinite(published), published, np.where(np.isfinite(recalled), recalled, by_month))
    evidence = np.where(np.isfinite(published), "derived", np.where(np.isfinite(by_month), "derived", "prior"))
    value = held(value)
    first = value[np.isfinite(value)]
    value = np.where(np.isfinite(value), value, first[0] if len(first) else _before_any(v))
    return Banded(value, value, value, evidence.astype(object))


def stockpile(vantage: Vantage, material: Material) -> Banded:
    """Return oxide bought by the state at the months (T,)."""
    return vantage.path("stockpile_purchases_t").times(vantage.path(f"stockpile_basket_{material.lower()}"))


def _by_month(v: Vantage) -> Floats:
    """Return a year's tonnage from its known months (Y,), NaN where fewer than six are known."""
    days, tonnes = v.view.points(MONTHLY)
    span_days, span = v.view.points(SPAN)
    monthly = year_of(days)[None, :] == v.years[:, None]
    spanned = year_of(span_days)[None, :] == v.years[:, None]
    count = monthly.sum(axis=1) + MONTHS_IN_SPAN * spanned.sum(axis=1)
    whole = monthly @ tonnes + spanned @ span
    return np.where(count >= ENOUGH_MONTHS, 12 * whole / np.maximum(count, 1), np.nan)


def _before_any(v: Vantage) -> float:
    """Return the year 2010 as first guess where no customs figure was known yet."""
    return float(v.experts["rare_earth_exports_further_t"].points.value[0])
