"""Explanations over both doors: sums close, bands stay bands, a bad question is refused with every fault at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from httpx import Client

from pricing.bundle import Bundle, sealed_digest, write_bundle
from pricing.bundle_tables import change_column, empty_table, fair_column
from pricing.explain.gap import ON_PRIORS
from pricing.explain.lines import CHANGES, COSTS, MARGIN, MODEL_VERSION
from serving import cli
from serving.desk import Desk
from serving.explanations.titles import INTERVAL
from serving.model_store import DirectoryStore

TODAY = date(2026, 4, 10)
SPAN = {"from": "2025-11", "to": "2026-02"}
SUMS_TO = 1e-9
HEADLINE = fair_column("long_run", "market_economy", "mean")


def asked(client: Client, material: str = "NdPr", **query: str) -> dict[str, Any]:
    answered = client.get(f"/v1/explanations/{material}", params=query or SPAN)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def values(lines: list[dict[str, Any]]) -> dict[str, float | None]:
    return {line["item"]: line["value"] for line in lines}


def total(lines: list[dict[str, Any]]) -> float:
    return sum(line["value"] for line in lines if line["value"] is not None)


@pytest.mark.parametrize("vintage", ["as_known", "latest"])
def test_lines_add_up_to_the_change_and_costs_to_the_price(client: Client, vintage: str) -> None:
    found = asked(client, vintage=vintage, **SPAN)
    assert tuple(values(found["parts_of_change"])) == CHANGES
    assert total(found["parts_of_change"]) == pytest.approx(found["change"]["value"], abs=SUMS_TO)
    assert found["change"]["value"] == pytest.approx(
        found["last"]["fair"]["value"] - found["first"]["fair"]["value"], abs=SUMS_TO
    )
    for end in ("first", "last"):
        assert tuple(values(found[end]["cost_stack"])) == (*COSTS, MARGIN)
        assert total(found[end]["cost_stack"]) == pytest.approx(found[end]["fair"]["value"], abs=SUMS_TO)


def test_the_fair_prices_explained_are_those_of_the_history(client: Client) -> None:
    rows = client.get("/v1/history/NdPr", params=SPAN).json()["rows"]
    found = asked(client)
    assert [row["fair_long_run_usd_per_kg"] for row in (rows[0], rows[-1])] == [
        found[end]["fair"]["value"] for end in ("first", "last")
    ]


def test_two_spans_that_meet_add_up_line_by_line(client: Client) -> None:
    whole, before, after = (
        values(asked(client, **{"from": start, "to": end})["parts_of_change"])
        for start, end in (("2024-03", "2026-02"), ("2024-03", "2025-05"), ("2025-05", "2026-02"))
    )
    for line, value in whole.items():
        assert (before[line] or 0) + (after[line] or 0) == pytest.approx(value, abs=SUMS_TO)


def test_a_month_against_itself_did_not_move(client: Client) -> None:
    found = asked(client, **{"from": "2025-06", "to": "2025-06"})
    assert set(values([*found["parts_of_change"], found["change"]]).values()) == {0.0}


def test_left_out_months_are_the_last_step(client: Client) -> None:
    found = asked(client, vintage="as_known")
    assert (found["first"]["month"], found["last"]["month"]) == ("2026-01", "2026-02")
    assert asked(client, to="2024-01")["first"]["month"] == "2024-01"


@pytest.mark.parametrize("region", ["china", "ex_china"])
def test_the_gap_adds_up_with_what_rests_on_priors_as_one_line(client: Client, region: str) -> None:
    at = asked(client)["markets"][region]
    for end in (at["first"], at["last"]):
        assert total(end["parts"]) == pytest.approx(end["total"], abs=SUMS_TO)
    moved = {line["item"]: line["value"] for line in at["parts_of_market_change"]}
    assert {"fair_price", "unexplained"} <= set(moved)
    parts = {part["item"]: part for part in at["last"]["parts"]}
    assert parts["vat_not_refunded"]["value"] is not None  # observed in 2026
    assert (parts["illegal_output"]["value"], parts["environment"]["value"]) == (None, None)
    assert parts["environment"]["low"] < parts["environment"]["high"]
    assert parts[ON_PRIORS]["value"] is not None


@pytest.mark.parametrize("start", ["2025-11", "2026-01"])  # what is observed in 2026 was assumed in 2025
@pytest.mark.parametrize("region", ["china", "ex_china"])
def test_the_parts_of_the_markets_move_add_up_to_it(client: Client, start: str, region: str) -> None:
    at = asked(client, **{"from": start, "to": "2026-02"})["markets"][region]
    assert total(at["parts_of_market_change"]) == pytest.approx(at["market_change"]["value"], abs=SUMS_TO)


def test_a_band_gives_bands_and_no_points(client: Client) -> None:
    found = asked(client, "Dy")
    gaps = [end for at in found["markets"].values() for end in (at["first"], at["last"])]
    lines = [*found["parts_of_change"], found["change"], *found["last"]["cost_stack"], found["last"]["fair"]]
    lines += [part for gap in gaps for part in gap["parts"]]
    lines += [line for at in found["markets"].values() for line in at["parts_of_market_change"]]
    assert {line["value"] for line in lines} == {None}
    assert all(line["low"] is not None for line in found["parts_of_change"])
    assert {gap["total"] for gap in gaps} == {None}
    assert found["flags"][0]["code"] == "band"
    assert "no point" in " ".join(found["words"])


@pytest.mark.parametrize("start", ["2024-01", "2025-06", "2025-11", "2026-01"])
@pytest.mark.parametrize("end", ["low", "high"])
def test_where_there_is_no_point_each_end_adds_up_and_its_change_is_the_difference_of_the_ends(
    client: Client, start: str, end: str
) -> None:
    found = asked(client, "Dy", **{"from": start, "to": "2026-02"})
    moved = found["last"]["fair"][end] - found["first"]["fair"][end]
    assert found["change"][end] == pytest.approx(moved, abs=SUMS_TO)
    assert sum(line[end] for line in found["parts_of_change"]) == pytest.approx(moved, abs=SUMS_TO)
    for month in ("first", "last"):
        stack = [line[end] for line in found[month]["cost_stack"] if line[end] is not None]
        assert sum(stack) == pytest.approx(found[month]["fair"][end], abs=SUMS_TO)


def test_a_point_has_no_line_for_the_width_of_its_interval(client: Client) -> None:
    assert INTERVAL not in values(asked(client)["parts_of_change"])
    assert [line["item"] for line in asked(client, "Dy")["parts_of_change"]][-1] == INTERVAL


def test_a_refusal_gives_no_number_of_a_fair_price(client: Client) -> None:
    found = asked(client, "Tb")
    assert (found["parts_of_change"], found["last"]["cost_stack"]) == ([], [])
    assert {found["change"]["value"], found["change"]["low"], found["last"]["fair"]["low"]} == {None}
    assert all(not at["last"]["parts"] for at in found["markets"].values())
    assert "refused" in {flag["code"] for flag in found["flags"]}


def test_the_words_name_span_basis_and_the_signed_change(client: Client) -> None:
    found = asked(client)
    told = found["words"][0]
    for part in ("2025-11", "2026-02", f"{found['change']['value']:+,.2f}", "USD/kg NdPr oxide", "ex VAT"):
        assert part in told
    assert not any(word in " ".join(found["words"]) for word in ("because", "due to", "driven"))


def test_both_doors_say_the_same(capfd: pytest.CaptureFixture[str], client: Client, door: None) -> None:
    assert cli.app(["explain", "NdPr", "--from", "2025-11", "--to", "2026-02", "--json"]) == 0
    assert capfd.readouterr().out == client.get("/v1/explanations/NdPr", params=SPAN).text + "\n"


@pytest.mark.parametrize("material", ["NdPr", "Dy", "Tb"])
def test_a_person_reads_flags_first_in_eighty_columns(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, material: str, door: None
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.app(["explain", material]) == 0
    out = capfd.readouterr().out
    assert "\N{HORIZONTAL ELLIPSIS}" not in out
    bullets = [line[0] for line in out.splitlines() if line[:2] in ("! ", "- ")]
    assert bullets == sorted(bullets)  # flags before sentences
    assert max(map(len, out.splitlines())) <= 80


def test_one_answer_lists_all_faults(client: Client) -> None:
    query = {"from": "2026-13", "to": "2031-01", "vintage": "lates", "said_by": "abc", "form": "oxide"}
    refused = client.get("/v1/explanations/Ndpr", params=query)
    assert refused.status_code == 422
    found = {fault["path"]: fault for fault in refused.json()["faults"]}
    assert set(found) == {"material", *query}
    assert (found["material"]["nearest"], found["vintage"]["nearest"]) == ("NdPr", "latest")
    assert "2024-01 to 2026-02" in found["to"]["allowed"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"from": "2023-12"}, "from"),
        ({"to": "2023-12"}, "to"),
        ({"from": "2026-02", "to": "2025-02"}, "to"),
        ({"from": "2025-2"}, "from"),
        ({"vintage": "2023-12-01"}, "vintage"),
        ({"said_by": "0" * 12}, "said_by"),
    ],
)
def test_months_vintages_and_models_that_are_not_there_are_refused(
    client: Client, query: dict[str, str], path: str
) -> None:
    refused = client.get("/v1/explanations/NdPr", params=query)
    assert (refused.status_code, [fault["path"] for fault in refused.json()["faults"]]) == (422, [path])


def test_a_model_without_the_account_says_so_and_still_gives_the_gap(
    client_of: Callable[..., Client], bundle: Bundle, tmp_path: Path
) -> None:
    write_bundle(replace(bundle, explanations=empty_table("explanations")), tmp_path / "bundle")
    found = asked(client_of(tmp_path / "bundle"))
    assert found["parts_of_change"] == []
    assert found["change"]["value"] is not None
    assert "no_explanation" in {flag["code"] for flag in found["flags"]}
    assert found["markets"]["china"]["last"]["parts"]


@pytest.fixture(scope="module")
def earlier(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An earlier model, which said five per cent less, in a folder of its own."""
    folder = tmp_path_factory.mktemp("two") / "earlier"
    history = bundle.history_as_known.copy()
    history[HEADLINE] = 0.95 * history[HEADLINE]
    write_bundle(replace(bundle, history_as_known=history, seed=2), folder)
    return folder


