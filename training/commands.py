"""Commands that training adds to `fairprice` through the entry-point group `fairprice.commands`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from features.intake.place import default_store
from training.config import DEFAULT_DRAWS, TrainingConfig, local_store
from training.options import (
    AsOf,
    DatasetFolder,
    Draws,
    Economies,
    Jobs,
    Machines,
    PromoteAnyway,
    RunOn,
    Scheduler,
    Seed,
    TrackingUri,
    Vintages,
)
from training.terminal import FAILED, SCREEN, at_work, faults_told


def train(
    as_of: AsOf = None,
    draws: Draws = DEFAULT_DRAWS,
    seed: Seed = 1,
    tracking_uri: TrackingUri = None,
    dataset: DatasetFolder = None,
    vintages: Vintages = None,
    private_data: Annotated[
        Path | None,
        typer.Option(envvar="FAIRPRICE_PRIVATE_DATA", help="Folder of your own cards, tables and costs."),
    ] = None,
    private_bundles: Annotated[
        Path | None,
        typer.Option(
            envvar="FAIRPRICE_PRIVATE_BUNDLES",
            help="Folder that keeps fits on private data whole; without it only what may be published is kept.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write bundle and plots to this folder.")] = None,
    promote: Annotated[bool, typer.Option(help="Let the new version serve.")] = True,
    promote_anyway: PromoteAnyway = None,
    economies: Economies = None,
    unless_current: Annotated[
        bool, typer.Option("--unless-current", help="Do nothing when the champion was made from the same inputs.")
    ] = False,
    jobs: Jobs = -1,
    backend: RunOn = None,
    scheduler: Scheduler = None,
) -> None:
    """Fit the fair-price model, log it to MLflow, register it and let it serve."""
    with faults_told("fairprice train"):
        config = TrainingConfig(
            dataset=dataset,
            vintages=vintages or default_store(),
            private_data=private_data,
            private_bundles=private_bundles,
            as_of=as_of.date() if as_of else None,
            draws=draws,
            seed=seed,
            tracking_uri=tracking_uri or local_store(),
            out=out,
            promote=promote,
            promote_anyway=promote_anyway,
            economies=economies,
            jobs=jobs,
        )
        _train(config, Machines(backend, scheduler), unless_current=unless_current)


def _train(config: TrainingConfig, machines: Machines, *, unless_current: bool) -> None:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when MLflow is imported, so before the next line
    from training.pipeline import current, run  # noqa: PLC0415 - keeps MLflow out of every other command's start
    from training.promotion import said  # noqa: PLC0415

    if unless_current and (version := current(config)):
        SCREEN.print(f"Version {version} serves and was made from the same data, code and settings; nothing to fit.")
        return
    with at_work(machines) as report:
        result = run(config, report)
    typer.echo("\n".join(said(result.board, result.verdict)))
    served = "serves" if result.promoted else "is registered and does not serve"
    if config.private_data and config.private_bundles is None:
        SCREEN.print("Private values are not kept; name a folder in FAIRPRICE_PRIVATE_BUNDLES to show them to readers.")
    SCREEN.print(f"Version {result.version} {served}: bundle {result.bundle_digest[:12]}, run {result.run_id}.")


def leaderboard(
    count: Annotated[int | None, typer.Option(help="Economies of each family; by default the shipped number.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the economies; by default the shipped one.")] = None,
    jobs: Jobs = -1,
    backend: RunOn = None,
    scheduler: Scheduler = None,
    out: Annotated[Path, typer.Option(help="Folder of the page, its table, record and chart.")] = Path("docs"),
) -> None:
    """Score the estimator and its peers on simulated economies whose truth is known, and fill the page."""
    from training.leaderboard.settings import BY_HAND, size_of  # noqa: PLC0415 - as above
    from training.leaderboard.structural import estimator  # noqa: PLC0415
    from training.leaderboard.trial import leaderboard as judged  # noqa: PLC0415
    from training.page_leaderboard import printed, write_leaderboard  # noqa: PLC0415

    with faults_told("fairprice leaderboard"):
        with at_work(Machines(backend, scheduler)) as report:
            board = judged(size_of(BY_HAND, count, seed), jobs, lambda share: report("leaderboard", share), estimator)
        written = write_leaderboard(board, out)
    typer.echo(printed(board))
    SCREEN.print(f"Wrote {len(written)} files to {out}.")


def recover(
    economies: Annotated[Path, typer.Option(help="Folder of NAME_observed.csv, one economy each.")],
    out: Annotated[Path, typer.Option(help="Folder for NAME_fair.csv.")],
    prior: Annotated[
        Path | None, typer.Option(help="Rows that replace those of the analyst prior, YAML or JSON.")
    ] = None,
    no_correction: Annotated[
        bool,
        typer.Option("--no-correction", help="Changes nothing: no correction is applied (docs/recovery.md says why)."),
    ] = False,
    jobs: Jobs = -1,
    backend: RunOn = None,
    scheduler: Scheduler = None,
) -> None:
    """Recover the fair prices of simulated economies from what an analyst would see of them."""
    from training.recovery import recover_folder  # noqa: PLC0415 - keeps joblib out of every other command's start

    del no_correction  # none is applied: it leaks more than it mends, see docs/recovery.md
    with faults_told("fairprice recover"), at_work(Machines(backend, scheduler)) as report:
        found = recover_folder(economies, out, prior, jobs, lambda share: report("recover", share))
    faults = [one for one in found if one.fault]
    for one in faults:
        SCREEN.print(f"{one.name}: left out. {one.fault}", style="red", highlight=False, soft_wrap=True)
    for one in (one for one in found if one.outside):
        far = f"{100 * one.share_farther:.1f} % of simulated economies lie farther out (score {one.score:.1f})"
        SCREEN.print(f"{one.name}: outside the simulated cloud, intervals widened; {far}.", soft_wrap=True)
    SCREEN.print(f"{len(found) - len(faults)} economies recovered, {len(faults)} left out.")
    if faults:
        raise typer.Exit(FAILED)


def simulate(
    family: Annotated[str, typer.Option(help="Name of a family in features/data/expert/synthetic_families.yaml.")],
    out: Annotated[Path, typer.Option(help="Folder for NAME_observed.csv and NAME_truth.csv.")],
    count: Annotated[int, typer.Option(min=1, help="Economies, twins not counted.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files, byte for byte.")] = 1,
    twins: Annotated[
        bool, typer.Option("--twins", help="Also write four twins of each, with more of one distortion.")
    ] = False,
    jobs: Jobs = -1,
    backend: RunOn = None,
    scheduler: Scheduler = None,
) -> None:
    """Simulate economies whose fair prices are known, as files that `recover` reads."""
    from training.simulate import family_named, in_parallel, write_economies  # noqa: PLC0415 - as above, for joblib

    with faults_told("fairprice simulate"):
        chosen = family_named(family)
        with at_work(Machines(backend, scheduler)) as report:
            made = in_parallel(
                chosen, count, seed, twins=twins, jobs=jobs, progress=lambda share: report("simulate", share)
            )
        write_economies(made, out)
    SCREEN.print(f"{len(made)} economies of {family} written to {out}.")


def pages(
    bundle: Annotated[Path, typer.Option(help="Folder of a bundle, as `fairprice train --out` writes it.")],
    to: Annotated[Path, typer.Option(help="Folder of the pages.")] = Path("docs"),
) -> None:
    """Write the tables and plots of the pages on histories and method from a bundle."""
    from features.dataset import load_dataset  # noqa: PLC0415 - as above, for pandas and matplotlib
    from pricing.bundle import read_bundle  # noqa: PLC0415
    from training.pages import write_pages  # noqa: PLC0415

    with faults_told("fairprice pages"):
        written = write_pages(read_bundle(bundle), load_dataset(), to)
    SCREEN.print(f"Wrote {len(written)} files to {to}. Read the prose again: a command cannot.")


def protection(
    to: Annotated[Path, typer.Option(help="Folder of the page `mp_price_protection.md`.")] = Path("docs"),
) -> None:
    """Fill the page on reported payments of the MP price protection, and draw its chart."""
    from features.dataset import load_dataset  # noqa: PLC0415 - as above
    from training.page_protection import write_protection  # noqa: PLC0415

    with faults_told("python -m training protection"):
        written = write_protection(load_dataset(), to)
    SCREEN.print(f"Wrote {len(written)} files to {to}. Read the prose again: a command cannot.")


def trials(
    draws: Annotated[int | None, typer.Option(help="Draws of each fit; by default the shipped number.")] = None,
    jobs: Jobs = -1,
    backend: RunOn = None,
    scheduler: Scheduler = None,
    out: Annotated[Path, typer.Option(help="Folder of the page `trials.md`.")] = Path("docs"),
) -> None:
    """Try the method on real data: known events, altered markets, other assumptions; fill the page on trials."""
    from training.trials.run import run_trials  # noqa: PLC0415 - as above

    with faults_told("fairprice trials"), at_work(Machines(backend, scheduler)) as report:
        written = run_trials(out, draws, jobs, report)
    SCREEN.print(f"Wrote {len(written)} files to {out}. Read the prose again: a command cannot.")
