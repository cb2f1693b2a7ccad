"""The numbers and plots of `docs/`, written from a bundle; the prose around them is a person's."""

from __future__ import annotations

from pathlib import Path

from features.dataset import Dataset
from pricing.bundle import Bundle
from pricing.errors import DataError
from pricing.withheld import holds_private_values
from training import page_anchors, page_episodes, page_histories, page_method
from training.page_markdown import filled
from training.page_numbers import Numbers
from training.page_scoreboard import fill_scoreboard, write_scoreboard
from training.plots import draw_plots

PAGES = ("histories.md", "method.md")
TABLES, PLOTS = "tables", "plots"
DOTS_PER_INCH = 72  # keeps a plot of two panels below 150 kB


def write_pages(bundle: Bundle, dataset: Dataset, folder: Path) -> list[Path]:
    """Write tables, plots and the blocks of both pages; return the files. The same bundle gives the same bytes.

    DataError for a whole fit on private data: pages are for everyone.
    """
    if holds_private_values(bundle.parameters):
        msg = "This bundle holds private values. Make pages from the one that was published with it."
        raise DataError(msg)
    Numbers.of(bundle).write(folder / TABLES)
    plots = draw_plots(bundle, folder / PLOTS, DOTS_PER_INCH)
    plots += write_scoreboard(bundle, folder / TABLES, folder / PLOTS)
    return [*sorted((folder / TABLES).iterdir()), *plots, *fill_pages(dataset, folder)]


def fill_pages(dataset: Dataset, folder: Path) -> list[Path]:
    """Fill the blocks of the pages from the tables beside them and return the pages. DataError when one is missing."""
    texts = blocks(Numbers.read(folder / TABLES), dataset)
    for page in PAGES:
        path = folder / page
        if not path.is_file():
            msg = f"{path.name} is missing in {folder.name}: its prose is written by hand. Take it from the repository."
            raise DataError(msg)
        path.write_text(filled(path.read_text(encoding="utf-8"), texts), encoding="utf-8")
    return [*(folder / page for page in PAGES), *fill_scoreboard(folder, folder / TABLES)]


def blocks(numbers: Numbers, dataset: Dataset) -> dict[str, str]:
    """Return every block that a page may ask for, by name."""
    return (
        page_histories.blocks(numbers)
        | page_episodes.blocks(numbers)
        | page_anchors.blocks(numbers, dataset)
        | page_method.blocks(numbers)
    )
