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
from serving.scenarios.kept import FolderAnswers

TOKEN = "a token that only readers have"
READER = {"Authorization": f"Bearer {TOKEN}"}
READERS = Readers((hashlib.sha256(TOKEN.encode()).hexdigest(),))
QUOTA = {"overrides": [{"lever": "quota.mining", "scale": 1.1}]}
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
    folder = tmp_path_factory.mktemp("private")
    markets = {vintage: {"NdPr": {"ex_china": ["2026-02"]}} for vintage in ("as_known", "latest")}
    found = Withheld(markets, {"as_known": {}, "latest": {}}, {}, costs=True)
    shown = {f"history_{v}": found.history(v, bundle.table(f"history_{v}")) for v in markets}
    published = replace(bundle, **shown, parameters={PARAMETER: found.entry(MARK)})
    digest = write_bundle(published, folder / "published")
    whole = replace(bundle, parameters={PARAMETER: {**found.entry(WHOLE), "published": digest}})
    write_bundle(whole, folder / "whole" / digest)
    access = Access(READERS, folder / "whole")
    kept = FolderAnswers(folder / "kept")
    return Guarded(client_of(folder / "published", access=access, kept=kept), folder / "kept")


def test_a_caller_without_the_right_has_no_scenario_even_where_a_base_was_published(guarded: Guarded) -> None:
    asked = guarded.client
    alone, levers = asked.post("/v1/scenarios", json=QUOTA), asked.get("/v1/levers")
    batch = asked.post("/v1/scenarios/batch", json={"scenarios": [QUOTA]})
    assert (alone.status_code, levers.status_code) == (503, 503)
    assert batch.json()["answered"] == 0
    for answered in (alone, levers, batch):
        assert "withheld from callers without the right" in answered.text
        assert PRIVATE not in answered.text


def test_a_reader_sees_it_and_is_told_not_to_pass_it_on(guarded: Guarded) -> None:
    answered = guarded.ask(QUOTA, headers=READER)
    assert PRIVATE in answered.text
    assert answered.json()["incentive"]
    assert "private.ex_china.NdPr" in [flag["code"] for flag in answered.json()["flags"]]


def test_a_readers_answer_is_kept_from_everyone_else_and_off_the_disk(guarded: Guarded) -> None:
    private = guarded.ask(QUOTA, headers=READER)
    name = private.json()["scenario_id"]
    path = f"/v1/scenarios/{name}"
    assert guarded.client.get(path).status_code == 404
    assert guarded.client.get(path, headers=READER).content == private.content
    assert not guarded.kept.exists() or name not in [entry.name for entry in guarded.kept.iterdir()]
