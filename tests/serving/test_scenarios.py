"""Scenarios over HTTP: baseline, scenario, difference, a bridge that adds up, ids, limits said where they are met."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import Client, Response

from pricing.bundle import Bundle, write_bundle
from pricing.scenarios.answer import answer as solve
from pricing.scenarios.found import ScenarioFound
from serving.desk import Desk
from serving.documentation import MP_FLOOR, OWN_DECK
from serving.scenarios.kept import FolderAnswers, MemoryAnswers

US_WAGES = {"lever": "wages.united_states", "scale": 1.1}
QUOTA = {"lever": "quota.mining", "scale": 1.1}
DY_BAN = {"lever": "export_quota.Dy", "set": 1, "from": "2027-01", "to": "2027-12"}
CENT = 1e-4  # what amounts are rounded to


def ask(client: Client, *overrides: dict[str, Any], **more: Any) -> dict[str, Any]:
    answered = client.post("/v1/scenarios", json={"overrides": list(overrides), **more})
    assert answered.status_code in (200, 201), answered.text
    found: dict[str, Any] = answered.json()
    return found


def of(answer: dict[str, Any], material: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in answer["materials"] if one["material"] == material)
    return found


def moves(material: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (*material["market"].values(), *material["market_adjusted"].values(), *material["wedge"].values())
    yield from (material["fair_long_run"], material["fair_short_run"])


def codes(answer: dict[str, Any]) -> list[str]:
    return [flag["code"] for flag in answer["flags"]]


# --- what an answer says


def test_no_overrides_are_the_baseline_as_it_was_published(client: Client, bundle: Bundle) -> None:
    answer = ask(client)
    published = bundle.scenario_base["published"]
    for material in answer["materials"]:
        assert all(move["scenario"] == move["baseline"] for move in moves(material))
        told = published[material["material"]]
        low, high = (material["fair_long_run"]["baseline"][end] for end in ("low", "high"))
        assert (low, high) == tuple(round(price, 4) for price in told["fair_long_run"][1:])
    assert of(answer, "NdPr")["market"]["china"]["baseline"]["value"] == round(published["NdPr"]["market"]["china"], 4)
    assert [one["material"] for one in answer["materials"]] == ["NdPr", "Dy", "Tb"]


def test_what_is_shown_adds_up(client: Client) -> None:
    answer = ask(client, US_WAGES, QUOTA, preset="yuan_up")
    ndpr = of(answer, "NdPr")
    for move in moves(ndpr):
        assert move["difference"] == pytest.approx(move["scenario"]["value"] - move["baseline"]["value"], abs=1e-9)
    columns = {"fair": "fair_long_run", "market_china": ("market", "china"), "market_ex_china": ("market", "ex_china")}
    for column, place in columns.items():
        total = ndpr[place] if isinstance(place, str) else ndpr[place[0]][place[1]]
        assert sum(line[column] for line in ndpr["bridge"]) == pytest.approx(total["difference"], abs=1e-9)
    assert [line["lever"] for line in ndpr["bridge"]] == ["fx.cny", "quota.mining", "wages.united_states", "together"]
    for end in ("baseline", "scenario"):
        market, fair = (ndpr[name] for name in ("market", "fair_long_run"))
        gap = market["ex_china"][end]["value"] - fair[end]["value"]
        assert ndpr["wedge"]["ex_china"][end]["value"] == pytest.approx(gap, abs=1e-9)
        at_works = market["china"][end]["value"] - fair[end]["value"] + answer["freight_usd_per_kg"]
        assert ndpr["wedge"]["china"][end]["value"] == pytest.approx(at_works, abs=1e-9)


def test_wages_move_normal_values_by_their_labour_and_the_fair_price_by_no_more(client: Client) -> None:
    answer = ask(client, US_WAGES)
    plant = next(one for one in answer["normal_values"] if one["route"] == "mountain_pass")
    assert plant["difference"] > 0
    assert plant["by_component"]["labour"] == max(plant["by_component"].values())
    assert sum(plant["by_component"].values()) == pytest.approx(plant["difference"], abs=1e-9)
    fair = of(answer, "NdPr")["fair_long_run"]["difference"]
    assert 0 <= fair <= plant["difference"]


@pytest.mark.parametrize(
    "pulled", [{"lever": "by_product.lanthanum_cerium", "set": 0}, US_WAGES, {"lever": "energy.all", "scale": 1.2}]
)
def test_the_bridge_names_what_plants_cost_more_and_what_share_of_it_the_fair_price_takes(
    client: Client, pulled: dict[str, Any]
) -> None:
    answer = ask(client, pulled, QUOTA)
    lines = {line["lever"]: line for line in of(answer, "NdPr")["bridge"]}
    line = lines[pulled["lever"]]
    least, most = line["normal_value"]
    alone = ask(client, pulled)["normal_values"]
    undistorted = [one["difference"] for one in alone if one["variant"] in ("undistorted", "market_economy")]
    assert (least, most) == pytest.approx((min(undistorted), max(undistorted)), abs=CENT)
    assert 0 <= line["fair"] <= most
    assert line["pass_through"] == pytest.approx(line["fair"] / most, abs=1e-3)
    assert f"pass-through: {100 * line['pass_through']:.0f} %" in line["words"]
    assert f"{least:+.2f}" in line["words"]
    assert lines["quota.mining"]["normal_value"] is lines["quota.mining"]["pass_through"] is None
    assert all(line["normal_value"] is None for line in of(answer, "Dy")["bridge"])


def test_what_a_floor_pays_has_a_range_that_holds_it(client: Client) -> None:
    answer = ask(client, QUOTA, **OWN_DECK)
    floor = answer["floor"]
    low, high = floor["scenario_range_usd"]
    assert low <= floor["scenario"]["total_usd"] <= high
    assert low < high
    still = ask(client, **OWN_DECK)["floor"]
    assert still["scenario_range_usd"] == [still["scenario"]["total_usd"]] * 2
    for paid in answer["payments"]:
        for end in ("baseline", "scenario"):
            if paid[end] is None:
                assert paid[f"{end}_range"] is None
            else:
                assert paid[f"{end}_range"][0] <= paid[end] <= paid[f"{end}_range"][1]


def test_more_quota_leaves_the_long_run_fair_price_where_it_was(client: Client) -> None:
    ndpr = of(ask(client, QUOTA), "NdPr")
    assert ndpr["fair_long_run"]["difference"] == 0
    assert ndpr["market"]["china"]["difference"] <= 0
    assert ndpr["wedge"]["china"]["difference"] <= 0


def test_a_ban_of_a_year_leaves_the_fair_price_and_prints_its_precedents(client: Client) -> None:
    answer = ask(client, DY_BAN)
    dy = of(answer, "Dy")
    assert answer["dated"]
    assert {quarter["fair"]["change"] for quarter in dy["path"]} == {0.0}
    assert [q["quarter"] for q in dy["path"] if q["in_force"]] == [f"2027-Q{number}" for number in (1, 2, 3, 4)]
    precedents = {one["first_month"]: one["outside_china"] for one in answer["precedents"]}
    assert list(precedents) == ["2010-09", "2025-04", "2026-01"]
    # the model for tests holds 2024-01 to 2026-02, and derives every price outside China
    assert precedents["2010-09"]["Dy"] == {"months": 12, "observed": 0, "derived": 0, "without": 12}
    assert precedents["2025-04"]["Dy"] == {"months": 9, "observed": 0, "derived": 9, "without": 0}
    assert precedents["2026-01"]["Dy"] == {"months": 2, "observed": 0, "derived": 2, "without": 0}


def test_a_material_with_a_band_has_no_point_of_its_fair_price_nor_what_would_give_it_away(client: Client) -> None:
    answer = ask(client, US_WAGES)
    dy = of(answer, "Dy")
    assert dy["status"] == "band"
    for fair in (dy["fair_long_run"], dy["fair_short_run"], *dy["wedge"].values()):
        assert fair["baseline"]["value"] is fair["scenario"]["value"] is fair["difference"] is None
    assert dy["fair_long_run"]["baseline"]["low"] is not None
    assert dy["bridge"][0]["fair"] is None
    assert dy["bridge"][0]["fair_share"] == dy["fair_long_run"]["change"]["value"]
    assert "band.Dy" in codes(answer)


def test_a_region_without_a_market_price_shows_the_change_alone(client: Client) -> None:
    answer = ask(client, QUOTA)
    outside = of(answer, "Dy")["market"]["ex_china"]
    assert outside["baseline"]["value"] is outside["difference"] is None
    assert outside["change"]["value"] is not None
    assert "no_market.Dy.ex_china" in codes(answer)


def test_outside_the_evidence_an_answer_is_flagged_and_still_tells_twice_from_three_times(client: Client) -> None:
    twice, thrice = (ask(client, {"lever": "wages.all", "scale": times}) for times in (2, 3))
    wide = []
    for answer in (twice, thrice):
        assert "extrapolated.wages.all" in codes(answer)
        assert answer["overrides"][0]["extrapolated"]
        change = of(answer, "NdPr")["fair_long_run"]
        wide.append((change["difference"], change["scenario"]["high"] / change["scenario"]["low"]))
    assert wide[0][0] < wide[1][0]
    assert wide[0][1] < wide[1][1]


def test_what_moves_no_price_is_said_with_the_reason(client: Client) -> None:
    paid = {"lever": "policy_floor_paid.NdPr", "set": 110}
    still = {"lever": "quota.mining", "scale": 1}
    answer = ask(client, paid, still)
    said = {flag["code"]: flag["text"] for flag in answer["flags"]}
    assert "payments alone" in said["no_effect.policy_floor_paid.NdPr"]
    assert "stands at its baseline" in said["no_effect.quota.mining"]
    assert any("moves no price" in line["words"] for line in of(answer, "NdPr")["bridge"])
    new = [payment for payment in answer["payments"] if not payment["draws_supply"]]
    assert [(one["floor"], one["baseline"]) for one in new] == [(110.0, 0.0), (110.0, 0.0)]
    due = 110 - of(answer, "NdPr")["market"]["china"]["scenario"]["value"]
    assert new[0]["scenario"] == pytest.approx(due, abs=CENT)


def test_one_material_alone_has_the_numbers_it_has_beside_the_others(client: Client) -> None:
    alone, all_three = ask(client, QUOTA, material="Tb"), ask(client, QUOTA)
    assert alone["materials"] == [of(all_three, "Tb")]
    assert alone["payments"] == []


def test_a_plant_that_is_closed_for_good_or_a_year_is_answered_and_is_missed(client: Client) -> None:
    closed = {"lever": "capacity.incumbents_ex_china", "set": 0}
    dated = {"from": "2027-01", "to": "2027-12"}
    for rows in ([closed | dated], [closed, QUOTA | dated], [closed | {"set": 1e-300} | dated]):
        outside = of(ask(client, *rows), "NdPr")["path"]
        by_quarter = {quarter["quarter"]: quarter["market"]["ex_china"]["change"] for quarter in outside}
        assert by_quarter["2027-Q4"] > 0
    assert by_quarter["2030-Q4"] < by_quarter["2027-Q4"]  # it opened again


# --- a floor beside a scenario


def test_a_floor_beside_a_scenario_pays_on_a_deck_moved_by_the_market(client: Client) -> None:
    answer = ask(client, QUOTA, **OWN_DECK)
    floor, change = answer["floor"], of(answer, "NdPr")["market"]["ex_china"]["change"]["value"]
    alone = client.post("/v1/scenarios", json=OWN_DECK).json()
    assert floor["baseline"] == alone["totals"]
    assert floor["quote_id"].startswith("floor.")
    by = (85 - 85 * (1 + change)) * 6_000_000 * 10
    assert floor["difference_usd"] == pytest.approx(by, rel=1e-3)
    assert set(floor["deck_change"].values()) == {change}
    for period in floor["periods"]:
        owed = (110 - period["reference_scenario"]) * 1_500_000
        assert period["payment_scenario_usd"] == pytest.approx(owed, abs=0.01)


def test_months_with_a_fixing_are_settled_as_they_were(client: Client) -> None:
    answer = ask(client, QUOTA, **MP_FLOOR | {"as_of": "2026-03-31"})
    first = answer["floor"]["periods"][0]
    assert first["settled_on"] == "history"
    assert first["payment_scenario_usd"] == first["payment_baseline_usd"]


def test_a_floor_settles_on_the_region_it_is_told(client: Client) -> None:
    answer = ask(client, QUOTA, reference_region="china", **OWN_DECK)
    change = of(answer, "NdPr")["market"]["china"]["change"]["value"]
    assert set(answer["floor"]["deck_change"].values()) == {change}


def test_a_dated_scenario_moves_the_deck_quarter_by_quarter(client: Client) -> None:
    dated = QUOTA | {"from": "2027-01", "to": "2027-12"}
    answer = ask(client, dated, **OWN_DECK)
    changes = answer["floor"]["deck_change"]
    path = {quarter["quarter"]: quarter["market"]["ex_china"]["change"] for quarter in of(answer, "NdPr")["path"]}
    assert changes["2026-01"] == 0
    assert changes["2027-05"] == path["2027-Q2"] != 0
    assert changes["2035-12"] == list(path.values())[-1]


def test_the_baseline_pays_what_the_floor_alone_pays(client: Client) -> None:
    floor = ask(client, **OWN_DECK)["floor"]
    assert floor["scenario"] == floor["baseline"]
    assert floor["difference_usd"] == 0


@pytest.mark.parametrize("body", [MP_FLOOR, OWN_DECK])
def test_a_floor_alone_is_answered_as_ever(client: Client, desk: Desk, body: dict[str, Any]) -> None:
    sent = json.dumps(body).encode()
    answered = client.post("/v1/scenarios", content=sent)
    assert (answered.status_code, answered.content) == (200, desk.scenario(sent))


# --- ids


def post(client: Client, body: object) -> Response:
    return client.post("/v1/scenarios", content=json.dumps(body))


def test_the_same_scenario_has_one_id_in_whatever_order_it_is_written(
    client_of: Callable[..., Client], bundle_folder: Path
) -> None:
    client = client_of(bundle_folder)
    orders = itertools.permutations([US_WAGES | {"scale": 1.10}, {"scale": 1.1, "lever": "fx.cny"}, QUOTA])
    answered = [post(client, {"overrides": list(rows)}) for rows in orders]
    assert [one.status_code for one in answered] == [201, 200, 200, 200, 200, 200]
    assert {one.content for one in answered} == {answered[0].content}
    assert answered[0].headers["location"] == f"/v1/scenarios/{answered[0].json()['scenario_id']}"
    again = client.get(answered[0].headers["location"])
    assert (again.status_code, again.content) == (200, answered[0].content)


def test_another_scenario_has_another_id(client: Client) -> None:
    cases = [{"overrides": []}, {"overrides": [QUOTA]}, {"overrides": [QUOTA], "material": "Dy"}]
    cases += [{"preset": "quotas_raised"}, {"overrides": [QUOTA], **OWN_DECK}]
    assert len({post(client, body).json()["scenario_id"] for body in cases}) == len(cases)


def test_an_id_is_answered_by_the_model_that_gave_it_after_retraining(
    client_of: Callable[..., Client], bundle: Bundle, tmp_path: Path
) -> None:
    models, kept = tmp_path / "models", FolderAnswers(tmp_path / "kept")
    write_bundle(bundle, models / "first")
    first = post(client_of(models, kept=kept), {"overrides": [QUOTA]})
    write_bundle(replace(bundle, seed=2), models / "second")
    (models / "champion").write_text("second")
    later = client_of(models, kept=FolderAnswers(tmp_path / "kept"))
    again = later.get(f"/v1/scenarios/{first.json()['scenario_id']}")
    assert (again.status_code, again.content) == (200, first.content)
    assert post(later, {"overrides": [QUOTA]}).json()["scenario_id"] != first.json()["scenario_id"]


def test_an_id_of_a_model_that_is_gone_is_unknown(
    client_of: Callable[..., Client], bundle: Bundle, tmp_path: Path
) -> None:
    kept = MemoryAnswers()
    kept.put(f"scenario.{'0' * 12}.{'1' * 20}", b"{}")
    write_bundle(bundle, tmp_path / "bundle")
    client = client_of(tmp_path / "bundle", kept=kept)
    assert client.get(f"/v1/scenarios/scenario.{'0' * 12}.{'1' * 20}").status_code == 404


# --- no request changes the next


def mixed() -> list[dict[str, Any]]:
    """Return scenarios of every kind: none, extrapolated, dated, by preset, with a floor."""
    return [
        {"overrides": []},
        {"overrides": [{"lever": "wages.all", "scale": 3}], "material": "Dy"},
        {"preset": "quotas_raised", "overrides": [DY_BAN]},
        {"overrides": [QUOTA | {"from": "2027-01", "to": "2027-12"}], **OWN_DECK},
    ]


def test_answers_do_not_depend_on_what_was_asked_before(client_of: Callable[..., Client], bundle_folder: Path) -> None:
    def answers(bodies: list[dict[str, Any]]) -> dict[str, bytes]:
        client = client_of(bundle_folder)
        return {json.dumps(body): post(client, body).content for body in bodies}

    assert answers(mixed()) == answers(mixed()[::-1])


def test_prices_are_answered_while_scenarios_wait_their_turn(
    client_of: Callable[..., Any], bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, at_once = threading.Event(), []

    def slow(*asked: Any) -> ScenarioFound:
        at_once.append(1)
        assert may_go_on.wait(timeout=30)
        at_once.pop()
        return solve(*asked)

    async def ask_both() -> tuple[int, int, list[int]]:
        transport = httpx.ASGITransport(client_of(bundle_folder).app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            bodies = [{"overrides": []}, {"overrides": [], "material": "Dy"}]
            solving = [asyncio.create_task(client.post("/v1/scenarios", json=body)) for body in bodies]
            while not at_once:
                await asyncio.sleep(0.01)
            price = await client.get("/v1/prices/NdPr")
            busy = len(at_once)
            may_go_on.set()
            return price.status_code, busy, [(await task).status_code for task in solving]

    monkeypatch.setattr("serving.scenarios.desk.answer", slow)
    assert asyncio.run(ask_both()) == (200, 1, [201, 201])


# --- listings


def test_levers_say_all_that_an_override_needs(client: Client) -> None:
    answer = client.get("/v1/levers").json()
    assert answer["month"] == "2026-02"
    for lever in answer["levers"]:
        (low, high), (least, most) = lever["range_of_evidence"], lever["bounds"]
        assert least <= low <= high <= most
        assert all(lever[name] for name in ("title", "unit", "source", "moves", "as_of", "ways"))
    costs = client.get("/v1/levers", params={"group": "costs"}).json()["levers"]
    assert costs == [lever for lever in answer["levers"] if lever["group"] == "costs"]


def test_a_lever_set_to_the_baseline_it_lists_moves_nothing(client: Client) -> None:
    levers = {lever["name"]: lever["baseline"] for lever in client.get("/v1/levers").json()["levers"]}
    answer = ask(client, {"lever": "wages.united_states", "set": levers["wages.united_states"]})
    assert of(answer, "NdPr")["fair_long_run"]["difference"] == 0


def test_every_preset_can_be_sent_as_it_is_listed(client: Client) -> None:
    for preset in client.get("/v1/presets").json()["presets"]:
        sent = {"scenarios": [{"overrides": preset["overrides"] + [{"lever": "no such lever", "set": 1}]}]}
        error = client.post("/v1/scenarios/batch", json=sent).json()["scenarios"][0]["error"]
        last = len(preset["overrides"])
        assert [fault["path"] for fault in error["faults"]] == [f"scenarios.0.overrides.{last}.lever"]


def test_a_model_without_a_base_says_so(client_of: Callable[..., Client], bundle: Bundle, tmp_path: Path) -> None:
    write_bundle(replace(bundle, scenario_base={}), tmp_path / "b")
    client = client_of(tmp_path / "b")
    for answered in (post(client, {"overrides": []}), client.get("/v1/levers")):
        assert answered.status_code == 503
        assert "Train and publish" in answered.json()["message"]
    assert post(client, OWN_DECK).status_code == 200
