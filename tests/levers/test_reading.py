"""Rows to overrides: every fault at once, each with its place, what is allowed and the nearest name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.errors import Fault, InputError
from pricing.levers import Levers, Override, Way, plain, read_overrides
from pricing.levers.reading import MOST

MONTHS = ("2026-03", "2036-02")
Read = Callable[[object], tuple[Override, ...]]
Refused = Callable[..., list[Fault]]


@pytest.fixture(scope="session")
def read(levers: Levers, baselines: Mapping[str, float]) -> Read:
    return lambda rows: read_overrides(rows, levers, baselines, MONTHS)


@pytest.fixture(scope="session")
def faults(read: Read) -> Refused:
    def found(*rows: object) -> list[Fault]:
        with pytest.raises(InputError) as refused:
            read(list(rows))
        return list(refused.value.faults)

    return found


def test_no_override_is_the_baseline(read: Read) -> None:
    assert read([]) == ()


def test_a_row_is_read_with_its_months(read: Read) -> None:
    (found,) = read([{"lever": "wages.china", "scale": Decimal("1.1"), "from": "2027-01", "to": "2027-12"}])
    assert (found.way, found.amount, found.first, found.last) == (Way.SCALE, 1.1, "2027-01", "2027-12")
    assert found.value == pytest.approx(11.0)


def test_an_end_without_a_beginning_begins_now(read: Read) -> None:
    (found,) = read([{"lever": "wages.china", "add": 1, "to": "2026-12"}])
    assert (found.first, found.last) == ("2026-03", "2026-12")


def test_a_beginning_without_an_end_holds_for_good(read: Read) -> None:
    (found,) = read([{"lever": "wages.china", "add": 1, "from": "2027-01"}])
    assert (found.first, found.last) == ("2027-01", None)


def test_five_faults_come_back_at_once(faults: Refused) -> None:
    found = faults(
        {"lever": "required_return.base", "set": -0.05},
        {"lever": "labor_cst", "scale": 1.1},
        {"lever": "wages.china", "scale": 1.1, "from": "1890-01"},
        {"lever": "capacity.greenfield", "set": -100},
        {"lever": "wages.all", "set": float("nan")},
    )
    assert [fault.path for fault in found] == [
        *("overrides.0.set", "overrides.1.lever", "overrides.2.from", "overrides.3.set", "overrides.4.set")
    ]
    assert "0.02 to 0.5" in found[0].allowed
    assert "0.08 to 0.12" in found[0].allowed  # and where evidence was seen
    assert found[1].nearest == "wages.all"
    assert "2026-03 to 2036-02" in found[2].allowed
    assert "0 to 500000 (t)" in found[3].allowed


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("labor_cst", "wages.all"),
        ("WACC", "required_return.base"),
        ("Wages in china", "wages.china"),
        ("Dy export ban", "export_quota.Dy"),
        ("export_quota.tb", "export_quota.Tb"),
        ("xyzzy", None),
    ],
)
def test_an_unknown_name_is_answered_by_the_one_meant(said: str, meant: str | None, faults: Refused) -> None:
    (fault,) = faults({"lever": said, "set": 1})
    assert (fault.path, fault.found, fault.nearest) == ("overrides.0.lever", said, meant)


def test_the_range_of_a_factor_is_told_in_factors(faults: Refused) -> None:
    (fault,) = faults({"lever": "wages.china", "scale": 50})
    assert "0.05 to 20 (times the baseline); evidence reaches from 0.5 to 1.2" in fault.allowed


def test_the_range_of_what_is_added_is_told_from_the_baseline(faults: Refused) -> None:
    (fault,) = faults({"lever": "wages.china", "add": -10})
    assert "-9.5 to 190 (t) on top of 10" in fault.allowed


def test_nothing_cannot_be_scaled(faults: Refused) -> None:
    (fault,) = faults({"lever": "capacity.greenfield", "scale": 2})
    assert fault.path == "overrides.0.scale"
    assert "set or add: the baseline of capacity.greenfield is nil" in fault.allowed


def test_a_value_is_stated_in_one_way(faults: Refused) -> None:
    both, none = faults({"lever": "wages.china", "set": 11, "add": 1}, {"lever": "wages.china"})
    assert (both.path, both.found, both.allowed) == ("overrides.0", "set and add", "exactly one of set, scale, add")
    assert (none.path, none.found) == ("overrides.1", "nothing")


def test_a_way_that_the_lever_lacks_is_refused(faults: Refused) -> None:
    (fault,) = faults({"lever": "wages.all", "add": 0.1})
    assert (fault.path, fault.allowed) == ("overrides.0.add", "set or scale, the ways of this lever")


@pytest.mark.parametrize(
    "amount", [True, "1.1", [1.1], {}, float("inf"), -float("inf"), Decimal("NaN"), Decimal("sNaN"), 10**400]
)
def test_what_is_no_finite_number_is_refused(amount: object, faults: Refused) -> None:
    (fault,) = faults({"lever": "wages.china", "scale": amount})
    assert fault.path == "overrides.0.scale"


def test_a_lever_has_one_value_in_a_month(faults: Refused) -> None:
    (fault,) = faults(
        {"lever": "wages.china", "scale": 1.1, "to": "2027-12"},
        {"lever": "wages.china", "scale": 1.2, "from": "2027-12"},
    )
    assert (fault.path, fault.found) == ("overrides.1.lever", "wages.china a second time")


def test_a_lever_may_have_two_values_one_after_the_other(read: Read) -> None:
    rows = [
        {"lever": "wages.china", "scale": 1.1, "to": "2027-12"},
        {"lever": "wages.china", "scale": 1.2, "from": "2028-01"},
    ]
    assert [found.amount for found in read(rows)] == [1.1, 1.2]


def test_what_holds_for_good_leaves_no_month_for_a_second_value(faults: Refused) -> None:
    rows = ({"lever": "wages.china", "scale": 1.1}, {"lever": "wages.china", "scale": 1.2, "from": "2030-01"})
    assert [fault.path for fault in faults(*rows)] == ["overrides.1.lever"]


def test_an_end_before_the_beginning_is_refused(faults: Refused) -> None:
    (fault,) = faults({"lever": "wages.china", "scale": 1.1, "from": "2028-01", "to": "2027-01"})
    assert (fault.path, fault.found) == ("overrides.0.to", "2027-01")
    assert fault.allowed == "a month from 2028-01 to 2036-02"


@pytest.mark.parametrize("month", ["2027-13", "2027-1", "2027-01-01", "1890-01", "2099-01", 202701, "next year", True])
def test_a_month_is_written_one_way_and_lies_within_the_path(month: object, faults: Refused) -> None:
    (fault,) = faults({"lever": "wages.china", "scale": 1.1, "from": month})
    assert (fault.path, fault.allowed) == ("overrides.0.from", "a month from 2026-03 to 2036-02, written YYYY-MM")


@pytest.mark.parametrize(("first", "last"), [("2027-03", "2027-03"), ("2027-03", "2027-04"), ("2036-02", "2036-02")])
def test_a_spell_too_short_for_any_quarter_is_refused(first: str, last: str, faults: Refused) -> None:
    (fault,) = faults({"lever": "wages.china", "scale": 1.1, "from": first, "to": last})
    assert (fault.path, fault.found) == ("overrides.0", f"{first} to {last}")


def test_two_months_of_one_quarter_are_enough(read: Read) -> None:
    assert len(read([{"lever": "wages.china", "scale": 1.1, "from": "2027-02", "to": "2027-03"}])) == 1


def test_a_field_nobody_reads_is_named(faults: Refused) -> None:
    (fault,) = faults({"lever": "wages.china", "scale": 1.1, "form": "2027-01"})
    assert (fault.path, fault.found, fault.nearest) == ("overrides.0.form", "form", "from")


def test_a_lever_left_out_is_a_fault_of_its_own(faults: Refused) -> None:
    (fault,) = faults({"scale": 1.1})
    assert (fault.path, fault.found) == ("overrides.0.lever", "nothing")


def test_more_overrides_than_are_solved_one_by_one_are_refused(faults: Refused) -> None:
    found = faults(*[{"lever": "wages.all", "set": 1.1, "from": f"{2027 + i}-01"} for i in range(MOST + 1)])
    assert ("overrides", f"{MOST + 1} overrides", f"at most {MOST}") in {(f.path, f.found, f.allowed) for f in found}


@pytest.mark.parametrize("rows", [None, {}, "wages.china", 3, True])
def test_what_is_no_list_is_refused(rows: object, read: Read) -> None:
    with pytest.raises(InputError, match="a list of overrides"):
        read(rows)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=8,
)
NAMES = ("wages.all", "wages.china", "required_return.base", "capacity.greenfield", "export_quota.Dy")
NEARLY = st.fixed_dictionaries(
    {"lever": st.sampled_from(NAMES) | JSON},
    optional={
        "set": st.floats(0, 1) | JSON,
        "scale": st.floats(0.5, 2) | JSON,
        "add": st.floats(-1, 1) | JSON,
        "from": st.sampled_from(["2026-03", "2027-01", "2036-02"]) | JSON,
        "to": st.sampled_from(["2026-04", "2027-06", "2036-02"]) | JSON,
        "note": JSON,
    },
)


def outcome(read: Read, rows: object) -> tuple[tuple[Override, ...], tuple[Fault, ...]]:
    try:
        return read(rows), ()
    except InputError as refused:
        return (), refused.faults


@settings(max_examples=300)
@given(rows=JSON | st.lists(NEARLY | JSON, max_size=4))
def test_whatever_is_sent_is_read_or_refused(rows: object, read: Read) -> None:
    found, faults = outcome(read, rows)
    assert all(f"{fault}".encode() for fault in faults)  # and every fault can be printed
    assert all(isinstance(override, Override) for override in found)
    assert read(plain(found)) == found


@given(
    amount=st.floats(0.05, 20.0),
    first=st.none() | st.sampled_from(["2026-04", "2030-01"]),
    last=st.none() | st.sampled_from(["2030-06", "2036-02"]),
)
def test_overrides_survive_their_plain_rows(amount: float, first: str | None, last: str | None, read: Read) -> None:
    row = {"lever": "wages.china", "scale": amount, "from": first, "to": last}
    found = read([row])
    assert read(plain(found)) == found
