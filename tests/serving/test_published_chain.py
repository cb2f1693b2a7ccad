"""The record of promotions is a chain: its order is its own, and what was altered, dropped or slipped in is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.promotion_record import END, breaks, end_of, in_order, linked
from serving.promotions import promotions

EARLY = {
    "promoted.20260401T080000.000000Z": json.dumps({"version": "1", "at": "2026-04-01T08:00:00Z", "by": "ann"}),
    "promoted.20260501T080000.000000Z": json.dumps({"version": "2", "at": "2026-05-01T08:00:00Z", "by": "ann"}),
}


def promoted(tags: dict[str, str], version: str, at: str = "2026-06-01T08:00:00Z", **more: Any) -> dict[str, str]:
    """Return the tags after one more promotion, as it is written."""
    line = linked({"version": version, "at": at, "by": "ann", "because": f"reason {version}", **more}, tags)
    return tags | {f"promoted.{at}.{line.number}": line.text, END: end_of(line)}


def record(*times: str, before: dict[str, str] | None = None) -> dict[str, str]:
    tags = dict(before or {})
    for version, at in enumerate(times, len(tags) + 1):
        tags = promoted(tags, str(version), at)
    return tags


def told(tags: dict[str, str]) -> str:
    return "; ".join(one.altered for one in promotions(tags) if one.altered)


def named(tags: dict[str, str], number: int) -> str:
    return next(line.name for line in in_order(tags) if line.number == number)


WHOLE = record("2026-06-01T08:00:00Z", "2026-07-01T08:00:00Z", "2026-08-01T08:00:00Z", before=EARLY)


def test_a_record_as_it_was_written_has_no_break_and_early_lines_come_first() -> None:
    assert list(breaks(WHOLE)) == []
    assert [one.version for one in promotions(WHOLE)] == ["1", "2", "3", "4", "5"]
    assert list(breaks(EARLY)) == list(breaks({})) == []


def test_a_clock_that_went_back_and_two_promotions_in_a_second_keep_their_order_and_times() -> None:
    times = ("2026-06-01T10:00:00Z", "2026-06-01T09:58:30Z", "2026-06-01T09:58:30Z")
    found = promotions(record(*times))
    assert [(one.version, one.at) for one in found] == [("1", times[0]), ("2", times[1]), ("3", times[2])]
    assert told(record(*times)) == ""


@pytest.mark.parametrize(
    ("number", "said"),
    [(3, "line 3 is not as it was when line 4 was written"), (5, "line 5 is not as it was written")],
    ids=["a line between", "the last line"],
)
def test_a_reason_edited_afterwards_is_told_with_the_line(number: int, said: str) -> None:
    name = named(WHOLE, number)
    altered = WHOLE | {name: WHOLE[name].replace("reason", "Reason")}
    assert told(altered) == said
    assert f"line {number} is not as it was when" in told(promoted(altered, "6"))  # a later promotion does not hide it


def test_an_early_line_edited_after_the_first_numbered_one_is_told() -> None:
    name = next(iter(EARLY))
    assert told(WHOLE | {name: EARLY[name].replace("ann", "bob")}).startswith("the 2 lines before line 3 are not as")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (3, "before line 4 there were 3 lines, and 2 are left"),
        (4, "before line 5 something is missing: the one before it is line 3"),
        (5, "the last line sealed is 5, the last one there 4: lines are missing"),
    ],
)
def test_a_line_that_is_gone_is_told(number: int, said: str) -> None:
    left = {name: text for name, text in WHOLE.items() if name != named(WHOLE, number)}
    assert said in told(left)
    assert told(promoted(left, "6")) != ""


def test_two_lines_with_one_number_and_a_line_slipped_in_without_one_are_told() -> None:
    one, other = promoted(WHOLE, "6"), promoted(WHOLE, "7", "2026-06-01T08:00:01Z")
    assert "line 6 is there twice: two machines promoted at the same time" in told(other | one)
    late = {"promoted.20260901T080000.000000Z": next(iter(EARLY.values()))}
    assert "before line 3 there were 2 lines, and 3 are left" in told(WHOLE | late)


def test_a_promotion_cut_short_before_its_seal_is_told_until_the_next_one() -> None:
    cut = promoted(WHOLE, "6") | {END: WHOLE[END]}
    assert "a promotion was cut short" in told(cut)
    assert told(promoted(cut, "7")) == ""


@given(number=st.integers(3, 5), place=st.integers(0, 200))
def test_no_character_of_a_numbered_line_can_be_altered_unseen(number: int, place: int) -> None:
    name = named(WHOLE, number)
    text = WHOLE[name]
    at = place % len(text)
    altered = text[:at] + ("#" if text[at] != "#" else "+") + text[at + 1 :]
    assert list(breaks(WHOLE | {name: altered})) != []
