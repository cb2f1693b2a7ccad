from typing import Any

import pytest

from pricing.errors import DataError, InputError
from pricing.parameters import Parameter, ParameterSet


def parameter(name: str = "acid", **changes: Any) -> Parameter:
    fields = {
        "value": 2.5,
        "unit": "kg",
        "source": "survey",
        "as_of": "2024",
        "low": 2.0,
        "high": 3.0,
        "confidence": "low",
        "read_or_recall": "recall",
    }
    return Parameter(name, **(fields | changes))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"low": 2.6}, "low <= value"),
        ({"high": float("nan")}, "finite"),
        ({"value": float("inf"), "high": float("inf")}, "finite"),
        ({"unit": " "}, "unit"),
        ({"source": ""}, "source"),
        ({"as_of": ""}, "as_of"),
        ({"confidence": "sure"}, "confidence"),
        ({"read_or_recall": "guessed"}, "read_or_recall"),
    ],
)
def test_a_parameter_without_range_unit_source_or_origin_is_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(DataError, match=word):
        parameter(**changes)


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(DataError, match="twice"):
        ParameterSet([parameter(), parameter()])


def test_replacing_leaves_the_first_set_as_it_was_and_widens_the_range() -> None:
    first = ParameterSet([parameter()])
    second = first.replace({"acid": 4.0})
    assert (first.value("acid"), second.value("acid"), second["acid"].high) == (2.5, 4.0, 4.0)


def test_replacing_nothing_changes_nothing() -> None:
    first = ParameterSet([parameter(), parameter("soda")])
    assert dict(first.replace({})) == dict(first)


def test_every_unknown_name_is_reported_at_once_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        ParameterSet([parameter()]).replace({"acd": 1.0, "soda": 2.0})
    assert [(fault.path, fault.nearest) for fault in caught.value.faults] == [("acd", "acid"), ("soda", None)]


def test_a_branch_is_named_without_its_prefix_and_joins_back() -> None:
    whole = ParameterSet([parameter("a.x"), parameter("a.b.y"), parameter("ab.z")])
    branch = whole.under("a")
    assert list(branch) == ["x", "b.y"]
    assert len(branch.joined(ParameterSet([parameter("z")]))) == 3
    assert "a.x" in whole
    assert "x" not in whole
