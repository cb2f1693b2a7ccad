"""A base as plain values: the same numbers back, and what cannot be read is refused in words."""

from __future__ import annotations

import json

import pytest

from pricing.errors import BundleError, OlderModelError
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.plain import from_plain, to_plain


def test_a_base_is_the_same_after_a_bundle(small: ScenarioBase) -> None:
    written = json.dumps(to_plain(small), allow_nan=False)
    assert json.dumps(to_plain(from_plain(json.loads(written)))) == written


def test_a_base_older_than_tariffs_by_stage_is_told_to_be_old_and_what_to_do(small: ScenarioBase) -> None:
    plain = to_plain(small)
    for name in ("tariffs", "importer_shares"):
        del plain[name]
    with pytest.raises(OlderModelError, match=r"older than tariffs .* Train again") as told:
        from_plain(plain)
    assert "KeyError" not in str(told.value)


def test_a_torn_base_is_refused_by_what_is_missing(small: ScenarioBase) -> None:
    plain = to_plain(small)
    del plain["exports"]
    with pytest.raises(BundleError, match=r"scenario base: .*exports.*train again"):
        from_plain(plain)
