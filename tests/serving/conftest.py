"""A small published model for tests of the doors. Its numbers are made up; only scenarios start from those of a fit."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pandas as pd
import pytest
from fastapi import FastAPI

from pricing.bundle import Bundle, read_bundle, write_bundle
from pricing.bundle_tables import (
    HORIZONS,
    INCENTIVE_TONNES,
    MC_ERROR,
    STATISTICS,
    WEDGE_ITEMS,
    change_column,
    cost_column,
    fair_column,
)
from pricing.contracts.periods import month_after, months_between
from pricing.explain.lines import CHANGES, COSTS, MARGIN
from pricing.market.supply import Region, SupportSet
from pricing.scenarios.plain import from_plain, to_plain
from serving.app import EVERYONE_ALIKE, create_app
from serving.desk import Desk
from serving.model_store import DirectoryStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LAST_DAY = date(2026, 3, 31)
TODAY = date(2026, 4, 10)
BASE_DRAWS = 3
READ: dict[bytes, Bundle] = {}
BASE = Path(__file__).parents[1] / "scenarios" / "base.json"
MONTHS = list(months_between("2024-01", "2026-02"))
LEVEL = {"NdPr": 60.0, "Dy": 300.0, "Tb": 900.0}
STATISTIC_SHARE = dict(zip(STATISTICS, (1.0, 0.6, 0.7, 0.85, 0.99, 1.15, 1.3, 1.5), strict=True))
QUARTER_AT_68 = {
    "material": "NdPr",
    "floor": {
        "amount": 110,
        "basis": "oxide ex VAT",
        "reference": "own_index",
        "from": "2026-01-01",
        "to": "2026-03-31",
        "tonnes_per_year": 4024,
    },
    "deck": {"flat": 68.00},
}
SET_SHARE = {SupportSet.EXPLICIT: 0.9, SupportSet.FINANCING: 0.95, SupportSet.MARKET_ECONOMY: 1.0}


def history_row(material: str, number: int, month: str) -> dict[str, object]:
    """Return one month: fair follows a slow line, China 10 % below it, outside 20 % above it."""
    fair = LEVEL[material] * (1 + 0.01 * number)
    status = {"NdPr": "estimate", "Dy": "band", "Tb": "refused"}[material]
    row: dict[str, object] = {
        "material": material,
        "month": month,
        "vintage_day": f"{month_after(month)}-20",
        "deflator": 1.0,
        "status": status,
        "reason": {"estimate": "", "band": "the 80 % interval spans a factor of 3.1", "refused": "too few draws"}[
            status
        ],
        "ess": 250.0,
    }
    for horizon in HORIZONS:
        for support, share in SET_SHARE.items():
            for statistic in STATISTICS:
                row[fair_column(horizon, support, statistic)] = fair * share * STATISTIC_SHARE[statistic]
    row[fair_column("long_run", SupportSet.MARKET_ECONOMY, MC_ERROR)] = 0.02 * fair
    for region, market, basis in ((Region.CHINA, 0.9 * fair, 0.98 * fair), (Region.EX_CHINA, 1.2 * fair, fair)):
        row |= market_columns(region, month, market, market - basis)
    return row | {f"incentive.{tonnes}": 1.4 * fair for tonnes in INCENTIVE_TONNES}


def market_columns(region: Region, month: str, market: float, wedge: float) -> dict[str, object]:
    shares = {item: 0.07 * (1 if n % 2 else -1) for n, item in enumerate(WEDGE_ITEMS[:-1])}
    parts = {item: wedge * share for item, share in shares.items()}
    parts["unexplained"] = wedge - sum(parts.values())
    columns: dict[str, object] = {
        f"market.{region}": market,
        f"market.{region}.low": market * 0.97,
        f"market.{region}.high": market * 1.03,
        f"market.{region}.evidence": "observed" if region is Region.CHINA else "derived",
        f"market.{region}.basis": "made up for tests",
        f"market.{region}.quote_day": f"{month}-27",
        f"model.{region}": market - parts["unexplained"],
        f"p_market_below_fair.{region}": 0.6,
        f"wedge.{region}.total": wedge,
    }
    for item, value in parts.items():
        columns |= {f"wedge.{region}.{item}": value, f"wedge.{region}.{item}.low": value - 1}
        columns[f"wedge.{region}.{item}.high"] = value + 1
    return columns


def reference_rows() -> Iterator[dict[str, object]]:
    for number, month in enumerate(MONTHS):
        for basis, vat, rate, price in (
            ("fob_china", "not refunded", 0.13, 70.0 + number),
            ("china_domestic", "excluded", 0.0, 62.0 + number),
        ):
            yield {
                "material": "NdPr",
                "month": month,
                "basis": basis,
                "price_usd_per_kg": price,
                "vat": vat,
                "vat_rate": rate,
                "last_usd_per_kg": price + 1,
                "last_day": f"{month}-27",
                "evidence": "observed",
                "source": "made up for tests",
                "known_at": f"{month_after(month)}-01",
            }


def stack_rows() -> Iterator[dict[str, object]]:
    for month in MONTHS:
        for route, variant in (("mountain_pass", "undistorted"), ("bayan_obo", "as_reported")):
            for component, value in (("labour", 9.5), ("capital charge", 31.25), ("by-product credit", -3.0)):
                yield {
                    "route": route,
                    "variant": variant,
                    "unit_of": "NdPr oxide",
                    "month": month,
                    "stage": "separation",
                    "component": component,
                    "usd_per_kg": value,
                }


def explanation_rows(history: pd.DataFrame, vintage: str) -> Iterator[dict[str, object]]:
    """Yield cost stacks of a tenth of the price a part, and lines that each take an uneven share of its change."""
    shares = {line: number + 1.0 for number, line in enumerate(CHANGES)}
    shares["energy"] = -3.0
    prices = history[fair_column("long_run", SupportSet.MARKET_ECONOMY, "mean")]
    for number, row in history.iterrows():
        fair, start = prices[number], prices[history["material"] == row["material"]].iloc[0]
        parts = {cost_column(line): 0.1 * fair for line in COSTS}
        moved = {change_column(line): (fair - start) * share / sum(shares.values()) for line, share in shares.items()}
        yield {
            "vintage": vintage,
            "material": row["material"],
            "month": row["month"],
            **parts,
            cost_column(MARGIN): fair - sum(parts.values()),
            **moved,
            "demand_t": 80_000.0 + 100 * number,
            "capacity_t": 90_000.0,
        }


def assumption_rows(history: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the last month of each material under three sets: the headline, a tenth below it, half as much again."""
    column = fair_column("long_run", SupportSet.MARKET_ECONOMY, "mean")
    for material, fair in history.groupby("material", sort=False)[column].last().items():
        for vintage in ("as_known", "latest"):
            for name, ratio in (("headline", 1.0), ("return of 8 %", 0.9), ("external damage counted", 1.5)):
                found = {"fair_usd_per_kg": ratio * fair, "ratio": ratio}
                yield {"material": material, "vintage": vintage, "assumption_set": name, **found}


