"""What a question about stages must say: faults all at once, the way out, examples that hold, nonsense."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from pricing.errors import FairPriceError
from serving.desk import Desk
from serving.stages.documentation import (
    CARBONATE,
    CHINESE_OXIDE,
    CHINESE_PRICE,
    CUSTOMS_VALUE,
    EVERY_STAGE,
    FAIR_METAL,
    FLOOR_ON_METAL,
    LADDER_SCHEMA,
    MOTOR,
    TARIFF_SCHEMA,
)

from .conftest import Client, answer, faults

LADDER, TARIFF = "/v1/stages/ladder", "/v1/stages/tariff"
START = {"stage": "oxide", "usd_per_kg": 100}


def test_stated_prices_need_no_model_and_the_models_prices_do(client_of: Callable[..., Client], tmp_path: Path) -> None:
    empty = client_of(tmp_path)
    assert empty.post(LADDER, json=FLOOR_ON_METAL).status_code == 200
    assert empty.post(TARIFF, json=CUSTOMS_VALUE).status_code == 200
    assert empty.post(LADDER, json=FAIR_METAL).status_code == 503


def test_one_answer_lists_all_faults_of_a_ladder(client: Client) -> None:
    body = {
        "material": "Nd",
        "as_of": "2026-02-28",
        "start": {"stage": "oxid", "usd_per_kg": float("nan"), "regoin": "china"},
        "to": "magnets",
        "change": "15",
        "per_unit": {"kg": 0},
        "steps": {
            "made_in": "China",
            "reduction": {"kg_in": 3, "recovery": 0, "tol": 12},
            "separation": {"share": 0.9, "others": {"Ce!": {"share": 0.3, "usd_per_kg": 1}, "Dy": {"share": 0.3}}},
            "smelting": {},
        },
        "labor_cst": 2,
    }
    found = faults(client.post(LADDER, content=json.dumps(body)))
    assert set(found) == {
        "material",
        "as_of",
        "start.stage",
        "start.usd_per_kg",
        "start.regoin",
        "to",
        "change",
        "per_unit.kg",
        "steps.made_in",
        "steps.reduction.kg_in",
        "steps.reduction.recovery",
        "steps.reduction.tol",
        "steps.separation.others.Ce!",
        "steps.separation.others.Dy.usd_per_kg",
        "steps.smelting",
        "labor_cst",
    }
    assert found["start.stage"]["nearest"] == "oxide"
    assert found["steps.reduction.tol"]["nearest"] == "toll"


def test_one_answer_lists_all_faults_of_a_tariff(client: Client) -> None:
    body = {
        "material": "NdPr",
        "imports": {
            "oxide": {"basis": "fob", "amount": 0, "vat_rate": 0.13},
            "metal": {"basis": "domestic ex VAT", "amount": 700, "currency": "CNY"},
            "alloy": {"basis": "FOB", "amount": 60, "fx_per_usd": 7, "vat_refund_share": 0},
            "metl": {},
        },
        "rate": -0.25,
        "duty_on": "exw",
        "freight": float("inf"),
    }
    assert set(faults(client.post(TARIFF, content=json.dumps(body)))) == {
        "imports.oxide.basis",
        "imports.oxide.amount",
        "imports.metal.fx_per_usd",
        "imports.metal.vat_refund_share",
        "imports.alloy.fx_per_usd",
        "imports.alloy.vat_refund_share",
        "imports.metl",
        "rate",
        "duty_on",
        "freight",
    }


FOB = {"basis": "FOB", "amount": 100}
CIF = {"basis": "CIF", "amount": 1}
DECLARED = {"basis": "customs value", "amount": 100}
OTHERS_OF = "steps.separation.others"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({}, "rate"),
        ({"imports": {}}, "imports"),
        ({"freight": 1, "rate": 0.1}, "duty_on"),
        ({"imports": {"oxide": CIF}, "rate": 0.1}, "duty_on"),
        ({"imports": {"oxide": CIF}, "rate": 0.1, "duty_on": "fob"}, "freight"),
        ({"rate": 0.1, "duty_on": "cif"}, "freight"),
        ({"imports": {"oxide": CIF}, "rate": 0.1, "duty_on": "fob", "freight": 1}, "imports.oxide.amount"),
        ({"imports": {"oxide": DECLARED}, "rate": 0.1, "duty_on": "cif", "freight": 1}, "freight"),
        ({"imports": {"oxide": FOB, "metal": FOB}, "import_steps": {}, "rate": 0.1}, "imports"),
        ({"imports": {"oxide": CHINESE_OXIDE}, "import_steps": {}, "rate": 0.1}, "imports.oxide.vat_rate"),
        (
            {"imports": {"metal": {"basis": "FOB", "amount": 9}}, "import_steps": {}, "rate": 0.1},
            "imports.metal.amount",
        ),
        ({"reference_steps": {}, "rate": 0.1}, "reference_steps"),
        ({"as_of": "2026-02-28", "rate": 0.1}, "as_of"),
        ({"imports": {"magnet": FOB}, "reference": START}, "reference_steps.alloying.toll"),
        ({"reference": {"stage": "oxide"}}, "reference.usd_per_kg"),
        ({"as_of": "2026-02-28", "reference": START}, "as_of"),
        ({"reference": {"from": "fair", "usd_per_kg": 1}}, "reference.usd_per_kg"),
        ({"reference": {"from": "fair", "stage": "metal"}}, "reference.stage"),
        ({"material": "Dy", "reference": {"from": "fair"}}, "reference.from"),
    ],
)
def test_a_question_that_leaves_something_open_is_refused(client: Client, changes: dict[str, Any], path: str) -> None:
    body = {"material": "NdPr", "imports": {"oxide": FOB}} | changes
    assert path in faults(client.post(TARIFF, json=body))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"to": "magnet"}, "steps.magnet_making.toll"),
        ({"to": "concentrate"}, "steps.separation.share"),
        ({"per_unit": {"kg": 2}}, "steps.alloying.toll"),
        ({"start": {"stage": "oxide"}}, "start.usd_per_kg"),
        ({"start": START | {"region": "china"}}, "start.region"),
        ({"steps": {"separation": {"share": 0.6, "others": {"Ce": {"share": 0.5, "usd_per_kg": 1}}}}}, OTHERS_OF),
        ({"steps": {"separation": {"share": 0.1, "others": {f"x{n}": {} for n in range(21)}}}}, OTHERS_OF),
        ({"start": {"from": "fair", "region": "china"}}, "start.region"),
        ({"start": {"from": "market"}, "as_of": "1890-01-01"}, "as_of"),
    ],
)
def test_a_ladder_that_leaves_something_open_is_refused(client: Client, changes: dict[str, Any], path: str) -> None:
    assert path in faults(client.post(LADDER, json={"material": "NdPr", "start": START} | changes))


LADDERS = [FLOOR_ON_METAL, CARBONATE, MOTOR, FAIR_METAL]
TARIFFS = [CUSTOMS_VALUE, CHINESE_PRICE, EVERY_STAGE]


@pytest.mark.parametrize(
    ("path", "schema", "body"),
    [(LADDER, LADDER_SCHEMA, body) for body in LADDERS] + [(TARIFF, TARIFF_SCHEMA, body) for body in TARIFFS],
)
def test_every_example_is_allowed_and_answered(
    client: Client, path: str, schema: dict[str, Any], body: dict[str, Any]
) -> None:
    Draft202012Validator(schema).validate(body)
    answer(client, path, body)


TEXT = st.text(alphabet="aé\ud8002-. ", max_size=8)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(TEXT, PLAIN, max_size=2)
STEP = st.dictionaries(st.sampled_from(["kg_in", "recovery", "toll", "share", "payable", "others"]), JSON, max_size=4)
NUMBERS = st.sampled_from([1e-6, 0.01, 0.5, 1, 1.5, 100, 1e6, 1e10, -1, 0])
LADDER_FIELDS = st.sampled_from(["material", "start", "to", "change", "per_unit", "as_of"])
TARIFF_FIELDS = st.sampled_from(["imports", "duty_on", "rate", "reference", "as_of"])
IMPORT_FIELDS = st.sampled_from([*FOB, "currency", "unit", "fx_per_usd", "vat_rate", "vat_refund_share"])
STEPS = st.dictionaries(
    st.sampled_from(["cracking", "separation", "reduction", "alloying", "magnet_making", "made_in"]),
    JSON | STEP | st.fixed_dictionaries({}, optional={"kg_in": NUMBERS, "toll": NUMBERS, "share": NUMBERS}),
    max_size=5,
)


@given(
    changed=st.dictionaries(LADDER_FIELDS, JSON, max_size=2),
    steps=JSON | STEPS,
    price=NUMBERS,
    stage=st.sampled_from(["concentrate", "oxide", "magnet"]),
)
def test_whatever_ladder_is_sent_only_our_own_errors_come_back(
    desk: Desk, changed: dict[str, Any], steps: Any, price: float, stage: str
) -> None:
    body = {"material": "NdPr", "start": {"stage": stage, "usd_per_kg": price}, "steps": steps} | changed
    try:
        desk.ladder(json.dumps(body).encode())
    except FairPriceError:
        return


@given(
    changed=st.dictionaries(TARIFF_FIELDS, JSON, max_size=2),
    stated=st.dictionaries(IMPORT_FIELDS, JSON | NUMBERS, max_size=3),
    basis=st.sampled_from(["customs value", "FOB", "CIF", "domestic inc VAT", "domestic ex VAT"]),
    steps=JSON | STEPS,
    numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS),
)
def test_whatever_tariff_is_asked_only_our_own_errors_come_back(
    desk: Desk,
    changed: dict[str, Any],
    stated: dict[str, Any],
    basis: str,
    steps: Any,
    numbers: tuple[float, float, float],
) -> None:
    amount, reference, freight = numbers
    oxide = {"basis": basis, "amount": amount, "reference": reference} | stated
    body = {"material": "NdPr", "imports": {"oxide": oxide}, "import_steps": steps, "freight": freight}
    try:
        desk.tariff(json.dumps(body | {"duty_on": "cif"} | changed).encode())
    except FairPriceError:
        return
