"""Which release of this package runs."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def release() -> str:
    """Return the version of the installed package; 0 where it is not installed."""
    try:
        return version("fairprice")
    except PackageNotFoundError:
        return "0"
