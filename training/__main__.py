"""`python -m training`: the training commands without the rest of `fairprice`."""

from __future__ import annotations

import typer

from training.commands import train

app = typer.Typer(help="How a model earns its place.", no_args_is_help=True)
app.callback()(lambda: None)  # keeps `train` a subcommand while it is the only one
app.command()(train)

if __name__ == "__main__":
    app()
