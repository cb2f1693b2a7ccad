"""Where vintages are kept: beside the model store, for they belong to an installation and not to the package."""

from __future__ import annotations

from pathlib import Path

DEFAULT_STORE = Path("var/vintages")
SETTING = "FAIRPRICE_VINTAGES"


def default_store() -> Path | None:
    """Return the store that is read where none is named: the default one, if it is there."""
    return DEFAULT_STORE if DEFAULT_STORE.is_dir() else None
