"""A scenario on private data: readers alone see its market, what would give it away, and its kept answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from httpx import Client, Response

from pricing.bundle import Bundle, write_bundle
from pricing.withheld import MARK, PARAMETER, WHOLE, Withheld
from serving.rights import Access, Readers
from serving.scenario_kept import FolderAnswers

TOKEN = "a token that only readers have"
READER = {"Authorization": f"Bearer {TOKEN}"}
READERS = Readers((hashlib.sha256(TOKEN.encode()).hexdigest(),))
QUOTA = {"overrides": [{"lever": "quota.mining", "scale": 1.1}]}
DATED = {"overrides": [{"lever": "quota.mining", "scale": 1.1, "from": "2027-01", "to": "2027-06"}]}
PRIVATE = "121.02"  # NdPr outside China in the base for tests


@dataclass(frozen=True)
class Guarded:
    """A service over one model in two views, and the folder that keeps answers."""

    client: Client
    kept: Path

    def ask(self, body: dict[str, Any], **options: Any) -> Response:
        answered = self.client.post("/v1/scenarios", json=body, **options)
        assert answered.status_code in (200, 201), answered.text
        return answered


@pytest.fixture(scope="module")
def guarded(client_of: Callable[..., Client], bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    """NdPr outside China, and what costs hold, rest on private data in the last month."""
    return _guarded(client_of, bundle, tmp_path_factory.mktemp("private"), bundle.scenario_base)


def _guarded(client_of: Callable[..., Client], bundle: Bundle, folder: Path, base: Any) -> Guarded:
    markets = {vintage: {"NdPr": {"ex_china": ["2026-02"]}} for vintage in ("as_known", "latest")}
    found = Withheld(markets, {"as_known": {}, "latest": {}}, {}, costs=True)
    shown = {f"history_{v}": found.history(v, bundle.table(f"history_{v}")) for v in markets}
    published = replace(bundle, **shown, scenario_base=base, parameters={PARAMETER: found.entry(MARK)})
    digest = write_bundle(published, folder / "published")
    whole = replace(bundle, parameters={PARAMETER: {**found.entry(WHOLE), "published": digest}})
    write_bundle(whole, folder / "whole" / digest)
    access = Access(READERS, folder / "whole")
    kept = FolderAnswers(folder / "kept")
    return Guarded(client_of(folder / "published", access=access, kept=kept), folder / "kept")


@pytest.mark.parametrize("body", [QUOTA, DATED])
def test_a_caller_without_the_right_sees_neither_market_nor_what_gives_it_away(
    guarded: Guarded, body: dict[str, Any]
) -> None:
    answered = guarded.ask(body)
    ndpr = answered.json()["materials"][0]
    assert PRIVATE not in answered.text
    for move in (ndpr["market"]["ex_china"], ndpr["wedge"]["ex_china"]):
        assert move["baseline"] == move["scenario"] == {"value": None, "low": None, "high": None}
    assert [line["market_ex_china"] for line in ndpr["bridge"]] == [None]
    assert ndpr["bridge"][0]["market_china"] is not None
    outside = [paid for paid in answered.json()["payments"] if paid["region"] == "ex_china"]
    assert [(paid["baseline"], paid["scenario"]) for paid in outside] == [(None, None)]
    assert answered.json()["normal_values"] == answered.json()["incentive"] == []
    codes = [flag["code"] for flag in answered.json()["flags"]]
    assert {"withheld.ex_china.NdPr", "withheld.costs.NdPr"} <= set(codes)


def test_a_reader_sees_it_and_is_told_not_to_pass_it_on(guarded: Guarded) -> None:
    answered = guarded.ask(QUOTA, headers=READER)
    assert PRIVATE in answered.text
    assert answered.json()["incentive"]
    assert "private.ex_china.NdPr" in [flag["code"] for flag in answered.json()["flags"]]


def test_a_readers_answer_is_kept_from_everyone_else_and_off_the_disk(guarded: Guarded) -> None:
    public, private = (guarded.ask(QUOTA, headers=headers) for headers in ({}, READER))
    names = [answered.json()["scenario_id"] for answered in (public, private)]
    assert names[0] != names[1]
    paths = [f"/v1/scenarios/{name}" for name in names]
    assert [guarded.client.get(path).status_code for path in paths] == [200, 404]
    assert guarded.client.get(paths[1], headers=READER).content == private.content
    on_disk = [path.name for path in guarded.kept.iterdir()]
    assert [name in on_disk for name in names] == [True, False]


def test_where_scenarios_are_withheld_whole_a_reader_still_has_them(
    client_of: Callable[..., Client], bundle: Bundle, tmp_path: Path
) -> None:
    guarded = _guarded(client_of, bundle, tmp_path, {})
    refused = guarded.client.post("/v1/scenarios", json=QUOTA)
    assert (refused.status_code, "withheld" in refused.json()["message"]) == (503, True)
    assert PRIVATE in guarded.ask(QUOTA, headers=READER).text
