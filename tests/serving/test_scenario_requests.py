"""A scenario with mistakes is refused once, with every mistake, where it stands and the way out; nothing is a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from httpx import Client, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.documentation import OWN_DECK

FLOOR = OWN_DECK["floor"]


def post(client: Client, body: object, path: str = "/v1/scenarios") -> Response:
    return client.post(path, content=body if isinstance(body, bytes) else json.dumps(body).encode())


def faults(answered: Response) -> dict[str, dict[str, Any]]:
    assert answered.status_code == 422, answered.text
    return {fault["path"]: fault for fault in answered.json()["faults"]}


def test_one_refusal_lists_all_five_with_ranges_and_nearest_names(client: Client) -> None:
    body = {
        "material": "NdPr",
        "as_of": "1890-01-01",
        "overrides": [{"lever": "labor_cst", "scale": 1.1}, {"lever": "required_return.base", "set": -0.05}],
        "floor": FLOOR | {"amount": 140, "ceiling": 120, "tonnes_per_year": -6000},
        "deck": {"flat": 85},
    }
    found = faults(post(client, body))
    assert list(found) == [
        "overrides.0.lever",
        "overrides.1.set",
        "as_of",
        "floor.ceiling",
        "floor.tonnes_per_year",
    ]
    assert found["overrides.0.lever"]["nearest"] == "wages.all"
    assert "from 0.02 to 0.5" in found["overrides.1.set"]["allowed"]
    assert "evidence reaches from 0.08 to 0.12" in found["overrides.1.set"]["allowed"]
    assert "2026-03-20 to 2026-03-31" in found["as_of"]["allowed"]
    assert "at or above the floor of 140" in found["floor.ceiling"]["allowed"]
    assert "above 0" in found["floor.tonnes_per_year"]["allowed"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e400"])
@pytest.mark.parametrize("way", ["set", "scale", "add"])
def test_a_number_that_is_none_is_refused_where_it_stands(client: Client, number: str, way: str) -> None:
    body = f'{{"overrides": [{{"lever": "wages.china", "{way}": {number}}}]}}'.encode()
    assert f"overrides.0.{way}" in faults(post(client, body))


@pytest.mark.parametrize("ceiling", ["NaN", "1e999", "-Infinity", "true", '"high"', "[]", "150"])
def test_any_ceiling_is_refused_with_the_way_out(client: Client, ceiling: str) -> None:
    body = json.dumps(OWN_DECK | {"overrides": []}).replace('"amount"', f'"cap": {ceiling}, "amount"')
    assert "leave it out" in faults(post(client, body.encode()))["floor.cap"]["allowed"]


def test_what_stands_in_a_preset_and_beside_it_is_refused_under_the_preset(client: Client) -> None:
    body = {"preset": "yuan_up", "overrides": [{"lever": "fx.cny", "set": 0.15}]}
    assert faults(post(client, body))["preset"]["found"] == "fx.cny a second time"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "overrides"),
        ({"overrides": {}}, "overrides"),
        ({"overrides": [7]}, "overrides.0"),
        ({"overrides": [{"lever": "wages.china"}]}, "overrides.0"),
        ({"overrides": [{"lever": "wages.china", "set": 9, "scale": 2}]}, "overrides.0"),
        ({"overrides": [{"lever": "wages.china", "scale": 1.1, "form": "2027-01"}]}, "overrides.0.form"),
        ({"overrides": [{"lever": "wages.china", "scale": 1.1, "from": "2027-13"}]}, "overrides.0.from"),
        ({"overrides": [{"lever": "wages.china", "scale": 1.1, "to": "2026-03"}]}, "overrides.0.to"),
        ({"overrides": [], "material": "Nd"}, "material"),
        ({"overrides": [], "deck": {"flat": 85}}, "deck"),
        ({"overrides": [], "discount_rate": 0.05}, "discount_rate"),
        ({"overrides": [], "floor": FLOOR}, "material"),
        ({"overrides": [], "material": "NdPr", "floor": FLOOR}, "deck"),
        ({"overrides": [], "max_age_days": 3}, "max_age_days"),
        ({"preset": "yuan up"}, "preset"),
    ],
)
def test_each_mistake_is_told_where_it_stands(client: Client, body: dict[str, Any], path: str) -> None:
    assert path in faults(post(client, body))


def test_a_misspelt_field_beside_a_floor_is_not_taken_for_a_floor_alone(client: Client) -> None:
    found = faults(post(client, OWN_DECK | {"overides": []}))
    assert found["overides"]["nearest"] == "overrides"


@pytest.mark.parametrize("path", ["/v1/levers", "/v1/presets", "/v1/scenarios/scenario.x"])
def test_a_parameter_where_none_is_known_is_refused(client: Client, path: str) -> None:
    assert "colour" in faults(client.get(path, params={"colour": "red"}))


def test_an_unknown_group_is_refused_with_those_there_are(client: Client) -> None:
    fault = faults(client.get("/v1/levers", params={"group": "cost"}))["group"]
    assert (fault["nearest"], "policy" in fault["allowed"]) == ("costs", True)


@pytest.mark.parametrize(
    "name", ["scenario.x", f"scenario.{'0' * 12}.{'0' * 20}", "..%2f..%2fetc%2fpasswd", "price.NdPr", "%00"]
)
def test_an_id_that_is_none_is_unknown(client: Client, name: str) -> None:
    assert client.get(f"/v1/scenarios/{name}").status_code == 404


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
LEVERS = ("wages.china", "quota.mining", "capacity.sichuan", "export_quota.Dy", "fx.cny", "no such lever")
ROW = st.fixed_dictionaries(
    {},
    optional={
        "lever": st.sampled_from(LEVERS) | JSON,
        "set": JSON,
        "scale": st.sampled_from([-1, 0, 1e300, "2"]) | JSON,
        "add": JSON,
        "from": st.sampled_from(["2027-01", "1890-01", "2027-99"]) | JSON,
        "to": JSON,
    },
)
BODY = st.fixed_dictionaries(
    {},
    optional={
        "overrides": st.lists(ROW | JSON, max_size=3) | JSON,
        "preset": JSON,
        "material": JSON,
        "as_of": JSON,
        "floor": st.just(FLOOR) | JSON,
        "deck": JSON,
        "reference_region": JSON,
        "nonsense": JSON,
    },
)


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(body=BODY | JSON)
def test_nonsense_is_refused_with_the_way_out_or_answered(client: Client, body: object) -> None:
    for path, sent in (("/v1/scenarios", body), ("/v1/scenarios/batch", {"scenarios": [body]})):
        answered = post(client, sent, path)
        assert answered.status_code in (200, 201, 400, 422), answered.text
        if answered.status_code >= 400:
            assert all(fault["allowed"] for fault in answered.json()["faults"])
