"""Both doors of contracts: the service in this process, and the command line on a file. Neither has a model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from serving import cli

Door = Callable[[str, Mapping[str, Any]], dict[str, Any]]
CASES = Path(__file__).parents[2] / "worked_cases"
ADDRESSES = {"settlement": "settlements", "implied": "implied", "sums": "sums"}
ADDRESSES |= {"valuation": "valuations", "solution": "solutions", "comparison": "comparisons"}
UNDER = {"implied": "implied", "comparison": "compare"}  # the name of a file under which a section's body stands
VAT_BY_DEFAULT = "the dataset's dated Chinese rates"


def worked(name: str) -> dict[str, Any]:
    """Return a file of worked cases, its keys as texts."""
    found: dict[str, Any] = with_text_keys(yaml.safe_load((CASES / name).read_text(encoding="utf-8")))
    return found


def with_text_keys(value: Any) -> Any:
    """Return a value as JSON has it: keys and days as texts."""
    if isinstance(value, dict):
        return {str(key): with_text_keys(one) for key, one in value.items()}
    if isinstance(value, list):
        return [with_text_keys(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


@pytest.fixture(scope="session")
def bare(client_of: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The service without a published model."""
    return client_of(tmp_path_factory.mktemp("nothing"))


@pytest.fixture(params=["service", "command line"])
def door(
    request: pytest.FixtureRequest,
    bare: Any,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    """What answers a section's body: over HTTP, or from a file of it."""
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(tmp_path / "no model"))

    def over_http(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
        sent: httpx.Response = bare.post(f"/v1/contracts/{ADDRESSES[section]}", json=body)
        assert sent.status_code == 200, sent.text
        return dict(sent.json())

    def by_command(section: str, body: Mapping[str, Any]) -> dict[str, Any]:
        file = tmp_path / "terms.yaml"
        whole = {UNDER[section]: body} if section in UNDER else body
        file.write_text(yaml.safe_dump(json.loads(json.dumps(whole)), sort_keys=False), encoding="utf-8")
        code = cli.app(["whatif", str(file), "--json"])
        out, err = capfd.readouterr()
        assert code in (0, 2), err
        assert out, err
        answer = dict(json.loads(out))
        assert (code == 2) is bool(answer.get("refused")), err
        return answer

    return over_http if request.param == "service" else by_command
