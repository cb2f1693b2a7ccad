"""`python -m training`: the training commands without the rest of `fairprice`."""

from __future__ import annotations

import typer

from training.commands import leaderboard, pages, protection, recover, simulate, train, trials
from training.forecast.command import backtest
from training.ingest import ingest
from training.retrain.commands import promote, retrain, rollback

app = typer.Typer(help="How a model earns its place.", no_args_is_help=True)
app.command()(train)
app.command()(recover)
app.command()(simulate)
app.command()(leaderboard)
app.command()(pages)
app.command()(protection)
app.command()(trials)
app.command()(backtest)
app.command()(ingest)
app.command()(retrain)
app.command()(promote)
app.command()(rollback)

if __name__ == "__main__":
    app()