@pytest.fixture(scope="module")
def two_models(bundle_folder: Path, client_of: Callable[..., Client], earlier: Path) -> tuple[Client, str]:
    """Return a service that keeps the earlier model beside the one that serves, and the earlier one's digest."""
    folder = earlier.parent
    shutil.copytree(bundle_folder, folder / "serving")
    (folder / "champion").write_text("serving")
    return client_of(folder), sealed_digest(earlier)


def test_what_an_earlier_model_said_is_bridged_by_a_line_of_its_own(two_models: tuple[Client, str]) -> None:
    client, digest = two_models
    plain, bridged = asked(client), asked(client, said_by=digest[:12], **SPAN)
    assert bridged["said_by"]["bundle"] == digest
    assert total(bridged["parts_of_change"]) == pytest.approx(bridged["change"]["value"], abs=SUMS_TO)
    moved = values(bridged["parts_of_change"])
    said = bridged["first"]["fair"]["value"]
    assert said == pytest.approx(0.95 * plain["first"]["fair"]["value"], abs=1e-4)
    assert moved.pop(MODEL_VERSION) == pytest.approx(plain["first"]["fair"]["value"] - said, abs=SUMS_TO)
    assert moved == values(plain["parts_of_change"])


def quoted_by(folder: Path, **query: str) -> str:
    """Return the id of a quote of November 2025 that the model in a folder gave."""
    desk = Desk(DirectoryStore(folder), lambda: TODAY)
    found: str = json.loads(desk.price("NdPr", [("as_of", "2025-12-31"), *query.items()]))["quote_id"]
    return found


