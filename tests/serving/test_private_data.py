"""A model fitted on private data: everyone has its fair price, and readers alone its market."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from httpx import Client

from pricing.bundle import Bundle, write_bundle
from pricing.errors import BundleError, InputError
from pricing.withheld import MARK, PARAMETER, WHOLE, Withheld
from serving import cli
from serving.app import create_app
from serving.contracts.settlements.documentation import ON_SERIES
from serving.model_store import DirectoryStore
from serving.pyfunc import _load_pyfunc
from serving.rights import Access, Desks, Readers

TOKEN = "a token that only readers have"
READER = {"Authorization": f"Bearer {TOKEN}"}
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()
MONTHS = ["2025-12", "2026-01", "2026-02"]
FAIR = 60.0 * 1.25  # NdPr in 2026-02, see conftest
FLOOR: dict[str, Any] = {
    "material": "NdPr",
    "as_of": "2026-02-28",
    "floor": {
        "amount": 110, "basis": "oxide ex VAT", "reference": "fob_china", "vat_rule": "as_quoted",
        "from": "2025-10-01", "to": "2026-12-31", "tonnes_per_year": 100,
    },
    "deck": {"flat": 90},
}  # fmt: skip
PATHS = (
    "/v1/prices/NdPr", "/v1/prices/NdPr?region=ex_china&currency=CNY", "/v1/history/NdPr",
    "/v1/history/NdPr?format=csv&vintage=latest", "/v1/explanations/NdPr", "/v1/evidence/NdPr", "/v1/models",
    "/v1/materials", "/ready",
)  # fmt: skip


@dataclass(frozen=True)
class Models:
    """A published bundle and the folder that holds it whole."""

    published: Path
    whole: Path
    digest: str


@pytest.fixture(scope="module")
def models(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Models:
    """NdPr outside China rests on a private price in three months: 90.xx, marked by digits nothing else has."""
    folder = tmp_path_factory.mktemp("private")
    marked = {v: _with_private_price(frame) for v, frame in _histories(bundle).items()}
    found = Withheld(
        markets={v: {"NdPr": {"ex_china": MONTHS}} for v in marked},
        wedge_parts={v: {"NdPr": MONTHS} for v in marked},
        references={"NdPr": {"fob_china": MONTHS}},
        costs=False,
    )
    shown = {v: found.history(v, frame) for v, frame in marked.items()}
    private = bundle.references["month"].isin(MONTHS) & (bundle.references["basis"] == "fob_china")
    published = replace(
        bundle,
        history_as_known=shown["as_known"],
        history_latest=shown["latest"],
        references=bundle.references[~private].reset_index(drop=True),
        parameters={PARAMETER: found.entry(MARK)},
    )
    digest = write_bundle(published, folder / "published")
    whole = replace(
        bundle,
        history_as_known=marked["as_known"],
        history_latest=marked["latest"],
        references=bundle.references.assign(
            price_usd_per_kg=bundle.references["price_usd_per_kg"].mask(private, 91.7733)
        ),
        parameters={PARAMETER: {**found.entry(WHOLE), "published": digest}},
    )
    write_bundle(whole, folder / "whole" / digest)
    return Models(folder / "published", folder / "whole", digest)


def _histories(bundle: Bundle) -> dict[str, Any]:
    return {"as_known": bundle.history_as_known, "latest": bundle.history_latest}


def _with_private_price(frame: Any) -> Any:
    rows = (frame["material"] == "NdPr") & frame["month"].isin(MONTHS)
    moved = frame.copy()
    column = "wedge.ex_china.unexplained"
    moved.loc[rows, [column, "wedge.ex_china.total"]] = moved.loc[rows, [column, "wedge.ex_china.total"]].add(
        91.7733 - moved.loc[rows, "market.ex_china"], axis=0
    )
    moved.loc[rows, ["market.ex_china", "market.ex_china.low", "market.ex_china.high"]] = 91.7733, 90.7733, 92.7733
    moved.loc[rows, "p_market_below_fair.ex_china"] = 0.1773
    return moved


@pytest.fixture
def access(models: Models) -> Access:
    return Access(Readers((DIGEST,)), models.whole)


@pytest.fixture
def guarded(client_of: Callable[..., Client], models: Models, access: Access) -> Client:
    return client_of(models.published, access=access)


def _today() -> date:
    return date(2026, 4, 10)


def bodies(client: Client, **options: Any) -> Iterator[str]:
    for path in PATHS:
        yield client.get(path, **options).text
    yield client.post("/v1/scenarios", json=FLOOR, **options).text


SECRET = re.compile(r"91\.77|90\.77|92\.77|0\.177|16\.77|91\.8\b|16\.8\b")  # prices, the chance, market less fair


def test_no_answer_to_a_caller_without_the_right_holds_a_private_number(guarded: Client) -> None:
    assert not SECRET.search("\n".join(bodies(guarded)))


def test_a_reader_finds_them_all(guarded: Client) -> None:
    found = set(SECRET.findall("\n".join(bodies(guarded, headers=READER))))
    assert {"91.77", "90.77", "92.77", "0.177", "16.77"} <= found


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {DIGEST}", TOKEN]
)
def test_a_header_without_a_readers_token_is_answered_as_none(guarded: Client, header: str) -> None:
    answered = guarded.get("/v1/prices/NdPr", headers={"Authorization": header})
    assert answered.content == guarded.get("/v1/prices/NdPr").content


def test_a_ladder_from_a_private_market_is_a_readers_and_says_so(guarded: Client) -> None:
    body = {"material": "NdPr", "start": {"from": "market"}, "to": "metal"}
    refused = guarded.post("/v1/stages/ladder", json=body)
    assert (refused.status_code, "no price of NdPr (withheld)" in refused.text) == (422, True)
    answered = guarded.post("/v1/stages/ladder", json=body, headers=READER).json()
    assert answered["start"]["usd_per_kg"] == 91.7733
    assert "private.ex_china" in [flag["code"] for flag in answered["flags"]]


def test_what_is_withheld_is_null_and_said_and_the_rest_stays(guarded: Client) -> None:
    answer = guarded.get("/v1/prices/NdPr").json()
    outside, china = answer["markets"]["ex_china"], answer["markets"]["china"]
    assert answer["fair"]["headline"]["value"] == FAIR
    assert (outside["market"]["value"], outside["market"]["low"], outside["p_market_below_fair"]) == (None, None, None)
    assert outside["market"]["evidence"] == "withheld"
    assert outside["wedge"]["total"] is None
    assert all((part["value"], part["low"], part["high"]) == (None,) * 3 for part in outside["wedge"]["parts"])
    assert (china["market"]["value"], china["wedge"]["total"]) == (67.5, -6.0)
    assert all(part["value"] is None for part in china["wedge"]["parts"])
    said = {flag["code"]: flag["text"] for flag in answer["flags"]}
    assert "rest on private data" in said["withheld.ex_china"]
    assert "withheld.wedge_parts.china" in said
    assert not [code for code in said if code.startswith("no_quote")]


def test_a_reader_is_told_what_not_to_pass_on(guarded: Client) -> None:
    answer = guarded.get("/v1/prices/NdPr", headers=READER).json()
    assert answer["markets"]["ex_china"]["market"]["value"] == 91.7733
    assert "not to be passed on" in {f["code"]: f["text"] for f in answer["flags"]}["private.ex_china"]
    assert answer["model"]["source"].endswith("with private data")


def test_a_history_is_withheld_month_by_month_in_both_formats(guarded: Client) -> None:
    rows = {row["month"]: row for row in guarded.get("/v1/history/NdPr").json()["rows"]}
    assert rows["2025-11"]["market_ex_china_usd_per_kg"] is not None
    assert {rows[month]["market_ex_china_usd_per_kg"] for month in MONTHS} == {None}
    assert {rows[month]["wedge_ex_china_usd_per_kg"] for month in MONTHS} == {None}
    assert rows["2026-02"]["fair_long_run_usd_per_kg"] == FAIR
    lines = guarded.get("/v1/history/NdPr?format=csv").text.splitlines()
    assert sum(",withheld," in line for line in lines) == len(MONTHS)


def test_an_explanation_says_what_is_withheld_and_adds_up_without_it(guarded: Client) -> None:
    answer = guarded.get("/v1/explanations/NdPr?from=2025-06&to=2026-02").json()
    region = answer["markets"]["ex_china"]
    assert region["last"]["market"]["value"] is None
    assert region["last"]["total"] is None
    assert region["market_change"]["value"] is None
    assert region["first"]["market"]["value"] is not None
    assert "withheld.ex_china" in {flag["code"] for flag in answer["flags"]}
    change = sum(line["value"] for line in answer["parts_of_change"])
    assert change == pytest.approx(answer["change"]["value"], abs=1e-3)


def test_an_index_settles_without_its_private_fixings_and_says_so(guarded: Client) -> None:
    answers = [guarded.post("/v1/scenarios", json=FLOOR, headers=h).json() for h in ({}, READER)]
    months = [{fixing["month"] for fixing in answer["fixings"]} for answer in answers]
    assert months[1] - months[0] == set(MONTHS[:2])  # the last is not yet known on the day priced for
    codes = [{flag["code"] for flag in answer["flags"]} for answer in answers]
    assert "withheld.fob_china" in codes[0]
    assert "private.fob_china" in codes[1]


def test_a_contract_settles_on_private_fixings_for_readers_alone(guarded: Client) -> None:
    body = deepcopy(ON_SERIES)
    body["contract"]["references"]["benchmark"]["vat_rule"] = "as_quoted"
    body["facts"]["indices"]["published"]["series"] = "fob_china"
    refused = guarded.post("/v1/contracts/settlements", json=body)
    (fault,) = refused.json()["faults"]
    assert (refused.status_code, "2025-12" in fault["found"], "withheld" in fault["allowed"]) == (422, True, True)
    answered = guarded.post("/v1/contracts/settlements", json=body, headers=READER).json()
    assert answered["periods"][0]["references"][0]["fixings"][2]["published"] == 91.7733
    assert "private.fob_china" in {flag["code"] for flag in answered["flags"]}


@pytest.mark.parametrize("material", ["NdPr", "Dy"])
def test_quote_ids_of_the_two_views_differ_and_neither_opens_the_other(guarded: Client, material: str) -> None:
    public = guarded.get(f"/v1/prices/{material}?as_of=2026-03-31")
    reader = guarded.get(f"/v1/prices/{material}?as_of=2026-03-31", headers=READER)
    ids = [answer.json()["quote_id"] for answer in (public, reader)]
    assert ids[0] != ids[1]
    asked = guarded.get(f"/v1/quotes/{ids[1]}")
    assert (asked.status_code, asked.json()["error"]) == (404, "unknown_quote")
    assert guarded.get(f"/v1/quotes/{ids[1]}", headers=READER).content == reader.content
    assert guarded.get(f"/v1/quotes/{ids[0]}", headers=READER).content == public.content
    assert guarded.get(f"/v1/quotes/{ids[0]}").content == public.content


def test_a_kept_answer_is_never_given_to_another_kind_of_caller(guarded: Client) -> None:
    path = "/v1/prices/NdPr?as_of=2026-03-30"
    first = guarded.get(path, headers=READER)
    public = guarded.get(path)
    again = guarded.get(path, headers=READER)
    assert first.content == again.content != public.content
    assert guarded.get(path).content == public.content


def test_answers_of_a_guarded_service_are_kept_by_no_shared_cache(guarded: Client, client: Client) -> None:
    for answered in (
        guarded.get("/v1/prices/NdPr"),
        guarded.get("/v1/prices/NdPr", headers=READER),
        guarded.get("/nowhere"),
    ):
        assert answered.headers["vary"] == "authorization"
        assert answered.headers["cache-control"] == "private, no-cache"
    sent = guarded.post("/v1/scenarios", json={}, headers=READER)
    assert (sent.headers["vary"], sent.headers["cache-control"]) == ("authorization", "private, no-store")
    plain = client.get("/v1/prices/NdPr", headers=READER)
    assert ("vary" in plain.headers, plain.headers["cache-control"]) == (False, "no-cache")


def test_a_reader_of_a_model_without_private_data_has_everyones_answer(
    client: Client, client_of: Callable[..., Client], bundle_folder: Path, access: Access
) -> None:
    asked = client_of(bundle_folder, access=access)
    assert asked.get("/v1/prices/NdPr", headers=READER).content == client.get("/v1/prices/NdPr").content


def test_a_whole_bundle_is_served_to_nobody_as_a_published_one(models: Models, tmp_path: Path) -> None:
    whole = Path(shutil.copytree(models.whole / models.digest, tmp_path / "bundle"))
    with pytest.raises(BundleError, match="holds private values") as fault:
        create_app(DirectoryStore(whole))
    assert not SECRET.search(str(fault.value))
    with pytest.raises(BundleError, match="holds private values"):
        _load_pyfunc(str(whole))


def test_a_whole_bundle_of_another_model_is_refused(
    models: Models, tmp_path: Path, bundle: Bundle, access: Access
) -> None:
    write_bundle(bundle, tmp_path / models.digest)
    desks = Desks.over(DirectoryStore(models.published), _today, replace(access, folder=tmp_path))
    with pytest.raises(BundleError, match="belongs to another model"):
        desks.whole.price("NdPr", ())


def test_readers_are_named_by_the_digests_of_their_tokens_alone() -> None:
    assert Readers.of(f" {DIGEST.upper()} ,, {'0' * 64}").may_read(TOKEN)
    assert not Readers.of("").may_read("")
    assert not Readers((hashlib.sha256(b"").hexdigest(),)).may_read("")
    assert not Readers((DIGEST,)).may_read(None)
    with pytest.raises(InputError) as fault:
        Readers.of(f"{DIGEST},{TOKEN},73.319771")
    assert [f.path[-6:] for f in fault.value.faults] == ["part 2", "part 3"]
    assert TOKEN not in str(fault.value)


@pytest.mark.parametrize(("token", "finds"), [(TOKEN, True), ("another", False), (None, False)])
def test_the_command_line_shows_private_data_to_the_holder_of_a_token(
    models: Models, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], token: str | None, finds: bool
) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(models.published))
    monkeypatch.setenv("FAIRPRICE_PRIVATE_BUNDLES", str(models.whole))
    monkeypatch.setenv("FAIRPRICE_PRIVATE_READERS", DIGEST)
    if token:
        monkeypatch.setenv("FAIRPRICE_PRIVATE_TOKEN", token)
    for command in (["price", "NdPr"], ["price", "NdPr", "--json"], ["history", "NdPr", "--csv"], ["explain", "NdPr"]):
        assert cli.app(command) == 0
        out, err = capfd.readouterr()
        assert bool(SECRET.search(out)) is finds
        assert not SECRET.search(err)


def test_a_setting_that_is_no_digest_stops_the_start_in_one_line(
    models: Models, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(models.published))
    monkeypatch.setenv("FAIRPRICE_PRIVATE_READERS", TOKEN)
    assert cli.app(["serve", "--port", "0"]) == 2
    err = capfd.readouterr().err
    assert "FAIRPRICE_PRIVATE_READERS, part 1" in err
    assert TOKEN not in err
