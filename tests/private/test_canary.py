"""A private price marked by its digits, followed through training, MLflow, the service, the command line and every log.

The same search that finds nothing where callers without the right can look finds the marks where a reader can.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import re
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
import uvicorn
from mlflow import MlflowClient

from features.dataset import Dataset
from features.market_prices import priced_months
from features.private.joined import with_private_data
from pricing.bundle import Bundle, read_bundle
from pricing.bundle_tables import WEDGE_ITEMS
from pricing.errors import DataError
from serving import cli
from serving.app import create_app
from serving.mlflow_store import MlflowStore
from serving.rights import Access, Readers
from training.config import TrainingConfig
from training.fit import stacks
from training.incentive import incentive
from training.pages import write_pages
from training.pipeline import TrainingResult, current, run
from training.withholding import views_of

pytestmark = pytest.mark.slow

DAY = date(2010, 12, 31)
MONTH = "2010-11"
PRICE = 83.319771  # USD/kg, of the last month that the day knows
LAST_QUOTE = 84.218553
NUMBER = re.compile(r"\d+\.\d+")
LENGTHS = range(6, 13)
TOKEN = "the canary's own token"


@dataclass(frozen=True)
class Trained:
    """One fit on private data and everything it left behind."""

    place: Path
    config: TrainingConfig
    result: TrainingResult
    whole: Bundle
    logged: str  # what was logged and printed while it ran


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, examples: dict[str, dict[str, str]]) -> Trained:
    place = tmp_path_factory.mktemp("canary")
    write_feed(place / "feed", examples["price"] | {"month": MONTH, "mean": str(PRICE), "last": str(LAST_QUOTE)})
    config = TrainingConfig(
        as_of=DAY,
        draws=64,
        tracking_uri=f"sqlite:///{place}/store/mlflow.db",
        out=place / "out",
        private_data=place / "feed",
        private_bundles=place / "whole",
        economies=0,
        promote_anyway="a test of what leaves the machine",
    )
    with recorded() as screen:
        result = run(config)
    return Trained(place, config, result, read_bundle(place / "whole" / result.bundle_digest), screen.getvalue())


def write_feed(folder: Path, price: dict[str, str]) -> None:
    row = price | {"last_day": f"{MONTH}-30", "known_at": "2010-12-01"}
    (folder / "cards").mkdir(parents=True)
    (folder / "tables").mkdir()
    (folder / "cards" / "paid.yaml").write_text(
        "id: paid_feed\npublisher: A paid agency\nlicence: {name: subscription, private: true}\nunits: [USD/kg]\n"
        "basis: delivered outside China\npublication_lag_days: [1]\nquality: real\ncitation: []\n"
    )
    (folder / "tables" / "prices.csv").write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")


@contextlib.contextmanager
def recorded() -> Iterator[io.StringIO]:
    """Yield everything that is printed or logged at any level meanwhile."""
    screen, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(screen), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
            yield screen
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@dataclass(frozen=True)
class Marks:
    """How private numbers of the month would be written: rounded, cut after three decimals or more, or as eight bytes.

    A number counts from four digits on, and cut from six: shorter ones stand in any long table by chance.
    """

    rounded: frozenset[str]
    cut: frozenset[str]
    packed: tuple[bytes, ...]

    @classmethod
    def of(cls, whole: Bundle) -> Marks:
        rows = pd.concat([whole.history_as_known, whole.history_latest])
        row = rows[(rows["material"] == "NdPr") & (rows["month"] == MONTH)]
        names = ("market.ex_china", "market.ex_china.low", "market.ex_china.high", "model.ex_china")
        wedge = ("wedge.ex_china.total", "wedge.ex_china.unexplained")
        numbers = [PRICE, LAST_QUOTE, *map(abs, row[[*names, *wedge]].to_numpy(dtype=float).ravel().tolist())]
        return cls(
            rounded=_distinct((f"{number:.{decimals}f}" for number in numbers for decimals in (4, 3, 2, 1)), 4),
            cut=_distinct((f"{number:.9f}"[: -9 + decimals] for number in numbers for decimals in (6, 4, 3)), 6),
            packed=tuple(
                struct.pack(order, sign * number) for number in numbers for order in ("<d", ">d") for sign in (1, -1)
            ),
        )

    def found(self, content: str | bytes) -> set[str]:
        """Return the private numbers that a content holds, as they stand there."""
        plain = content.decode("latin-1") if isinstance(content, bytes) else content
        numbers = set(NUMBER.findall(plain))
        hits = {number for number in numbers if number in self.rounded or any(number[:n] in self.cut for n in LENGTHS)}
        raw = content if isinstance(content, bytes) else b""
        return hits | {packed.hex() for packed in self.packed if packed in raw}

    def found_below(self, folder: Path) -> dict[str, set[str]]:
        """Return what is found in each file below a folder; a database keeps its numbers as bytes."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        found = {path.name: self.found(path.read_bytes()) for path in files}
        return {name: hits for name, hits in found.items() if hits}