def test_an_earlier_quote_id_alone_says_material_month_and_model(two_models: tuple[Client, str], earlier: Path) -> None:
    client, digest = two_models
    quote_id = quoted_by(earlier)
    found = asked(client, said_in=quote_id)
    same = asked(client, said_by=digest[:12], **{"from": "2025-11", "to": "2026-02"})
    assert found.pop("said_in") == quote_id
    assert same.pop("said_in") is None
    assert found == same
    assert total(found["parts_of_change"]) == pytest.approx(found["change"]["value"], abs=SUMS_TO)


def test_a_quote_in_other_terms_is_explained_on_our_basis_and_says_so(
    two_models: tuple[Client, str], earlier: Path
) -> None:
    client, _ = two_models
    plain, metal = (
        asked(client, said_in=quoted_by(earlier, **query))
        for query in ({}, {"form": "metal", "unit": "t", "currency": "CNY"})
    )
    assert metal["change"] == plain["change"]
    told = next(flag["text"] for flag in metal["flags"] if flag["code"] == "quoted_otherwise")
    assert "CNY/t of metal" in told


def test_a_quote_that_is_still_the_same_is_told_in_one_line(
    bundle_folder: Path, client: Client, door: None, capsys: pytest.CaptureFixture[str]
) -> None:
    for material, told in (("NdPr", "still 75.00 (80 %: "), ("Dy", "still a band and no point, "), ("Tb", "still no ")):
        said = client.get(f"/v1/prices/{material}").json()
        found = asked(client, material, said_in=said["quote_id"])
        assert found["unchanged"]
        (line,) = found["words"]
        assert line.startswith(f"Nothing has changed since: {told}")
        assert cli.app(["explain", "--quote", said["quote_id"]]) == 0
        out = capsys.readouterr().out.splitlines()
        assert " ".join(part.strip() for part in out[:-1]) == line
    assert not asked(client, **SPAN)["unchanged"]


