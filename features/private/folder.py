"""The files of a folder of private data, read once and whole: regular files inside it, of known kinds and sizes."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from features.private.faults import Faults, shown
from pricing.errors import DataError

COSTS = "costs.yaml"
CARDS, TABLES = "cards", "tables"
KINDS = {CARDS: ".yaml", TABLES: ".csv"}
MAX_CARD_BYTES = 64 * 2**10
MAX_TABLE_BYTES = 8 * 2**20
MAX_FILES = 200
LAYOUT = "cards/NAME.yaml, tables/NAME.csv and costs.yaml"


@dataclass(frozen=True)
class Files:
    """Content by name relative to the folder, as text."""

    cards: Mapping[str, str]
    tables: Mapping[str, str]
    costs: str | None


def read_folder(folder: Path, faults: Faults) -> Files:
    """Return the files of a folder; DataError when there is no such folder, a fault for each file that is refused."""
    if not folder.is_dir():
        msg = f"private data: {folder.name} is no folder. FAIRPRICE_PRIVATE_DATA names a folder of {LAYOUT}."
        raise DataError(msg)
    root = folder.resolve()
    paths = sorted(_listed(root, faults))
    if len(paths) > MAX_FILES:
        faults.note(folder.name, f"{len(paths)} files", f"at most {MAX_FILES}")
        paths = paths[:MAX_FILES]
    texts = {name: text for name in paths if (text := _text(root, name, faults)) is not None}
    return Files(
        cards={name: text for name, text in texts.items() if name.startswith(f"{CARDS}/")},
        tables={name: text for name, text in texts.items() if name.startswith(f"{TABLES}/")},
        costs=texts.get(COSTS),
    )


def _listed(root: Path, faults: Faults) -> Iterator[str]:
    """Yield the names of the files that belong in the folder; dotfiles are of the system, anything else is a fault."""
    for entry in sorted(root.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.name in KINDS and _inside(root, entry, entry.name, faults):
            yield from _listed_in(entry, KINDS[entry.name], faults)
        elif entry.name == COSTS:
            yield entry.name
        elif entry.name not in KINDS:
            faults.note(shown(entry.name), "a file that is not read", LAYOUT)


def _listed_in(place: Path, ending: str, faults: Faults) -> Iterator[str]:
    if not place.is_dir():
        faults.note(place.name, "no folder", LAYOUT)
        return
    for entry in sorted(place.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.suffix == ending:
            yield f"{place.name}/{entry.name}"
        else:
            faults.note(f"{place.name}/{shown(entry.name)}", "a file that is not read", f"NAME{ending}")


def _text(root: Path, name: str, faults: Faults) -> str | None:
    """Return a file's text; None, and a fault, when it leaves the folder, is no file, is too large or is not UTF-8."""
    path, limit = root / name, MAX_TABLE_BYTES if name.startswith(f"{TABLES}/") else MAX_CARD_BYTES
    if not _inside(root, path, name, faults):
        return None
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            faults.note(name, "no regular file", "a file of text")
            return None
        with path.open("rb") as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            faults.note(name, f"more than {limit:,} bytes", f"at most {limit:,}")
            return None
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        faults.note(name, "cannot be read as UTF-8", "a readable text in UTF-8")
        return None


def _inside(root: Path, path: Path, name: str, faults: Faults) -> bool:
    if path.resolve().is_relative_to(root):
        return True
    faults.note(name, "it leads out of the folder", "a file of the folder itself, or a link to one in it")
    return False
