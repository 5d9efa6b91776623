"""The commands of `kelp usage`: flags in, exit code out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from kelp.cli.usage_report import Grouping

app = typer.Typer(help="What workspaces received, and what it costs.", no_args_is_help=True)


@app.command()
def report(
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First day (UTC), as 2026-03-01.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day (UTC).")] = None,
    by: Annotated[list[Grouping] | None, typer.Option("--by", help="What to tell the costs by.")] = None,
    scope: Annotated[
        str, typer.Option(metavar="ID", help="Resource id of a subscription, group or workspace; / for all.")
    ] = "/",
    daily: Annotated[bool, typer.Option("--daily", help="A row for each day.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    endpoint: Annotated[str | None, typer.Option(metavar="URL", help="Address of a running Kelp.")] = None,
    credentials: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What `kelp init --json` printed; else from the environment."),
    ] = None,
    ca_file: Annotated[
        str | None, typer.Option("--ca-file", metavar="FILE", help="Certificates to trust (PEM).")
    ] = None,
) -> None:
    """Tell what a period cost: this month, unless days are given."""
    from kelp.cli.credentials import load_credentials
    from kelp.cli.usage_report import report_costs, write_csv, write_table

    known = load_credentials({"endpoint": endpoint, "ca_file": ca_file}, os.environ, credentials)
    groupings = by or [Grouping.WORKSPACE]
    names, rows = report_costs(known, groupings, scope=scope, first=first, last=last, daily=daily)
    (write_csv if as_csv else write_table)(names, rows, sys.stdout)
