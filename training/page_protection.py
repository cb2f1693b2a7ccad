"""`docs/mp_price_protection.md`: what the reported payments imply, and why they identify no benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.dataset import Dataset
from pricing.contracts.inversion import readings
from pricing.contracts.measures import KG_PER_TONNE
from pricing.errors import DataError
from training.page_markdown import filled, money, table
from training.plots import CHINA, FAIR, OUTSIDE, STYLE
from training.protection import (
    BASES,
    EX_VAT,
    FOB,
    LAGS,
    MONTHS_IN_QUARTER,
    QUARTERS,
    WITH_VAT,
    Payments,
)
from training.protection_asset import Asset

PAGE, PLOT = "mp_price_protection.md", "mp_price_protection.png"
INDICES = {EX_VAT: CHINA, WITH_VAT: OUTSIDE, FOB: FAIR}
MARKERS = dict(zip(LAGS, ("o", "s", "^"), strict=True))
DOTS_PER_INCH = 90
REFERENCES = (20.0, 110.0)  # of the chart, USD/kg
MOST_TONNES = 4_000  # of the chart
ABOVE = "no shortfall"
MILLION = 1e6


def write_protection(dataset: Dataset, folder: Path) -> list[Path]:
    """Fill the page's blocks and draw its chart; return both files. DataError where the page is missing."""
    page = folder / PAGE
    if not page.is_file():
        msg = f"{PAGE} is missing in {folder.name}: its prose is written by hand. Take it from the repository."
        raise DataError(msg)
    payments = Payments(dataset)
    page.write_text(filled(page.read_text(encoding="utf-8"), blocks(payments)), encoding="utf-8")
    plot = folder / "plots" / PLOT
    plot.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        chart(payments).savefig(plot, dpi=DOTS_PER_INCH, metadata={"Software": None})
    return [page, plot]


def blocks(payments: Payments) -> dict[str, str]:
    """Return every block of the page by name."""
    return {
        "reported": table(("", *QUARTERS), _reported(payments)),
        "implied-references": table(
            ("quarter", "volume", "t", "shortfall", "reference before VAT", "as quoted with VAT"), _references(payments)
        ),
        "indices": table(
            (
                "index",
                "quotation",
                *(f"{q}: USD/kg (months)" for q in QUARTERS),
                *(f"{q}: t implied" for q in QUARTERS),
            ),
            _indices(payments),
        ),
        "asset": _asset(Asset(payments)),
        "bounds": table(("quarter", "least t", "most t", "sold", "produced"), _bounds(payments)),
    }


def chart(payments: Payments) -> Figure:
    """Return the tonnes that each reference implies, by quarter, beside the reported tonnes and the indices."""
    figure = Figure(figsize=(10, 5.2), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, quarter in zip(panels, QUARTERS, strict=True):
        _panel(axes, payments, quarter)
    panels[0].set_ylabel("tonnes paid for")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", fontsize=8, ncols=3)
    return figure


def _panel(axes: Axes, payments: Payments, quarter: str) -> None:
    usd, floor = payments.number(quarter, "payment").value, float(payments.floor)
    reference = np.linspace(REFERENCES[0], floor - 1, 400)
    axes.plot(
        reference, usd / (floor - reference) / float(KG_PER_TONNE), color="black", lw=1.8, label="pays as reported"
    )
    for basis, style in zip(BASES, ("-.", (0, (1, 1))), strict=True):
        axes.axhline(float(payments.tonnes(quarter)[basis]), color="grey", ls=style, lw=1, label=f"t {basis}")
    for index, colour in INDICES.items():
        for lag, marker in MARKERS.items():
            mean, _ = payments.average(index, quarter, lag)
            name = f"{index}, {LAGS[lag]}"
            axes.plot(mean, payments.implied_tonnes(index, quarter, lag), marker, color=colour, ms=7, label=name)
    axes.set(xlim=REFERENCES, ylim=(0, MOST_TONNES), xlabel="reference of the quarter, USD/kg")
    axes.set_title(f"{quarter}: {usd / MILLION:.1f} million USD", loc="left", fontsize=9)


def _reported(payments: Payments) -> Iterator[tuple[str, ...]]:
    yield ("payment, USD", *(f"{payments.number(q, 'payment').value:,.0f}" for q in QUARTERS))
    for basis in BASES:
        yield (f"{basis}, t NdPr oxide", *(_tonnes(payments.tonnes(q)[basis]) for q in QUARTERS))
    for name, number in (("payment", "payment"), ("tonnes", "sold")):
        yield (f"source of the {name}", *(payments.number(q, number).source.replace("|", "/") for q in QUARTERS))


def _references(payments: Payments) -> Iterator[tuple[str, ...]]:
    for quarter in QUARTERS:
        found = list(readings(payments.reported(quarter)))
        for basis in BASES:
            bare, taxed = [one for one in found if one.volume_basis == basis]
            short = payments.floor - bare.implied_usd_per_kg
            prices = (short, bare.as_quoted_usd_per_kg, taxed.as_quoted_usd_per_kg)
            yield (quarter, basis, _tonnes(bare.tonnes), *(f"{price:.2f}" for price in prices))


def _indices(payments: Payments) -> Iterator[tuple[str, ...]]:
    for index in INDICES:
        for lag, words in LAGS.items():
            means = [payments.average(index, quarter, lag) for quarter in QUARTERS]
            yield (
                index,
                words,
                *(f"{money(mean)} ({months} of {MONTHS_IN_QUARTER})" for mean, months in means),
                *(_tonnes(payments.implied_tonnes(index, quarter, lag)) for quarter in QUARTERS),
            )


def _bounds(payments: Payments) -> Iterator[tuple[str, ...]]:
    for quarter in QUARTERS:
        found = [payments.implied_tonnes(index, quarter, lag) for index in INDICES for lag in LAGS]
        ends = (np.nanmin(found), np.nanmax(found))
        yield (quarter, *map(_tonnes, ends), *(_tonnes(payments.tonnes(quarter)[basis]) for basis in BASES))


def _asset(asset: Asset) -> str:
    on = (f"on {_tonnes(volume)} t a year" for volume in asset.volumes)
    heads = ("flat deck", "USD/kg", "rate", *on, "t a year for what was booked")
    rows = [
        (index, money(deck), f"{rate:.0%}", *(_millions(usd) for usd in values), _tonnes(tonnes))
        for index, deck, rate, values, tonnes in asset.rows()
    ]
    booked = f"Booked: {_millions(asset.booked.value)}, {asset.booked.source} ({asset.booked.as_of})."
    return f"{table(heads, rows)}\n\nValues in million USD. {booked}"


def _millions(usd: float) -> str:
    return f"{usd / MILLION:,.1f}"


def _tonnes(value: float | Decimal) -> str:
    return ABOVE if np.isnan(float(value)) else f"{value:,.0f}"
