"""What keeps a candidate from serving, and what a person may set aside: a worse version never serves by itself."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mlflow import MlflowClient

from pricing.errors import BundleError, DataError, HeldError, InputError, MissingModelError
from serving.mlflow_store import MlflowStore
from training.registry import LINE_LENGTH, promote, promotions, under, versions
from training.retrain.by_hand import let_serve, roll_back
from training.retrain.first_published import FIRST_BY, first_published
from training.retrain.job import retrain
from training.retrain.lock import Turn
from training.retrain.outcome import Kind, Outcome, as_dict, summary
from training.retrain.request import Makers, Request

REASON = "the old one is withdrawn"
NOW = datetime(2026, 4, 20, 7, tzinfo=UTC)
TURN = Turn(NOW)


def uri(place: Path) -> str:
    return f"sqlite:///{place}/store/mlflow.db"


def serving(place: Path) -> str:
    return MlflowStore(uri(place)).champion().version


class Job:
    """Jobs on one place; each with settings of its own, so that each is a candidate of its own."""

    def __init__(self, tiny: ModuleType, place: Path) -> None:
        self.tiny, self.place, self.seed = tiny, place, 1

    def __call__(self, made: dict[str, Any] | None = None, **settings: Any) -> Outcome:
        self.seed += 1
        request = self.tiny.request(self.place, seed=self.seed, work=self.place / f"work{self.seed}", **settings)
        return retrain(request, self.tiny.makers(**(made or {})))


@pytest.fixture
def job(tiny: ModuleType, served: Path) -> Job:
    """Jobs on a place where version 1 serves."""
    return Job(tiny, served)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"error": 1.25}, "Worse than the champion on as_examples: rmse_long_run"),
        ({"forecast": 0.2}, "Its forecasts FOB China, VAT not refunded, 1 months ahead, are worse than the champion's"),
        ({"level": 1.1}, "The long-run fair price of NdPr, as known, changes by +10.0 %"),
    ],
    ids=["estimator", "forecasts", "prices"],
)
def test_a_planted_worse_version_is_refused_with_reasons_and_the_champion_serves(
    job: Job, damage: dict[str, Any], said: str
) -> None:
    outcome = job(damage)
    assert (outcome.kind, outcome.code, outcome.version, serving(job.place)) == (Kind.REFUSED, 3, "2", "1")
    assert outcome.judgement is not None
    assert any(reason.startswith(said) for reason in outcome.judgement.verdict.against)
    first = summary(outcome).splitlines()[0]
    assert first.startswith("fairprice retrain: refused by the gate: version 2")
    assert first.endswith("version 1 goes on serving")
    tags = MlflowClient(uri(job.place)).get_model_version("fairprice", "2").tags
    assert (tags["gate"], tags["serves_from_here"]) == ("refused", "false")
    assert said in tags["gate_reasons"]


@pytest.mark.slow
def test_small_steps_that_each_pass_do_not_add_up_unasked_and_a_persons_word_begins_a_new_count(job: Job) -> None:
    assert [job({"level": level}).kind for level in (1.025, 1.05)] == [Kind.PROMOTED, Kind.PROMOTED]
    third = job({"level": 1.076})
    assert (third.kind, serving(job.place)) == (Kind.REFUSED, "3")
    assert third.judgement is not None
    reasons = third.judgement.verdict.against
    assert reasons[0].startswith("The long-run fair price of Dy, as known, in 20")
    assert "is +7.6 % from what version 1 first published of the month" in reasons[0]
    assert all("without a person steps add up to at most 6 %" in reason for reason in reasons)
    let_serve(uri(job.place), third.version, "a tariff, looked at by hand", TURN)
    assert job({"level": 1.1}).kind is Kind.PROMOTED


def test_what_was_taken_out_of_service_is_no_first_publication(job: Job, tmp_path: Path) -> None:
    job({"level": 1.02})
    assert set(first_published(uri(job.place), tmp_path / "before")[FIRST_BY]) == {"1"}
    roll_back(uri(job.place), None, "wrong", TURN)
    let_serve(uri(job.place), "2", "right after all", TURN)
    roll_back(uri(job.place), "1", "wrong again", TURN)
    assert set(first_published(uri(job.place), tmp_path / "after")[FIRST_BY]) == {"1"}


def test_a_person_lets_a_refused_version_serve_on_the_record(job: Job) -> None:
    outcome = job({"level": 1.1}, promote_anyway=REASON)
    assert (outcome.kind, outcome.code, serving(job.place)) == (Kind.PROMOTED, 0, "2")
    assert f"lets it serve all the same: {REASON}" in summary(outcome)
    assert MlflowClient(uri(job.place)).get_model_version("fairprice", "2").tags["promoted_anyway"] == REASON


@pytest.mark.slow
def test_another_method_runs_beside_the_champion_and_says_how_far_its_prices_are(job: Job) -> None:
    beside = job({"level": 1.1, "method": "2"})
    assert (beside.kind, beside.code, serving(job.place)) == (Kind.BESIDE, 6, "1")
    found = under(uri(job.place), "challenger")
    assert found is not None
    assert (found.version, found.tags["challenger_since"]) == ("2", "2026-04-20")
    told = summary(beside)
    assert "method       2; the champion's is 1" in told
    assert "NdPr long-run, as known: median +10.0 %, largest +10.0 %" in told
    again = job({"level": 1.02, "method": "2"}, now=job.tiny.DAY + timedelta(days=55))
    assert again.kind is Kind.BESIDE
    later = job({"level": 1.03, "method": "2"}, now=job.tiny.DAY + timedelta(days=56))
    assert (later.kind, serving(job.place)) == (Kind.PROMOTED, later.version)
    assert under(uri(job.place), "challenger") is None


def test_another_method_far_from_the_champion_waits_for_a_person(job: Job) -> None:
    job({"level": 1.1, "method": "2"})
    waited = job({"level": 1.11, "method": "2"}, now=job.tiny.DAY + timedelta(days=90))
    assert waited.kind is Kind.REFUSED
    let_serve(uri(job.place), waited.version, "two months beside the champion, and right", TURN)
    assert serving(job.place) == waited.version
    roll_back(uri(job.place), "2", "the other one was better", TURN)
    assert (serving(job.place), under(uri(job.place), "challenger")) == ("2", None)


def test_another_method_that_is_worse_does_not_even_run_beside(job: Job) -> None:
    assert job({"method": "2", "error": 1.25}).kind is Kind.REFUSED
    assert under(uri(job.place), "challenger") is None


def test_a_version_taken_out_of_service_comes_back_by_a_person_alone(job: Job) -> None:
    second = job({"level": 1.02})
    withdrawn, now = roll_back(uri(job.place), None, "the feed of April was wrong", TURN)
    assert (withdrawn.version, now.version, serving(job.place)) == ("2", "1", "1")
    job.seed -= 1
    again = job({"level": 1.02})
    assert (again.kind, again.digest, again.version, serving(job.place)) == (Kind.REFUSED, second.digest, "2", "1")
    assert "taken out of service by" in summary(again)
    let_serve(uri(job.place), "2", "the feed was right", TURN)
    assert serving(job.place) == "2"
    job.seed -= 1
    assert job({"level": 1.02}).kind is Kind.NOTHING_NEW


def test_a_rollback_goes_back_past_versions_taken_out_before(job: Job) -> None:
    for level in (1.01, 1.02):
        job({"level": level})
    assert [roll_back(uri(job.place), None, "wrong", TURN)[1].version for _ in range(2)] == ["2", "1"]
    with pytest.raises(InputError, match="none is on record"):
        roll_back(uri(job.place), None, "wrong", TURN)
    assert serving(job.place) == "1"


def test_another_machine_that_promotes_at_the_same_time_is_told_and_nothing_changes(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    job({"level": 1.1})
    client = MlflowClient(uri(job.place))
    put = MlflowClient.set_registered_model_tag

    def beaten(self: MlflowClient, name: str, key: str, value: str) -> None:
        """Put the other machine's line of the same number there first, as it may between look and write."""
        if key.startswith("promoted."):
            put(self, name, f"promoted.20260420T065959.000000Z.{json.loads(value)['number']}", value)
        put(self, name, key, value)

    before = dict(client.get_registered_model("fairprice").tags)
    monkeypatch.setattr(MlflowClient, "set_registered_model_tag", beaten)
    with pytest.raises(HeldError, match=r"Another machine promoted at the same time \(version 2 by .*taken back"):
        promote(uri(job.place), "2", "ann", REASON)
    after = client.get_registered_model("fairprice").tags
    assert set(after) - set(before) == {"promoted.20260420T065959.000000Z.2"}
    assert serving(job.place) == "1"


