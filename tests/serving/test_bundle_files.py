"""A bundle is plain files under seal: the same model gives the same bytes, and any change is refused in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pricing.bundle import FILES, MANIFEST, Bundle, read_bundle, sealed_digest, write_bundle
from pricing.bundle_tables import TABLES
from pricing.errors import BundleError


@pytest.fixture
def folder(bundle_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle_folder, tmp_path / "copy"))


def reseal(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change the manifest as a forger would."""
    manifest = json.loads((folder / MANIFEST).read_text())
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def reseal_file(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    reseal(folder, lambda manifest: manifest["files"].update({name: sha256(content).hexdigest()}))


def test_the_same_model_gives_the_same_bytes(bundle: Bundle, tmp_path: Path) -> None:
    digests = {write_bundle(bundle, tmp_path / name) for name in ("one", "two")}
    assert len(digests) == 1
    for name in (*FILES, MANIFEST):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_was_written_is_what_is_read(bundle: Bundle, bundle_folder: Path, tmp_path: Path) -> None:
    read = read_bundle(bundle_folder)
    assert (read.method, read.last_day, read.seed) == (bundle.method, bundle.last_day, bundle.seed)
    for name in TABLES:
        missing = dict.fromkeys(TABLES[name].text, "")
        found, wanted = (table.fillna(missing) for table in (read.table(name), bundle.table(name)))
        pd.testing.assert_frame_equal(found, wanted, check_dtype=False, rtol=0, atol=1e-10)
    assert write_bundle(read, tmp_path / "again") == read.digest == sealed_digest(bundle_folder)


def test_a_number_that_is_not_available_stays_not_available(bundle: Bundle, tmp_path: Path) -> None:
    history = bundle.history_as_known.assign(**{"market.ex_china": np.nan})
    write_bundle(replace(bundle, history_as_known=history), tmp_path / "b")
    assert read_bundle(tmp_path / "b").history_as_known["market.ex_china"].isna().all()


def test_a_bundle_never_changes_once_written(bundle: Bundle, tmp_path: Path) -> None:
    write_bundle(bundle, tmp_path)
    write_bundle(bundle, tmp_path)
    with pytest.raises(BundleError, match="bundles never change"):
        write_bundle(replace(bundle, seed=2), tmp_path)


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_missing_file_is_one_line(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BundleError, match=name) as refused:
        read_bundle(folder)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_found(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(bytes(content))
    with pytest.raises(BundleError, match=f"{name} was altered or torn"):
        read_bundle(folder)


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_torn_file_is_found(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(BundleError):
        read_bundle(folder)


def test_a_forged_manifest_fails_against_the_registry(folder: Path, bundle_folder: Path) -> None:
    registered = sealed_digest(bundle_folder)
    reseal(folder, lambda manifest: manifest.update(seed=99))
    assert read_bundle(folder).seed == 99
    with pytest.raises(BundleError, match="the registry expects"):
        read_bundle(folder, registered)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m["files"].update({"../../secret": "0" * 64}), "exactly the bundle's files"),
        (lambda m: m["files"].pop("fx.csv"), "fx.csv"),
        (lambda m: m.update(schema="99"), "train again"),
        (lambda m: m.update(last_day="soon"), "not a date"),
        (lambda m: m.update(seed="one"), "seed"),
        (lambda m: m.update(files=[]), "files"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(
    folder: Path, change: Callable[[dict[str, object]], object], said: str
) -> None:
    reseal(folder, change)
    with pytest.raises(BundleError, match=said):
        read_bundle(folder)


def test_a_link_to_another_place_is_not_followed(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (folder / "fx.csv").rename(elsewhere)
    (folder / "fx.csv").symlink_to(elsewhere)
    with pytest.raises(BundleError, match=r"fx\.csv"):
        read_bundle(folder)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("fx.csv", b"month,currency\n", "missing column"),
        ("fx.csv", b"month,currency,source,known_at,per_usd\n2026-01,CNY,s,2026-02-01,seven\n", "cannot be read"),
        ("fx.csv", b"month,currency,source,known_at,per_usd\n2026-01,CNY,s,2026-02-01,inf\n", "infinite"),
        ("fx.csv", b"month,currency,source,known_at,per_usd\n" + b"2026-01,CNY,s,2026-02-01,7\n" * 2, "twice"),
        ("fx.csv", b"\xff\xfe", "cannot be read"),
        ("parameters.json", b"[]", "not a JSON object"),
        ("parameters.json", b"{", "cannot be read"),
    ],
)
def test_a_well_sealed_but_wrong_file_is_one_line(folder: Path, name: str, content: bytes, said: str) -> None:
    reseal_file(folder, name, content)
    with pytest.raises(BundleError, match=said) as refused:
        read_bundle(folder)
    assert "\n" not in str(refused.value)


def test_a_table_that_breaks_its_shape_is_not_published(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="missing column price"):
        write_bundle(replace(bundle, incentive=bundle.incentive.drop(columns="price")), tmp_path / "b")
    with pytest.raises(BundleError, match="cannot be written as JSON"):
        write_bundle(replace(bundle, parameters={"x": float("nan")}), tmp_path / "b")
