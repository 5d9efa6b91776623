"""The commands of `kelp access`: flags in, exit code out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Who may do what.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Who may do what."""


@app.command()
def explain(
    who: Annotated[
        str, typer.Argument(metavar="WHO", help="Sign-in name, or id of a user, application, group.")
    ],
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="Such as Microsoft.OperationalInsights/workspaces/read.")
    ],
    scope: Annotated[str, typer.Argument(metavar="SCOPE", help="Resource id; / for the tenant.")],
    is_data: Annotated[
        bool, typer.Option("--data-action", help="It is an action on data, not on resources.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Folder that holds everything Kelp keeps.")
    ] = None,
    endpoint: Annotated[str | None, typer.Option(metavar="URL", help="Address of a running Kelp.")] = None,
    credentials: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What `kelp init --json` printed; else from the environment."),
    ] = None,
    ca_file: Annotated[
        str | None, typer.Option("--ca-file", metavar="FILE", help="Certificates to trust (PEM).")
    ] = None,
) -> None:
    """Tell whether somebody may do something somewhere, and by which role or why not; exit code 5 if not."""
    from kelp.cli.access_explanation import (
        ask_service,
        describe_access,
        encode_access,
        is_allowed,
        read_folder,
    )
    from kelp.cli.credentials import load_credentials
    from kelp.cli.exit_codes import CommandFailed, ExitCode

    if data is not None and endpoint is not None:
        raise CommandFailed(ExitCode.USAGE, "Give --data or --endpoint, not both.")
    if data is not None:
        found = read_folder(data, who, action, scope, is_data=is_data)
    else:
        known = load_credentials({"endpoint": endpoint, "ca_file": ca_file}, os.environ, credentials)
        found = ask_service(known, who, action, scope, is_data=is_data)
    print(encode_access(found) if as_json else describe_access(found))
    if not is_allowed(found):
        raise typer.Exit(ExitCode.INCOMPLETE)
