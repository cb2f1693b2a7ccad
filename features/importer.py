"""Make the reference dataset from tables of evidence: `python -m features.importer --from FOLDER [--to FOLDER]`.

The dataset has a layout of its own (panel by group, series, cards, monthly prices, anchors, regimes, facts) and is
the same byte for byte from the same tables. Every rule that is a judgement stands in `features/data/recipe`.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import yaml

from features.dataset import SHIPPED, seal
from features.sources.cards import panel_cards, price_cards
from features.sources.facts import read_facts
from features.sources.observations import read_licences, read_observations, read_series
from features.sources.policy import read_events, read_policy
from features.sources.prices import read_anchors, read_citations, read_monthly_prices
from features.sources.recipe import Recipe, load_recipe
from pricing.errors import DataError, FairPriceError

TABLES = (
    "series.csv", "observations.csv", "price_quotes.csv", "oxide_prices_fob_china_monthly.csv",
    "oxide_prices_china_domestic_monthly.csv", "oxide_prices_usgs.csv", "policy_events.csv",
)  # fmt: skip


def build(folder: Path, recipe: Recipe) -> dict[str, str]:
    """Return the dataset's files, path to text, made from a folder of evidence tables."""
    _require(folder)
    last_day = str(recipe.dataset["last_day"])
    series, panel = read_series(folder, recipe), read_observations(folder, recipe)
    monthly, anchors = read_monthly_prices(folder, recipe), read_anchors(folder, recipe)
    cards = panel_cards(series, panel, read_licences(folder, recipe), recipe)
    cards += price_cards(monthly, anchors, read_citations(folder, recipe), recipe)
    files = {f"cards/{card.id}.yaml": _yaml(card.as_dict()) for card in cards}
    files |= {f"panel/{group}.csv": _csv(rows) for group, rows in _by_group(panel, series).items()}
    return files | {
        "series.csv": _csv(series),
        "prices_monthly.csv": _csv(monthly),
        "price_anchors.csv": _csv(anchors),
        "policy.csv": _csv(read_policy(panel, recipe)),
        "events.csv": _csv(read_events(folder, recipe)),
        "facts.csv": _csv(read_facts(folder, last_day)),
    }


def write(files: dict[str, str], folder: Path, last_day: str) -> None:
    """Write the files, drop tables and cards that are no longer made, and seal the folder with its manifest."""
    for stale in (*folder.glob("panel/*.csv"), *folder.glob("cards/*.yaml"), *folder.glob("*.csv")):
        if str(stale.relative_to(folder)) not in files:
            stale.unlink()
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="\n")
    seal(folder, last_day)


def main(arguments: Sequence[str] | None = None) -> int:
    """Import a folder of evidence; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m features.importer", description=__doc__)
    parser.add_argument("--from", dest="source", type=Path, required=True, help="folder of evidence tables")
    parser.add_argument("--to", dest="target", type=Path, default=SHIPPED, help="dataset folder to write")
    options = parser.parse_args(arguments)
    recipe = load_recipe()
    try:
        files = build(options.source, recipe)
        write(files, options.target, str(recipe.dataset["last_day"]))
    except FairPriceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{len(files)} files, {sum(map(len, files.values())) / 1e6:.1f} MB, in {options.target}\n")
    return 0


def _require(folder: Path) -> None:
    missing = [name for name in TABLES if not (folder / name).is_file()]
    if missing:
        msg = f"{folder}: missing {', '.join(missing)}. `--from` names the folder that holds the evidence tables."
        raise DataError(msg)


def _by_group(panel: pd.DataFrame, series: pd.DataFrame) -> dict[str, pd.DataFrame]:
    groups = panel["series"].map(series.set_index("series")["group"])
    return {str(name): rows for name, rows in panel.groupby(groups)}


def _csv(table: pd.DataFrame) -> str:
    buffer = io.StringIO()
    table.to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue()


def _yaml(fields: dict[str, object]) -> str:
    return str(yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=116))


if __name__ == "__main__":
    raise SystemExit(main())
