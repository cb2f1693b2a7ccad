"""A dataset with a user's own data in it: private rows take precedence from the day they are known, and say so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from features.catalogue import Catalogue
from features.dataset import Dataset
from features.panel import COLUMNS, Panel, check_panel
from features.private import prices as monthly
from features.private.cards import PrivateCard, read_private_cards
from features.private.cells import Row, read_rows
from features.private.costs import private_costs
from features.private.faults import Faults
from features.private.folder import LAYOUT, Files, read_folder
from features.private.observations import private_observations, sources_of
from pricing.errors import DataError
from pricing.parameters import Parameter


@dataclass(frozen=True)
class PrivateData:
    """A user's own data, checked: monthly prices, rows of the panel with their sources, parameters of the costs."""

    cards: Mapping[str, PrivateCard]
    prices: pd.DataFrame
    observations: pd.DataFrame
    sources: Mapping[str, str]
    costs: Mapping[str, Parameter]
    digest: str


def read_private_data(folder: Path, dataset: Dataset) -> PrivateData:
    """Return the data of a folder, checked against a dataset.

    DataError lists every fault by file, row and column; no message repeats a value.
    """
    faults = Faults()
    files = read_folder(folder, faults)
    cards = read_private_cards(files.cards, faults)
    tables = _tables(files, faults)
    sources = sources_of(cards, dataset.catalogue, faults)
    found = PrivateData(
        cards=cards,
        prices=monthly.private_prices(tables[monthly.COLUMNS], cards, dataset.last_day),
        observations=private_observations(tables[COLUMNS], sources, dataset.catalogue, dataset.last_day),
        sources=sources,
        costs=private_costs(files.costs, faults),
        digest=_digest(files),
    )
    faults.refuse_if_any()
    if found.prices.empty and found.observations.empty and not found.costs:
        msg = f"private data: {folder.name} holds no row and no cost. It is a folder of {LAYOUT}."
        raise DataError(msg)
    return found


def with_private_data(dataset: Dataset, folder: Path) -> Dataset:
    """Return a dataset with a folder of private data joined; `public` is the dataset without it."""
    found = read_private_data(folder, dataset)
    return replace(
        dataset,
        public=dataset,
        catalogue=_catalogue(dataset.catalogue, found),
        panel=_panel(dataset.panel, found.observations),
        prices=pd.concat([dataset.prices, found.prices], ignore_index=True),
        costs=found.costs,
        digest=hashlib.sha256(f"{dataset.digest} {found.digest}".encode()).hexdigest(),
    )


def _tables(files: Files, faults: Faults) -> dict[tuple[str, ...], list[Row]]:
    """Return the rows of all tables by kind; the heading says which kind a table is."""
    found: dict[tuple[str, ...], list[Row]] = {monthly.COLUMNS: [], COLUMNS: []}
    for name, text in files.tables.items():
        columns, rows = read_rows(name, text, faults)
        kind = next((kind for kind in found if sorted(kind) == sorted(columns)), None)
        if kind is not None:
            found[kind] += rows
        elif columns:
            kinds = " or ".join(",".join(kind) for kind in found)
            faults.note(f"{name}, line 1", "the columns of no table", kinds)
    return found


def _panel(public: Panel, private: pd.DataFrame) -> Panel:
    """Return the panel with private rows in it: from the day one is known it replaces what others say of its date."""
    if private.empty:
        return public
    since = private.groupby(["series", "date"])["known_at"].min().rename("since").reset_index()
    known = public.frame.merge(since, on=["series", "date"], how="left")
    kept = known[~(known["known_at"] >= known["since"])]
    return check_panel(pd.concat([kept[list(COLUMNS)], private], ignore_index=True))


def _catalogue(public: Catalogue, found: PrivateData) -> Catalogue:
    rows = pd.concat([found.prices["source"], found.observations["series"].map(dict(found.sources))]).value_counts()
    cards = {name: card.card(int(rows.get(name, 0))) for name, card in found.cards.items()}
    series = public.series.copy()
    for name, source in found.sources.items():
        series.loc[name, "source"] = source
    return Catalogue({**public.cards, **cards}, series)


def _digest(files: Files) -> str:
    texts = {**files.cards, **files.tables, "costs": files.costs or ""}
    return hashlib.sha256("".join(f"{name}\0{text}\0" for name, text in sorted(texts.items())).encode()).hexdigest()