def test_where_the_model_in_use_refuses_what_was_said_is_repeated_with_both_models_and_what_differs(
    bundle: Bundle, client_of: Callable[..., Client], tmp_path: Path
) -> None:
    refusing = bundle.history_as_known.copy()
    refusing.loc[refusing["material"] == "NdPr", ["status", "reason"]] = ("refused", "too few draws")
    write_bundle(replace(bundle, seed=2, draws=77), tmp_path / "earlier")
    write_bundle(replace(bundle, history_as_known=refusing, dataset_digest="e" * 64), tmp_path / "serving")
    (tmp_path / "champion").write_text("serving")
    quote_id, digest = quoted_by(tmp_path / "earlier"), sealed_digest(tmp_path / "earlier")
    found = asked(client_of(tmp_path), said_in=quote_id)
    words = found["words"]
    assert words[0].startswith("No change of the fair price of NdPr can be given")
    value = found["first"]["fair"]["value"]
    assert words[1].startswith(f"Said before: {value:.2f} (80 %: ")
    assert words[1].endswith(f"for 2025-11, by version {digest[:12]}, bundle {digest[:12]}.")
    assert words[2].startswith("Said now: no fair price (too few draws) for 2026-02, by version ")
    data, draws, seed = words[3].removeprefix("Not the same between them: ").split("; ")
    assert data == "data until 2026-03-31, now others until the same day"
    assert (draws, seed) == (f"draws 77, now {bundle.draws}", f"seed 2, now {bundle.seed}.")


def test_what_an_id_says_itself_is_refused_beside_it_and_a_forged_one_is_no_quote(
    two_models: tuple[Client, str], earlier: Path
) -> None:
    client, digest = two_models
    quote_id = quoted_by(earlier)
    beside = {"said_in": quote_id, "from": "2025-11", "said_by": digest[:12], "vintage": "as_known", "to": "2025-10"}
    refused = client.get("/v1/explanations/Dy", params=beside).json()["faults"]
    assert {fault["path"] for fault in refused} == {"said_in", "from", "said_by", "vintage", "to"}
    assert next(f["allowed"] for f in refused if f["path"] == "from") == "nothing: it follows from `said_in`"
    altered = quote_id[:-1] + ("0" if quote_id[-1] != "0" else "1")
    for wrong, why in (
        (altered, f"the seal {altered[-20:]} does not fit the rest: a character was altered"),
        ("price.NdPr", "parts are missing after price"),
        ("floor." + quote_id[6:], "it is the id of a floor"),
        (quote_id.replace(digest[:12], "0" * 12), "bundle 000000000000 is not kept here"),
    ):
        (fault,) = client.get("/v1/explanations/NdPr", params={"said_in": wrong}).json()["faults"]
        assert (fault["path"], fault["allowed"][:22]) == ("said_in", "a quote id of a price,")
        assert why in fault["found"]