def tornado_rows() -> Iterator[dict[str, object]]:
    """Yield three parameters of which one was learnt, and the row that closes the shares."""
    for material in LEVEL:
        for parameter, swing, share, known in (
            ("cost_level", 0.08, 0.5, 1.0),
            ("supply_slope.china", 0.05, 0.3, 0.0),
            ("freight", 0.01, 0.1, 0.0),
            ("not linear", np.nan, 0.1, np.nan),
        ):
            yield {
                "vintage": "as_known",
                "material": material,
                "parameter": parameter,
                "swing_low": -swing,
                "swing_high": swing,
                "share": share,
                "shift": 0.0,
                "spread": 1.0,
                "identified": known,
            }


def incentive_rows() -> list[dict[str, Any]]:
    """Return the incentive curve."""
    return [
        {
            "month": month,
            "tonnes_ndpr": float(tonnes),
            "price": 80.0 + tonnes / 1000,
            "low": 70.0,
            "high": 120.0,
            "heavy_credit_at_fair": 4.0,
            "heavy_credit_zero": 0.0,
            "marginal_project": "a mine",
        }
        for month in MONTHS
        for tonnes in INCENTIVE_TONNES
    ]


def fx_rows() -> list[dict[str, Any]]:
    """Return exchange rates, one of them missing."""
    return [
        {"month": m, "currency": c, "per_usd": rate, "source": "made up for tests", "known_at": f"{month_after(m)}-01"}
        for m in MONTHS
        for c, rate in (("CNY", 7.0), ("EUR", 0.9))
        if not (m == "2024-05" and c == "EUR")
    ]


def evidence_rows() -> list[dict[str, Any]]:
    """Return the shares of evidence."""
    evidence = [
        {"material": m, "year": 2025, "column": "china_price", "observed": 0.75, "derived": 0.25, "prior": 0.0}
        for m in LEVEL
    ]
    evidence += [
        {"material": m, "year": 2026, "column": column, "observed": 1.0 - prior, "derived": 0.0, "prior": prior}
        for m in LEVEL
        for column, prior in (("china_price", 0.0), ("vat_not_refunded", 0.0), ("illegal_output_share_est", 1.0))
    ]
    return evidence


def snapshot_rows() -> list[dict[str, Any]]:
    """Return the snapshot of every month."""
    return [{"month": m, "vintage_day": f"{month_after(m)}-20", "snapshot": f"{n:064x}"} for n, m in enumerate(MONTHS)]