def _distinct(texts: Iterable[str], digits: int) -> frozenset[str]:
    return frozenset(text for text in texts if sum(letter.isdigit() for letter in text) >= digits)


@pytest.fixture(scope="module")
def private(trained: Trained) -> Marks:
    return Marks.of(trained.whole)


def test_the_private_price_is_what_the_fit_saw(trained: Trained) -> None:
    rows = trained.whole.history_as_known.set_index(["material", "month"])
    assert rows.loc[("NdPr", MONTH), "market.ex_china"] == PRICE
    assert rows.loc[("NdPr", MONTH), "market.ex_china.evidence"] == "observed"


def test_the_search_finds_the_price_and_what_follows_from_it_where_it_is_kept(trained: Trained, private: Marks) -> None:
    found = private.found_below(trained.place / "whole")
    assert {"history_as_known.csv", "history_latest.csv", "references.csv"} <= set(found)
    assert len(found["history_as_known.csv"]) > 5
    assert (trained.place / "whole" / trained.result.bundle_digest).stat().st_mode & 0o077 == 0


def test_the_search_finds_a_number_that_a_database_keeps_as_bytes(private: Marks) -> None:
    assert private.found(b"x" + struct.pack(">d", PRICE) + b"y")


@pytest.mark.parametrize("place", ["store", "out"])
def test_nothing_private_is_in_mlflow_or_in_what_was_written_out(trained: Trained, private: Marks, place: str) -> None:
    assert sum(path.is_file() for path in (trained.place / place).rglob("*")) > 10
    assert private.found_below(trained.place / place) == {}


def test_nothing_private_is_logged_as_parameter_metric_or_tag(trained: Trained, private: Marks) -> None:
    logged = MlflowClient(trained.config.tracking_uri).get_run(trained.result.run_id).data
    everything = f"{logged.params} {logged.metrics} {logged.tags} {trained.result.metrics} {trained.logged}"
    assert not private.found(everything)
    assert logged.tags["dataset_digest"] == trained.result.bundle.dataset_digest != trained.whole.dataset_digest
    assert logged.tags["inputs"] == "withheld"
    assert current(trained.config) is None


def test_the_published_view_is_the_whole_one_but_for_what_is_withheld(trained: Trained) -> None:
    public, whole = read_bundle(trained.place / "out" / "bundle"), trained.whole
    key = ["material", "month"]
    for name in ("history_as_known", "history_latest"):
        shown, kept = (bundle.table(name).set_index(key) for bundle in (public, whole))
        fair = [str(column) for column in kept if str(column).startswith(("long_run", "short_run"))]
        pd.testing.assert_frame_equal(shown[fair], kept[fair], atol=1e-9)
        others = kept.index.drop([("NdPr", MONTH)])
        pd.testing.assert_frame_equal(shown.loc[others], kept.loc[others], atol=1e-9)
    assert public.parameters["private"]["markets"]["as_known"] == {"NdPr": {"ex_china": [MONTH]}}
    assert len(public.references) == len(whole.references) - 1
    assert public.snapshots["snapshot"].iloc[-1] != whole.snapshots["snapshot"].iloc[-1]
    assert public.scenario_base == {} != whole.scenario_base