def test_beside_a_quote_id_a_field_that_follows_from_it_is_one_fault_whatever_it_holds(
    two_models: tuple[Client, str], earlier: Path
) -> None:
    query = {"said_in": quoted_by(earlier), "from": "soon", "said_by": "x", "vintage": "corked"}
    refused = two_models[0].get("/v1/explanations/NdPr", params=query).json()["faults"]
    assert [fault["path"] for fault in refused] == ["from", "said_by", "vintage"]
    assert {fault["allowed"] for fault in refused} == {"nothing: it follows from `said_in`"}


def test_an_account_as_known_does_not_see_the_future(
    client: Client, client_of: Callable[..., Client], bundle: Bundle, tmp_path: Path
) -> None:
    late = {name: bundle.table(name).copy() for name in ("history_as_known", "explanations")}
    for table in late.values():
        numbers = [c for c in table if pd.api.types.is_numeric_dtype(table[c])]
        table.loc[table["month"] > SPAN["from"], numbers] = 10 * table.loc[table["month"] > SPAN["from"], numbers]
    assert change_column("energy") in late["explanations"]
    write_bundle(replace(bundle, **late), tmp_path / "bundle")
    query = {"from": "2025-08", "to": SPAN["from"]}
    clean, dirty = (asked(one, **query) for one in (client, client_of(tmp_path / "bundle")))
    for part in ("words", "first", "last", "change", "parts_of_change", "markets", "flags"):
        assert clean[part] == dirty[part]


@pytest.fixture
def door(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(bundle_folder))
    monkeypatch.setenv("COLUMNS", "140")


def test_what_a_person_reads_aloud_adds_up(client: Client) -> None:
    listed = [sentence for sentence in asked(client)["words"] if " USD/kg = " in sentence]
    assert listed
    for sentence in listed:
        head, _, told = sentence.rstrip(".").partition(" USD/kg = ")
        numbers = [float(part.rpartition(" ")[2]) for part in told.split("; ")]
        assert sum(numbers) == pytest.approx(float(head.rpartition(" ")[2]), abs=0.0051)


def test_where_draws_were_weighed_anew_single_items_of_a_gap_are_no_finding(client: Client) -> None:
    found = asked(client, **{"from": "2026-01", "to": "2026-02"})
    assert "redrawn" in {flag["code"] for flag in found["flags"]}  # the made-up account learns every month
    moved = next(sentence for sentence in found["words"] if sentence.startswith("The market outside China went"))
    assert "every other item, together" in moved
    assert "VAT" not in moved


def test_the_last_month_says_what_it_owes_to_priors_and_which_the_data_never_taught(client: Client) -> None:
    found = asked(client)
    assert [prior["parameter"] for prior in found["doubt"]["priors"]][:2] == ["cost_level", "supply_slope.china"]
    assert [prior["identified"] for prior in found["doubt"]["priors"]] == [True, False, False, None]
    told = " ".join(found["words"])
    assert "2 of 3 parameters, first supply_slope.china, freight" in told
    assert "from -10% (return of 8 %) to +50% (external damage counted)" in told


def test_a_month_that_is_not_the_last_carries_no_doubt(client: Client) -> None:
    assert asked(client, **{"from": "2025-10", "to": "2025-11"})["doubt"] is None


def test_other_assumptions_of_a_band_are_ratios_and_no_points(client: Client) -> None:
    rows = asked(client, "Dy")["doubt"]["assumptions"]
    assert [row["fair"] for row in rows] == [None] * 3
    assert [row["ratio"] for row in rows] == [1.0, 0.9, 1.5]
