"""The commands of `kelp customers`: flags in, exit code out."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kelp.cli.customers import Architecture
from kelp.cli.exit_codes import CommandFailed, ExitCode

if TYPE_CHECKING:
    from kelp.cli.credentials import Credentials

app = typer.Typer(help="Customers of a service provider.", no_args_is_help=True)

EndpointOption = Annotated[str | None, typer.Option(metavar="URL", help="Address of a running Kelp.")]
CredentialsOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="What `kelp init --json` printed; else from the environment."),
]
CaFileOption = Annotated[
    str | None, typer.Option("--ca-file", metavar="FILE", help="Certificates to trust (PEM).")
]
WorkspaceOption = Annotated[
    str | None, typer.Option(metavar="ID", help="Resource id of the provider's workspace.")
]


@app.command()
def add(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Names of customers.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="name, displayName, dailyQuotaGb, retentionInDays, domain, reader; a line each.",
        ),
    ] = None,
    architecture: Annotated[
        Architecture, typer.Option(help="Where their records are kept.")
    ] = Architecture.CENTRAL,
    workspace: WorkspaceOption = None,
    domain_suffix: Annotated[
        str, typer.Option(metavar="DOMAIN", help="Tenants get NAME.DOMAIN unless the file names a domain.")
    ] = "customers.local",
    pull: Annotated[
        list[str] | None, typer.Option(metavar="TABLE", help="Table to pull into the workspace (hybrid).")
    ] = None,
    template: Annotated[
        Path | None, typer.Option(metavar="FILE", help="ARM template to deploy for each customer.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the secrets go; else they are printed.")
    ] = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Onboard customers; what is there stays. Prints JSON with the secrets, which are told once."""
    from kelp.cli.customers import NewCustomer, Plan, add_customers, read_customers
    from kelp.cli.service_client import ServiceClient

    known = _load(endpoint, ca_file, workspace, credentials)
    customers = [NewCustomer(name) for name in names or []] + (read_customers(file) if file else [])
    if not customers:
        raise CommandFailed(ExitCode.USAGE, "Give names of customers, or --file with a CSV file of them.")
    plan = Plan(
        architecture=architecture,
        workspace=known.require("workspace_resource_id", "--workspace ID"),
        domain_suffix=domain_suffix,
        pulled_tables=tuple(pull or ()),
        template=_read_template(template) if template else None,
    )
    with closing(ServiceClient(known)) as client:
        made = add_customers(client, plan, customers)
    text = json.dumps(made, indent=2, ensure_ascii=False)
    if out is None:
        print(text)
        return
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
        sink.write(text + "\n")
    print(f"{len(made)} customers; what they need is in {out}", file=sys.stderr)


@app.command("list")
def list_all(
    workspace: WorkspaceOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Tell of each customer of a workspace: state, what it sent today, when last."""
    from kelp.cli.customers import list_customers
    from kelp.cli.service_client import ServiceClient

    known = _load(endpoint, ca_file, workspace, credentials)
    with closing(ServiceClient(known)) as client:
        listed = list_customers(client, known.require("workspace_resource_id", "--workspace ID"))
    if as_json:
        print(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for one in listed:
        last = one["lastRecord"] or "none today"
        megabytes = one["bytesToday"] / 1e6
        print(f"{one['name']:<24} {one['state']:<8} {one['status']:<16} {megabytes:>12,.3f} MB  {last}")
    print(f"{len(listed)} customers")


def _load(
    endpoint: str | None, ca_file: str | None, workspace: str | None, credentials: Path | None
) -> Credentials:
    from kelp.cli.credentials import load_credentials

    given = {"endpoint": endpoint, "ca_file": ca_file, "workspace_resource_id": workspace}
    return load_credentials(given, os.environ, credentials)


def _read_template(path: Path) -> dict[str, object]:
    try:
        template = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandFailed(ExitCode.USAGE, f"Can't read the template {path}: {error}.") from error
    if not isinstance(template, dict):
        raise CommandFailed(ExitCode.USAGE, f"The template {path} is no JSON object.")
    return template
