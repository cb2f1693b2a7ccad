"""What a person should know about the dataset before trusting it: `python -m features.quality [--data FOLDER]`.

Every load runs the same checks: an error stops it with one line, the rest is kept as `Dataset.findings`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from features.basis_checks import basis_breaks, vat_smells
from features.findings import Finding, Severity, errors
from features.ndpr_proxy import ndpr_proxy_errors
from features.rules import quality_rules
from features.series_checks import gaps, missing_series, out_of_range, slipped_prices, stale, torn_cards, wrong_units
from features.tables import schema_findings
from pricing.errors import DataError, FairPriceError

if TYPE_CHECKING:
    from features.dataset import Dataset


def findings(dataset: Dataset) -> tuple[Finding, ...]:
    """Return everything found, errors first; tables are compared with each other only when each is sound."""
    found, rules = list(load_errors(dataset)), quality_rules()
    if not found:
        found += [*gaps(dataset), *stale(dataset, rules), *vat_smells(dataset, rules), *basis_breaks(dataset, rules)]
    return tuple(found)


def load_errors(dataset: Dataset) -> tuple[Finding, ...]:
    """Return what stops a load: rows that no table allows, else what fits no card, unit or believable range."""
    tables = {
        "series": dataset.catalogue.series.reset_index(),
        "prices_monthly": dataset.prices,
        "price_anchors": dataset.anchors,
        "policy": dataset.policy,
        "events": dataset.events,
        "facts": dataset.facts,
    }
    found = [finding for name, table in tables.items() for finding in schema_findings(name, table)]
    rules = quality_rules()
    if not found:
        found += [*missing_series(dataset), *wrong_units(dataset, rules), *torn_cards(dataset)]
        found += [*out_of_range(dataset, rules), *slipped_prices(dataset, rules)]
    return tuple(found)


def refuse_errors(found: Iterable[Finding]) -> None:
    """Raise DataError with the first error in one line, and the number of others."""
    bad = errors(found)
    if bad:
        more = f" ({len(bad) - 1} more: python -m features.quality)" if len(bad) > 1 else ""
        msg = f"{bad[0]}{more}"
        raise DataError(msg)


def report(dataset: Dataset, console: Console) -> None:
    """Print the findings and the record of the NdPr proxy as tables."""
    table = Table(title=f"Dataset to {dataset.last_day}: {len(dataset.findings)} findings", title_justify="left")
    for heading in ("severity", "table", "series or row", "found", "expected", "way out"):
        table.add_column(heading, overflow="fold")
    for finding in sorted(dataset.findings, key=lambda one: (one.severity is Severity.WARNING, one.table)):
        table.add_row(finding.severity, finding.table, finding.row, finding.found, finding.expected, finding.way_out)
    console.print(table)
    proxy = Table(title="NdPr quote over the proxy Nd / 1.03, by period", title_justify="left")
    record = ndpr_proxy_errors(dataset)
    for column in record:
        proxy.add_column(str(column).replace("_", " "))
    for row in record.itertuples(index=False):
        proxy.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row))
    console.print(proxy)


def main(arguments: Sequence[str] | None = None) -> int:
    """Load a dataset, print what was found, return the exit code: 1 when it cannot be loaded."""
    from features.dataset import load_dataset  # noqa: PLC0415 - the dataset runs these checks as it loads

    parser = argparse.ArgumentParser(prog="python -m features.quality", description=__doc__)
    parser.add_argument("--data", type=Path, default=None, help="dataset folder (default: the one shipped)")
    options = parser.parse_args(arguments)
    try:
        report(load_dataset(options.data), Console())
    except FairPriceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