def test_a_plants_own_cost_is_withheld_with_every_stack_and_account_that_it_enters(
    trained: Trained, feed: Any, shipped: Dataset, own_cost: str
) -> None:
    feed.prices, feed.costs = [], own_cost
    dataset = with_private_data(shipped, feed.write()).as_known(DAY)
    months = priced_months(dataset)
    curve = incentive(dataset, months, "as_known", trained.whole.history_as_known)
    fitted = replace(trained.whole, cost_stacks=stacks(dataset, months), incentive=curve)
    shown = views_of(fitted, dataset).published
    assert set(fitted.cost_stacks["route"]) - set(shown.cost_stacks["route"]) == {"mountain_pass"}
    sizes = [
        table.groupby(["route", "variant", "unit_of", "month"]).size()
        for table in (fitted.cost_stacks, shown.cost_stacks)
    ]
    assert sizes[0].loc[sizes[1].index].equals(sizes[1])
    assert shown.explanations.empty
    parts = [f"wedge.{region}.{item}" for region in ("china", "ex_china") for item in WEDGE_ITEMS]
    assert shown.history_latest[[*parts, "deflator"]].isna().all(axis=None)
    assert shown.history_latest["market.china"].notna().any()


def test_no_page_is_made_of_a_whole_fit(trained: Trained, shipped: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds private values"):
        write_pages(trained.whole, shipped, tmp_path)
    assert not list(tmp_path.iterdir())


class Served:
    """The service on a port of this machine, over the registry that the fit was published in."""

    def __init__(self, trained: Trained) -> None:
        access = Access(Readers((sha256(TOKEN.encode()).hexdigest(),)), trained.place / "whole")
        app = create_app(MlflowStore(trained.config.tracking_uri), lambda: DAY, access)
        self.server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="trace", lifespan="off"))

    def __enter__(self) -> httpx.Client:
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve()))
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}")
        return self.client

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.server.should_exit = True
        self.thread.join()


def test_no_answer_header_error_or_log_of_the_service_holds_it_without_the_right(
    trained: Trained, private: Marks
) -> None:
    with recorded() as screen, Served(trained) as client:
        public, reader = (
            [answer.text + str(answer.headers) for answer in answers(client, headers)]
            for headers in ({}, {"Authorization": f"Bearer {TOKEN}"})
        )
    assert "GET /v1/prices/NdPr" in screen.getvalue()
    assert private.found("\n".join([*public, screen.getvalue()])) == set()
    assert len(private.found("\n".join(reader))) > 5


def answers(client: httpx.Client, headers: dict[str, str]) -> Iterator[httpx.Response]:
    """Yield an answer of every kind of address, errors included, and the same quotes again."""
    for path in (
        "/v1/prices/NdPr", "/v1/prices/NdPr?unit=t", "/v1/history/NdPr", "/v1/history/NdPr?vintage=latest",
        "/v1/history/NdPr?format=csv", "/v1/explanations/NdPr", "/v1/explanations/NdPr?vintage=latest",
        "/v1/evidence/NdPr", "/v1/materials", "/v1/models", "/ready", "/health", "/openapi.json",
        "/v1/prices/NdPr?as_of=1890-01-01&market=1", "/v1/quotes/price.NdPr", "/nowhere",
    ):  # fmt: skip
        yield client.get(path, headers=headers)
    price = client.get("/v1/prices/NdPr", headers=headers).json()
    yield client.get(f"/v1/quotes/{price['quote_id']}", headers=headers)
    terms = {"amount": 190, "basis": "oxide ex VAT", "vat_rule": "as_quoted", "tonnes_per_year": 100}
    floor = {"material": "NdPr", "floor": {**terms, "reference": "ex_china", "from": "2010-10-01", "to": "2012-12-31"}}
    yield client.post("/v1/scenarios", json=floor, headers=headers)


@pytest.mark.parametrize(("token", "finds"), [(None, False), (TOKEN, True)])
def test_the_command_line_prints_it_for_a_reader_alone(
    trained: Trained,
    private: Marks,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    token: str | None,
    finds: bool,
) -> None:
    monkeypatch.setenv("FAIRPRICE_TRACKING_URI", trained.config.tracking_uri)
    monkeypatch.setenv("FAIRPRICE_PRIVATE_BUNDLES", str(trained.place / "whole"))
    monkeypatch.setenv("FAIRPRICE_PRIVATE_READERS", sha256(TOKEN.encode()).hexdigest())
    if token:
        monkeypatch.setenv("FAIRPRICE_PRIVATE_TOKEN", token)
    for command in (["price", "NdPr", "--json"], ["history", "NdPr", "--csv"]):
        assert cli.app(command) == 0
        out, err = capfd.readouterr()
        assert bool(private.found(out)) is finds
        assert not private.found(err)
