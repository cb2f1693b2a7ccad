"""`python -m training`: the training commands without the rest of `fairprice`."""

from __future__ import annotations

import typer

from training.commands import pages, recover, simulate, train

app = typer.Typer(help="How a model earns its place.", no_args_is_help=True)
app.command()(train)
app.command()(recover)
app.command()(simulate)
app.command()(pages)

if __name__ == "__main__":
    app()
