"""The reference dataset: load it, check it, and see it as it was known on a day.

Cached by folder and file times. Frames are shared between callers: copy before you change one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd
import yaml

from features.catalogue import Catalogue, read_cards
from features.findings import Finding
from features.panel import VINTAGE_DAY, Panel, check_panel, vintage_day
from features.quality import findings, refuse_errors
from features.tables import read_table
from pricing.errors import DataError
from pricing.parameters import Parameter

__all__ = ["SHIPPED", "VINTAGE_DAY", "Dataset", "load_dataset", "seal", "vintage_day"]

SHIPPED = Path(__file__).resolve().parent / "data"
MANIFEST = "manifest.yaml"
SEALED = ("*.csv", "panel/*.csv", "cards/*.yaml")


@dataclass(frozen=True)
class Dataset:
    """Everything the service knows: sources, series, prices, policy and expert facts."""

    catalogue: Catalogue
    panel: Panel
    prices: pd.DataFrame
    anchors: pd.DataFrame
    policy: pd.DataFrame
    events: pd.DataFrame
    facts: pd.DataFrame
    digest: str
    last_day: date
    findings: tuple[Finding, ...] = ()
    public: Dataset | None = None  # the same without a user's own data, where some were joined
    costs: Mapping[str, Parameter] = field(default_factory=dict)  # a user's own, instead of the shipped ones
    vintages: tuple[str, ...] = ()  # names of the vintages joined, in order

    def as_known(self, as_of: date) -> Dataset:
        """Return the dataset with only the observations, prices and regimes public on the day.

        Facts stay whole: like expert parameters they belong to the method's version, not to a day.
        """
        day = pd.Timestamp(as_of)
        prices, anchors, policy, events = (
            table[table["known_at"] <= day].reset_index(drop=True)
            for table in (self.prices, self.anchors, self.policy, self.events)
        )
        return replace(
            self,
            panel=self.panel.as_known(as_of),
            prices=prices,
            anchors=anchors,
            policy=policy,
            events=events,
            last_day=min(as_of, self.last_day),
            public=self.public.as_known(as_of) if self.public else None,
        )

    def snapshot(self, as_of: date) -> str:
        """Return the SHA-256 of the rows known on a day; rows that became known later never change it."""
        text, ends, days = self._dated_lines
        stop = int(days.searchsorted(pd.Timestamp(as_of).to_datetime64(), side="right"))
        return hashlib.sha256(text[: ends[stop - 1] if stop else 0]).hexdigest()

    @cached_property
    def _dated_lines(self) -> tuple[bytes, list[int], pd.DatetimeIndex]:
        """Return all dated rows as lines in order of the day they became known, their ends, and those days."""
        tables = {"panel": self.panel.frame, "price": self.prices, "anchor": self.anchors, "policy": self.policy}
        parts = [_lines(name, table) for name, table in {**tables, "event": self.events}.items()]
        lines = pd.concat(parts, ignore_index=True).sort_values(["known_at", "line"], ignore_index=True)
        encoded = [line.encode() for line in lines["line"]]
        ends = pd.Series([len(line) for line in encoded]).cumsum().tolist()
        return b"".join(encoded), ends, pd.DatetimeIndex(lines["known_at"])


def load_dataset(folder: Path | None = None, vintages: Path | None = None) -> Dataset:
    """Return a dataset, by default the shipped one, with the vintages of a store joined where one is named.

    DataError says in one line what is wrong with it.
    """
    place = (folder or SHIPPED).resolve()
    dataset = _load(place, _stamp(place))
    if vintages is None:
        return dataset
    from features.intake.joined import with_vintages  # noqa: PLC0415 - vintages are checked against a dataset

    return with_vintages(dataset, vintages)


def seal(folder: Path, last_day: str) -> None:
    """Write the manifest of a dataset folder: its last day and the SHA-256 of every file."""
    files = {str(path.relative_to(folder)): _sha256(path) for path in _sealed(folder)}
    manifest = {"last_day": last_day, "files": files}
    (folder / MANIFEST).write_text(yaml.safe_dump(manifest, sort_keys=True), "utf-8", newline="\n")


@lru_cache(maxsize=4)
def _load(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> Dataset:  # noqa: ARG001 - part of the cache key
    manifest = _check_manifest(folder)
    frames = [read_table(path, "panel") for path in sorted(folder.glob("panel/*.csv"))]
    dataset = Dataset(
        catalogue=Catalogue(read_cards(folder / "cards"), read_table(folder / "series.csv").set_index("series")),
        panel=check_panel(pd.concat(frames, ignore_index=True)),
        prices=read_table(folder / "prices_monthly.csv"),
        anchors=read_table(folder / "price_anchors.csv"),
        policy=read_table(folder / "policy.csv"),
        events=read_table(folder / "events.csv"),
        facts=read_table(folder / "facts.csv"),
        digest=_digest(manifest["files"]),
        last_day=date.fromisoformat(str(manifest["last_day"])),
    )
    found = findings(dataset)
    refuse_errors(found)
    return replace(dataset, findings=found)


def _check_manifest(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / MANIFEST
    if not path.is_file():
        msg = f"{folder}: no {MANIFEST}. Import the dataset with `python -m features.importer --from FOLDER`."
        raise DataError(msg)
    manifest: dict[str, dict[str, str]] = yaml.safe_load(path.read_text("utf-8"))
    found = {str(file.relative_to(folder)) for file in _sealed(folder)}
    for name, expected in manifest["files"].items():
        _check_file(folder / name, name, expected)
    unknown = sorted(found - set(manifest["files"]))
    if unknown:
        msg = f"{unknown[0]} is not in {MANIFEST}. Take it away, or import the dataset again."
        raise DataError(msg)
    return manifest


def _check_file(path: Path, name: str, expected: str) -> None:
    found = _sha256(path) if path.is_file() else "no file"
    if found != expected:
        msg = (
            f"{name}: checksum {found[:12]}, expected {expected[:12]} ({MANIFEST}). "
            "Restore the file, or import the dataset again."
        )
        raise DataError(msg)


def _sealed(folder: Path) -> list[Path]:
    return sorted(path for pattern in SEALED for path in folder.glob(pattern))


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    files: Iterable[Path] = (*_sealed(folder), *folder.glob(MANIFEST))
    return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(files: dict[str, str]) -> str:
    return hashlib.sha256("".join(f"{name} {files[name]}\n" for name in sorted(files)).encode()).hexdigest()


def _lines(name: str, table: pd.DataFrame) -> pd.DataFrame:
    text = table.to_csv(index=False, header=False, lineterminator="\n", date_format="%Y-%m-%d")
    rows = [f"{name},{row}\n" for row in text.splitlines()]
    return pd.DataFrame({"known_at": table["known_at"].to_numpy(), "line": rows})
