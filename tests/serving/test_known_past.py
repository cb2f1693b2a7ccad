"""Nothing known after a day changes what is answered for that day, over HTTP too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from httpx import Client

from pricing.bundle import Bundle, write_bundle
from serving.documentation import MP_FLOOR

AS_OF = "2025-10-01"
FLOOR = MP_FLOOR | {"as_of": AS_OF, "floor": MP_FLOOR["floor"] | {"from": "2025-01-01", "to": "2027-12-31"}}  # type: ignore[operator]


def poisoned(bundle: Bundle) -> Bundle:
    """Return the bundle with every number known after AS_OF multiplied by ten."""
    known = {name: bundle.table(name).copy() for name in ("history_as_known", "references", "fx")}
    for name, table in known.items():
        day = "vintage_day" if name == "history_as_known" else "known_at"
        late = table[day] > AS_OF
        numbers = [c for c in table if pd.api.types.is_numeric_dtype(table[c]) and c != "vat_rate"]
        table.loc[late, numbers] = table.loc[late, numbers] * 10
    return replace(bundle, **known, history_latest=bundle.history_latest.iloc[:0].copy())


def without_origin(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without the names of the model that gave it."""
    return {name: value for name, value in answer.items() if name not in ("quote_id", "model")}


@pytest.fixture(scope="module")
def clients(
    client_of: Callable[..., Client], bundle: Bundle, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Client, Client]:
    folders: list[Path] = [tmp_path_factory.mktemp(name) for name in ("clean", "poisoned")]
    write_bundle(bundle, folders[0])
    write_bundle(poisoned(bundle), folders[1])
    return client_of(folders[0]), client_of(folders[1])


@pytest.mark.parametrize("material", ["NdPr", "Dy", "Tb"])
def test_a_price_as_known_does_not_see_the_future(clients: tuple[Client, Client], material: str) -> None:
    clean, dirty = (c.get(f"/v1/prices/{material}", params={"as_of": AS_OF, "currency": "CNY"}).json() for c in clients)
    assert without_origin(clean) == without_origin(dirty)


def test_a_floor_as_known_does_not_see_the_future(clients: tuple[Client, Client]) -> None:
    clean, dirty = (c.post("/v1/scenarios", json=FLOOR).json() for c in clients)
    assert without_origin(clean) == without_origin(dirty)


def test_the_poison_was_there(clients: tuple[Client, Client]) -> None:
    clean, dirty = (c.get("/v1/prices/NdPr").json() for c in clients)
    assert clean["fair"] != dirty["fair"]
