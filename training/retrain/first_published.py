"""What was first published of each month: small steps that each pass the gate may add up, and are seen here.

Read from the record of promotions and the bundles of the champions on it, from the last version that a person let serve
against the gate: with it the person said yes to its prices.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pricing.bundle import MANIFEST, sealed_files
from pricing.bundle_tables import fair_column
from pricing.errors import BundleError
from pricing.fair.estimator import HEADLINE
from training.registry import Registered, files_of, promotions, versions
from training.retrain.numbers import whole
from training.retrain.status_change import REFUSED
from training.tracking import DIGEST

HISTORY = "history_as_known.csv"
PRICES = [fair_column(horizon, HEADLINE.value, "mean") for horizon in ("long_run", "short_run")]
COLUMNS = ["material", "month", "status", *PRICES]
ROLLED_BACK = "rolled_back"
FIRST_BY = "first_by"


def first_published(tracking_uri: str, scratch: Path) -> pd.DataFrame:
    """Return the history as known with each month as the first champion gave it that did, and which (`first_by`).

    Versions that were taken out of service count for nothing. Of more champions than the limit the first and the last
    are read; one whose files are gone is passed over. `scratch` is a folder; empty where nothing was published.
    """
    found: dict[str, pd.DataFrame] = {}
    for version in _bounded(_champions(tracking_uri)):
        try:
            found[version.version] = _history(tracking_uri, version, scratch / f"first{version.version}")
        except BundleError:
            continue
    if not found:
        return pd.DataFrame({"material": [], "month": [], FIRST_BY: []})
    every = pd.concat([frame.assign(**{FIRST_BY: version}) for version, frame in found.items()], ignore_index=True)
    return every.drop_duplicates(["material", "month"]).reset_index(drop=True)


def _champions(tracking_uri: str) -> Sequence[Registered]:
    """Return the versions whose publications count, in the order in which they first served."""
    known = {one.version: one for one in versions(tracking_uri) if not one.tags.get(ROLLED_BACK)}
    if not known:
        return []
    served = [str(line["version"]) for line in _since_a_person(promotions(tracking_uri))]
    return [known[version] for version in dict.fromkeys(served) if version in known]


def _since_a_person(lines: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    set_aside = [place for place, line in enumerate(lines) if line.get("promoted_anyway")]
    return lines[set_aside[-1] :] if set_aside else lines


def _bounded(champions: Sequence[Registered]) -> Sequence[Registered]:
    most = whole("gate.first_published.most_bundles")
    return champions if len(champions) <= most else [champions[0], *champions[len(champions) - most + 1 :]]


def _history(tracking_uri: str, version: Registered, scratch: Path) -> pd.DataFrame:
    scratch.mkdir(parents=True, exist_ok=True)
    sealed = sorted(files_of(tracking_uri, version.version, scratch).glob(f"data/**/{MANIFEST}"))
    if not sealed:
        msg = f"version {version.version}: no {MANIFEST} in its files."
        raise BundleError(msg)
    files = sealed_files(sealed[0].parent, (HISTORY,), version.tags.get(DIGEST, ""))
    history = pd.read_csv(io.BytesIO(files[HISTORY]), usecols=COLUMNS, keep_default_na=False, na_values=[""])
    return history[history["status"] != REFUSED]
