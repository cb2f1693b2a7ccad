"""A published model as a folder of plain files: tables, parameters, a card, and a manifest that seals them.

The manifest names every file with its SHA-256; the digest of the bundle is the SHA-256 of the manifest. Nothing in a
bundle runs: CSV, JSON and Markdown only. A bundle never changes once it is written, and `read_bundle` checks every
digest before it reads a row.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import numpy as np
import pandas as pd

from pricing.bundle_tables import TABLES, Table, empty_table
from pricing.errors import BundleError

T = TypeVar("T")

SCHEMA = "4"
MANIFEST = "manifest.json"
DECIMALS = 10  # of every number in a table: parts of a sum stay within 1e-9 of it, rounding noise stays out
MAX_FILE_BYTES = 64 * 2**20
MAX_MANIFEST_BYTES = 64 * 2**10
PARAMETERS, _SCENARIOS, _CARD = "parameters.json", "scenario_base.json", "model_card.md"
_FORECASTS = "forecasts.json"
_BEFORE_FORECASTS = "3"  # read too, so that quotes of kept bundles stay answerable; such a bundle holds no forecast
FILES = (*(f"{name}.csv" for name in TABLES), PARAMETERS, _SCENARIOS, _FORECASTS, _CARD)


@dataclass(frozen=True, eq=False)
class Bundle:
    """A published model. Prices are nominal USD/kg oxide ex VAT; the columns of each table stand in bundle_tables."""

    method: str
    dataset_digest: str
    last_day: date
    first_month: str
    last_month: str
    seed: int
    draws: int
    history_as_known: pd.DataFrame
    history_latest: pd.DataFrame
    incentive: pd.DataFrame
    cost_stacks: pd.DataFrame
    evidence: pd.DataFrame
    references: pd.DataFrame
    fx: pd.DataFrame
    snapshots: pd.DataFrame
    explanations: pd.DataFrame = field(default_factory=lambda: empty_table("explanations"))
    tornado: pd.DataFrame = field(default_factory=lambda: empty_table("tornado"))
    assumption_range: pd.DataFrame = field(default_factory=lambda: empty_table("assumption_range"))
    parameters: Mapping[str, Any] = field(default_factory=dict)
    scenario_base: Mapping[str, Any] = field(default_factory=dict)  # as pricing.scenarios.plain writes and reads it
    forecasts: Mapping[str, Any] = field(default_factory=dict)  # as pricing.forecast.published reads it
    model_card: str = ""
    digest: str = ""  # known once written or read

    def table(self, name: str) -> pd.DataFrame:
        """Return one table by its file's name without `.csv`."""
        frame: pd.DataFrame = getattr(self, name)
        return frame