def thin_base(draws: int = BASE_DRAWS) -> dict[str, Any]:
    """Return what scenarios start from: the base of a fit with its first draws alone, so that tests stay quick."""
    whole = from_plain(json.loads(BASE.read_text(encoding="utf-8")))
    return to_plain(whole.take(np.arange(draws)))


def synthetic_bundle() -> Bundle:
    """Return the made-up model: NdPr with points, Dy with bands, Tb refused."""
    history = pd.DataFrame([history_row(m, n, month) for m in LEVEL for n, month in enumerate(MONTHS)])
    latest = history.copy()
    fair_columns = [c for c in latest if c.startswith(HORIZONS)]
    latest[fair_columns] = latest[fair_columns] * 1.001
    explained = {"as_known": history, "latest": latest}
    explanations = [row for vintage, frame in explained.items() for row in explanation_rows(frame, vintage)]
    return Bundle(
        method="1",
        dataset_digest="d" * 64,
        last_day=LAST_DAY,
        first_month=MONTHS[0],
        last_month=MONTHS[-1],
        seed=1,
        draws=100,
        history_as_known=history,
        history_latest=latest,
        incentive=pd.DataFrame(incentive_rows()),
        cost_stacks=pd.DataFrame(stack_rows()),
        evidence=pd.DataFrame(evidence_rows()),
        references=pd.DataFrame(reference_rows()),
        fx=pd.DataFrame(fx_rows()),
        snapshots=pd.DataFrame(snapshot_rows()),
        explanations=pd.DataFrame(explanations),
        tornado=pd.DataFrame(tornado_rows()),
        assumption_range=pd.DataFrame(assumption_rows(history)),
        parameters={"note": "made up for tests"},
        scenario_base=thin_base(),
        model_card="# A model for tests\n",
    )


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return synthetic_bundle()


@pytest.fixture(scope="session")
def bundle_folder(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "bundle"
    write_bundle(bundle, folder)
    return folder


@pytest.fixture
def quick_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before is parsed again only when a byte of it changed: parsing is most of a test's time."""

    def read(folder: Path, expected: str | None = None) -> Bundle:
        contents = [path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file()]
        key = hashlib.sha256(b"\n".join([str(expected).encode(), *contents])).digest()
        if key not in READ:
            READ[key] = read_bundle(folder, expected)
        return READ[key]

    for door in ("model_store", "bundle_cache", "mlflow_store"):
        monkeypatch.setattr(f"serving.{door}.read_bundle", read)


@pytest.fixture(scope="session")
def desk(bundle_folder: Path) -> Desk:
    return Desk(DirectoryStore(bundle_folder), lambda: TODAY)


@dataclass(frozen=True)
class Client:
    """Asks an app in this process, without a socket; a failure inside the app shows as its 500."""

    app: FastAPI

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await client.request(method, path, **options)

        return asyncio.run(ask())


def answer(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a body."""
    answered = client.post(path, json=body)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def faults(answered: httpx.Response) -> dict[str, dict[str, Any]]:
    """Return the faults of a refusal by path."""
    assert answered.status_code == 422, answered.text
    return {fault["path"]: fault for fault in answered.json()["faults"]}


def codes(found: dict[str, Any]) -> set[str]:
    """Return the codes of an answer's flags."""
    return {flag["code"] for flag in found["flags"]}


@pytest.fixture(scope="session")
def client_of() -> Callable[..., Client]:
    """Return how to ask the service over a folder of bundles, on a day and with kept scenarios of one's choice."""
    return lambda folder, today=TODAY, access=EVERYONE_ALIKE, kept=None: Client(
        create_app(DirectoryStore(folder), lambda: today, access, kept)
    )


@pytest.fixture(scope="session")
def client(client_of: Callable[..., Client], bundle_folder: Path) -> Client:
    return client_of(bundle_folder)


@pytest.fixture(scope="session")
def judged_folder(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up model with forecasts and a record of them, for the scoreboard."""
    from .test_forecasts import published  # noqa: PLC0415 - it reads from here

    folder = tmp_path_factory.mktemp("judged") / "bundle"
    write_bundle(replace(bundle, forecasts=published()), folder)
    return folder


@pytest.fixture(scope="session")
def judged(client_of: Callable[..., Client], judged_folder: Path) -> Client:
    return client_of(judged_folder)


@pytest.fixture(scope="session")
def scoreboard_html(judged: Client) -> httpx.Response:
    """The scoreboard's page, asked for before a browser runs: its loop leaves no room for another."""
    return judged.get("/v1/scoreboard", params={"format": "html"})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a screen, where there is one."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - few tests need it

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()
