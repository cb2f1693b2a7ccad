"""Where vintages are kept: beside the model store, for they belong to an installation and not to the package."""

from __future__ import annotations

from pathlib import Path

DEFAULT_STORE = Path("var/vintages")
SETTING = "FAIRPRICE_VINTAGES"