def test_reasons_that_are_too_long_for_the_record_are_counted(job: Job) -> None:
    job({"level": 1.1})
    reasons = "\n".join(["worse in Tb by 4 % at most"] * 300)
    MlflowClient(uri(job.place)).set_model_version_tag("fairprice", "2", "gate_reasons", reasons)
    promote(uri(job.place), "2", "ann", REASON)
    facts = promotions(uri(job.place))[-1]
    assert len(json.dumps(facts)) < LINE_LENGTH
    assert facts["against"][-1] == f"{301 - len(facts['against'])} more reasons stand on the version."


@pytest.mark.parametrize("because", ["", "  "])
def test_nobody_changes_what_serves_without_a_reason(unchanged: Path, because: str) -> None:
    with pytest.raises(InputError, match="--because"):
        let_serve(uri(unchanged), "1", because, TURN)
    with pytest.raises(InputError, match="--because"):
        roll_back(uri(unchanged), None, because, TURN)


def test_a_version_whose_files_were_touched_is_not_put_in_service(job: Job) -> None:
    job({"level": 1.02})
    for history in (job.place / "store").glob("artifacts/**/history_latest.csv"):
        history.write_text(history.read_text().replace("60.0", "66.0", 1))
    for put_in_service in (
        lambda: let_serve(uri(job.place), "1", REASON, TURN),
        lambda: roll_back(uri(job.place), "1", REASON, TURN),
    ):
        with pytest.raises(BundleError):
            put_in_service()
    serves = under(uri(job.place), "champion")
    assert serves is not None
    assert serves.version == "2"
    assert not any("rolled_back" in one.tags for one in versions(uri(job.place)))