def write_bundle(bundle: Bundle, folder: Path) -> str:
    """Write the files, the manifest last, and return the digest; the same bundle gives the same bytes.

    BundleError when a table breaks its shape, or when the folder already holds another bundle.
    """
    contents = {name: _content(bundle, name) for name in FILES}
    manifest = _manifest_bytes(bundle, {name: _sha256(content) for name, content in contents.items()})
    seal = folder / MANIFEST
    if seal.exists():
        if seal.read_bytes() == manifest:
            return _sha256(manifest)
        _refuse(folder, "already holds another bundle; bundles never change, choose an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    part = folder / f"{MANIFEST}.part"
    part.write_bytes(manifest)
    part.replace(seal)
    return _sha256(manifest)


def read_bundle(folder: Path, expected: str | None = None) -> Bundle:
    """Return the bundle in a folder, digests checked first.

    `expected` is the digest a registry recorded. BundleError, one line, when the bundle is missing, torn, altered,
    of another schema, or not the expected one.
    """
    seal = _read(folder, MANIFEST, MAX_MANIFEST_BYTES)
    digest = _sha256(seal)
    if expected is not None and digest != expected:
        _refuse(folder, f"its digest is {digest[:12]}, the registry expects {expected[:12]}; it was altered")
    manifest = _checked_manifest(folder, seal)
    contents = {name: _sealed(folder, name, manifest["files"][name]) for name in _files_of(manifest["schema"])}
    tables = {name: _parse(folder, table, contents[f"{name}.csv"]) for name, table in TABLES.items()}
    return Bundle(
        method=manifest["method"],
        dataset_digest=manifest["dataset_digest"],
        last_day=date.fromisoformat(manifest["last_day"]),
        first_month=manifest["first_month"],
        last_month=manifest["last_month"],
        seed=manifest["seed"],
        draws=manifest["draws"],
        parameters=_json_object(folder, PARAMETERS, contents[PARAMETERS]),
        scenario_base=_json_object(folder, _SCENARIOS, contents[_SCENARIOS]),
        forecasts=_json_object(folder, _FORECASTS, contents.get(_FORECASTS, b"{}")),
        model_card=_text(folder, _CARD, contents[_CARD]),
        digest=digest,
        **tables,
    )


def sealed_files(folder: Path, names: Iterable[str], expected: str) -> dict[str, bytes]:
    """Return the manifest and some files of the bundle with a digest, checked; the other files are not opened.

    BundleError, one line, when one of them is missing, torn or altered, or the folder holds another bundle.
    """
    seal = _read(folder, MANIFEST, MAX_MANIFEST_BYTES)
    if _sha256(seal) != expected:
        _refuse(folder, f"its digest is {_sha256(seal)[:12]}, not {expected[:12]}; it was altered, or is another")
    manifest = _checked_manifest(folder, seal)
    inside = [name for name in names if name in manifest["files"]]
    return {MANIFEST: seal, **{name: _sealed(folder, name, manifest["files"][name]) for name in inside}}


def sealed_digest(folder: Path) -> str:
    """Return the digest a folder's manifest claims, without checking its files."""
    return _sha256(_read(folder, MANIFEST, MAX_MANIFEST_BYTES))


# --- writing ---------------------------------------------------------------------------------------------------


def _content(bundle: Bundle, name: str) -> bytes:
    plain = {PARAMETERS: bundle.parameters, _SCENARIOS: bundle.scenario_base, _FORECASTS: bundle.forecasts}
    if name in plain:
        return _canonical_json(plain[name])
    if name == _CARD:
        return bundle.model_card.encode()
    table = TABLES[name.removesuffix(".csv")]
    return _csv_bytes(table, bundle.table(table.name))


def _csv_bytes(table: Table, frame: pd.DataFrame) -> bytes:
    table.check(frame)
    plain = pd.DataFrame({str(column): _plain(frame[column]) for column in frame.columns})
    text: str = plain.to_csv(index=False, lineterminator="\n", na_rep="")
    return text.encode()


def _plain(values: pd.Series) -> pd.Series:
    """Return numbers rounded to DECIMALS (never -0.0) and text without missing marks, on a fresh index."""
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return values.astype(object).where(values.notna(), "").astype(str).reset_index(drop=True)
    return pd.Series(np.round(values.to_numpy(dtype=float), DECIMALS) + 0.0, name=values.name)


def _manifest_bytes(bundle: Bundle, digests: Mapping[str, str]) -> bytes:
    return _canonical_json(
        {
            "schema": SCHEMA,
            "method": bundle.method,
            "dataset_digest": bundle.dataset_digest,
            "last_day": bundle.last_day.isoformat(),
            "first_month": bundle.first_month,
            "last_month": bundle.last_month,
            "seed": bundle.seed,
            "draws": bundle.draws,
            "files": dict(digests),
        }
    )


def _canonical_json(value: Mapping[str, Any]) -> bytes:
    try:
        return (json.dumps(value, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()
    except (TypeError, ValueError) as fault:
        msg = f"bundle: cannot be written as JSON: {fault}. Hold finite numbers, text, lists and mappings only."
        raise BundleError(msg) from fault


# --- reading ---------------------------------------------------------------------------------------------------

_MANIFEST_TYPES: dict[str, type] = {
    "method": str,
    "dataset_digest": str,
    "last_day": str,
    "first_month": str,
    "last_month": str,
    "seed": int,
    "draws": int,
    "files": dict,
}


def _checked_manifest(folder: Path, seal: bytes) -> dict[str, Any]:
    manifest = _json_object(folder, MANIFEST, seal)
    if manifest.get("schema") not in (SCHEMA, _BEFORE_FORECASTS):
        _refuse(folder, f"schema {manifest.get('schema')!r} is not {SCHEMA!r}; train again with this version")
    for name, kind in _MANIFEST_TYPES.items():
        if not isinstance(manifest.get(name), kind):
            _refuse(folder, f"{MANIFEST} has no {kind.__name__} named {name!r}")
    if odd := sorted(set(manifest["files"]) ^ set(_files_of(manifest["schema"]))):
        _refuse(folder, f"{MANIFEST} must list exactly the bundle's files; check {', '.join(map(repr, odd[:3]))}")
    try:
        date.fromisoformat(manifest["last_day"])
    except ValueError:
        _refuse(folder, f"last_day {manifest['last_day']!r} is not a date")
    return manifest


def _files_of(schema: str) -> tuple[str, ...]:
    return tuple(name for name in FILES if schema == SCHEMA or name != _FORECASTS)


def _sealed(folder: Path, name: str, expected: object) -> bytes:
    content = _read(folder, name, MAX_FILE_BYTES)
    if _sha256(content) != expected:
        _refuse(folder, f"{name} was altered or torn: its SHA-256 does not match {MANIFEST}")
    return content


def _read(folder: Path, name: str, limit: int) -> bytes:
    path = folder / name
    try:
        if path.is_symlink() or not path.is_file():
            _refuse(folder, f"{name} is missing; train a model, or point at the folder of one")
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as fault:
        _refuse(folder, f"{name} cannot be read ({fault.strerror})", fault)
    if len(content) > limit:
        _refuse(folder, f"{name} is larger than {limit:,} bytes")
    return content


def _parse(folder: Path, table: Table, content: bytes) -> pd.DataFrame:
    name = f"{table.name}.csv"
    text = _text(folder, name, content)
    return _or_refuse(folder, name, lambda: table.parse(io.StringIO(text)))


def _json_object(folder: Path, name: str, content: bytes) -> dict[str, Any]:
    value = _or_refuse(folder, name, lambda: json.loads(content))
    if not isinstance(value, dict):
        _refuse(folder, f"{name} is not a JSON object")
    return value


def _text(folder: Path, name: str, content: bytes) -> str:
    return _or_refuse(folder, name, content.decode)


def _or_refuse(folder: Path, name: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, RecursionError) as fault:  # bad JSON, bad UTF-8 and pandas' parser errors are ValueErrors
        _refuse(folder, f"{name} cannot be read ({str(fault).splitlines()[0]})", fault)


def _refuse(folder: Path, what: str, cause: Exception | None = None) -> NoReturn:
    msg = f"bundle {folder.name or folder}: {what}."
    raise BundleError(msg) from cause


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
