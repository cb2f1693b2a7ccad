"""The OpenAPI document is true: what it allows is answered in the shape it promises, what it forbids is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from httpx import Client
from hypothesis import HealthCheck, given, settings
from jsonschema_rs import Draft202012Validator
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from serving.documentation import MP_FLOOR, OWN_DECK, SCENARIO_SCHEMA

# positive_data_acceptance is left out: which days, months and indices exist depends on the data, not on the document.
CHECKS = [
    checks.not_a_server_error,
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]


@pytest.fixture(scope="session")
def document(client_of: Callable[..., Any], bundle_folder: Path) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", client_of(bundle_folder).app)


MANY, FEW = 20, 6  # requests; a schema of a whole contract takes most of a second to make one from
LARGE = tuple(f"/v1/contracts/{name}" for name in ("settlements", "valuations", "solutions", "comparisons"))
WITH_WORDS = [
    ("GET", "/v1/prices/{material}"),
    ("GET", "/v1/history/{material}"),
    ("GET", "/v1/explanations/{material}"),
    ("POST", "/v1/scenarios"),
    ("POST", "/v1/stages/ladder"),
    ("POST", "/v1/stages/tariff"),
    ("GET", "/v1/evidence/{material}"),
    ("GET", "/v1/forecasts/{material}"),
    ("GET", "/v1/forecasts/{material}/record"),
    ("GET", "/v1/publications/{material}"),
    ("GET", "/v1/leaks/{material}"),
    ("GET", "/v1/scoreboard"),
    ("GET", "/v1/levers"),
    ("POST", "/v1/scenarios/batch"),
    ("POST", "/v1/contracts/settlements"),
    ("POST", "/v1/contracts/implied"),
    ("POST", "/v1/contracts/sums"),
    ("GET", "/v1/contracts/schema"),
    ("POST", "/v1/contracts/basis-risk"),
    ("POST", "/v1/contracts/valuations"),
    ("POST", "/v1/contracts/solutions"),
    ("POST", "/v1/contracts/comparisons"),
    ("GET", "/v1/contracts/templates/{name}"),
    ("POST", "/v1/contracts/templates/{name}"),
]
OPERATIONS = [
    *WITH_WORDS,
    ("GET", "/v1/quotes/{quote_id}"),
    ("GET", "/v1/scenarios/{scenario_id}"),
    ("GET", "/v1/presets"),
    ("GET", "/v1/contracts/templates"),
    ("GET", "/v1/materials"),
    ("GET", "/v1/models"),
    ("GET", "/health"),
    ("GET", "/ready"),
]


def keeps_promises(document: Any, method: str, path: str, mode: GenerationMode) -> None:
    @settings(max_examples=FEW if path in LARGE else MANY, suppress_health_check=list(HealthCheck))
    @given(case=document[path][method].as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    holds()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_the_document_allows_is_answered_in_the_shape_it_promises(document: Any, method: str, path: str) -> None:
    keeps_promises(document, method, path, GenerationMode.POSITIVE)


@pytest.mark.parametrize(("method", "path"), WITH_WORDS)
def test_what_the_document_forbids_is_refused_in_the_shape_it_promises(document: Any, method: str, path: str) -> None:
    keeps_promises(document, method, path, GenerationMode.NEGATIVE)


def test_every_address_of_the_document_is_tried(client: Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert sorted((method.upper(), path) for path, methods in paths.items() for method in methods) == sorted(OPERATIONS)


def test_every_parameter_read_is_documented_and_the_other_way_round(client: Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path in (
        "/v1/prices/{material}",
        "/v1/history/{material}",
        "/v1/explanations/{material}",
        "/v1/models",
        "/v1/forecasts/{material}",
        "/v1/scoreboard",
    ):
        documented = {p["name"] for p in paths[path]["get"].get("parameters", []) if p["in"] == "query"}
        refused = client.get(path.replace("{material}", "NdPr"), params={"no such parameter": "1"}).json()
        allowed = refused["faults"][0]["allowed"].removeprefix("one of ").removeprefix("no parameter here")
        assert documented == {name for name in allowed.split(", ") if name}


@pytest.mark.parametrize("body", [MP_FLOOR, OWN_DECK])
def test_every_example_body_is_allowed_and_answered(client: Client, body: dict[str, Any]) -> None:
    Draft202012Validator(SCENARIO_SCHEMA).validate(body)
    assert client.post("/v1/scenarios", json=body).status_code == 200


def test_the_page_and_its_parts_come_from_here_and_run_no_inline_script(client: Client) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for name in ("docs.css", "docs.js"):
        part = client.get(f"/static/{name}")
        assert part.status_code == 200
        assert "http://" not in part.text
        assert "https://" not in part.text
    assert "onclick" not in page.text
    assert "<script>" not in page.text


@pytest.mark.parametrize("path", ["/health", "/v1/prices/NdPr", "/nowhere", "/v1/prices/Nd"])
def test_every_answer_is_safe_in_a_browser(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_loaded_model_is_ready_under_its_digest(client: Client) -> None:
    ready = client.get("/ready").json()
    assert ready["status"] == "ready"
    assert ready["bundle"] == client.get("/v1/models").json()["serving"]["bundle"]