def test_nothing_can_be_taken_out_of_service_before_something_serves(place: Path) -> None:
    with pytest.raises(MissingModelError, match="No version serves"):
        roll_back(uri(place), None, "to be sure", TURN)


def test_the_champion_is_judged_against_again_when_a_person_changes_it_meanwhile(job: Job) -> None:
    job({"level": 1.01})
    changes: list[str] = []

    def progress(stage: str, share: float) -> None:
        if stage == "gate" and share == 1.0 and not changes:
            changes.append(roll_back(uri(job.place), None, "wrong", TURN)[1].version)

    request = job.tiny.request(job.place, seed=9)
    outcome = retrain(request, job.tiny.makers(level=1.02), progress)
    assert (changes, outcome.champion, outcome.kind) == (["1"], "1", Kind.PROMOTED)
    assert [one.stage for one in outcome.stages].count("gate") == 2


def test_what_a_person_says_while_a_job_promotes_is_refused_and_not_lost(job: Job) -> None:
    told: list[str] = []

    def progress(stage: str, share: float) -> None:
        if (stage, share) == ("promote", 0.0):  # the job has looked who serves, and has not set the alias yet
            with pytest.raises(HeldError) as held:
                let_serve(uri(job.place), "1", REASON, Turn(NOW, wait_seconds=0))
            told.append(str(held.value))

    job({"level": 1.01})
    request = job.tiny.request(job.place, seed=9)
    outcome = retrain(request, job.tiny.makers(level=1.02), progress)
    assert (outcome.kind, serving(job.place)) == (Kind.PROMOTED, "3")
    assert re.search(r"held by process \d+ .* since .*; one at a time\. Run this again later", told[0])


def test_a_stage_that_fails_leaves_its_run_and_the_jobs_failed_and_the_next_job_goes_on(job: Job) -> None:
    def fails(*_asked: Any) -> dict[str, Any]:
        msg = "series usd_cny is missing"
        raise DataError(msg)

    good: Makers = job.tiny.makers()
    request: Request = job.tiny.request(job.place, seed=9)
    with pytest.raises(DataError, match="usd_cny"):
        retrain(request, replace(good, market=fails))
    failed = MlflowClient(uri(job.place)).search_runs(["1"], "attributes.status = 'FAILED'")
    assert sorted(run.data.tags.get("retrain_stage", "the job") for run in failed) == ["backtest", "the job"]
    assert (serving(job.place), len(versions(uri(job.place)))) == ("1", 1)
    again = retrain(request, good)
    assert {one.stage: one.reused for one in again.stages}["fit"]


def test_a_summary_is_kept_with_the_run_and_the_runs_of_stages_lie_below_it(job: Job) -> None:
    outcome = job({"level": 1.02})
    client = MlflowClient(uri(job.place))
    text = Path(client.download_artifacts(outcome.run_id, "summary.txt")).read_text()
    assert text.startswith("fairprice retrain: promoted: version 2")
    below = client.search_runs(["1"], f"tags.`mlflow.parentRunId` = '{outcome.run_id}'")
    stages = {run.data.tags["retrain_stage"] for run in below if "retrain_stage" in run.data.tags}
    assert stages == {"quality", "fit", "backtest", "leaderboard", "bundle", "drift", "gate", "register", "promote"}
    assert {run.info.status for run in below} == {"FINISHED"}
    kept = {file.path for file in client.list_artifacts(outcome.run_id)}
    assert {"summary.json", "summary.txt", "prices.csv", "drift"} <= kept
    assert as_dict(outcome)["gate"]["price_change"][0]["months"] == 26
