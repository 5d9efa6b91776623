"""The commands of `kelp customers`: flags in, exit code out."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kelp.cli.customers import Architecture
from kelp.cli.exit_codes import CommandFailed, ExitCode

if TYPE_CHECKING:
    from kelp.cli.credentials import Credentials

_MANAGER_ROLE = "92aaf0da-9dab-42b6-94a3-d43ce8d16293"
"""Log Analytics Contributor."""
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

NamesArgument = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Names of customers.")]
FileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="CSV",
        help="name, displayName, dailyQuotaGb, retentionInDays, domain, reader; a line each. Or names alone.",
    ),
]
ArchitectureOption = Annotated[Architecture, typer.Option(help="Where their records are kept.")]
DomainOption = Annotated[
    str, typer.Option(metavar="DOMAIN", help="Tenants get NAME.DOMAIN unless the file names a domain.")
]
PullOption = Annotated[
    list[str] | None, typer.Option(metavar="TABLE", help="Table to pull into the workspace (hybrid).")
]
ManagerOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="OBJECT_ID",
        help="User, group or application of yours that may manage them (distributed, hybrid); else the caller.",
    ),
]
TemplateOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="ARM template to deploy for each customer.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Check everything, print what would be made, and make nothing.")
]
OutOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where the secrets go; else they are printed.")
]


@app.command()
def add(
    names: NamesArgument = None,
    file: FileOption = None,
    architecture: ArchitectureOption = Architecture.CENTRAL,
    workspace: WorkspaceOption = None,
    domain_suffix: DomainOption = "customers.local",
    pull: PullOption = None,
    manager: ManagerOption = None,
    template: TemplateOption = None,
    dry_run: DryRunOption = False,
    out: OutOption = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Onboard customers; what is there stays. Prints JSON with the secrets, which are told once."""
    known = _load(endpoint, ca_file, workspace, credentials)
    request: dict[str, Any] = {
        "architecture": architecture,
        "domainSuffix": domain_suffix,
        "pulledTables": pull or [],
        "customers": [{"name": name} for name in names or []],
        "list": _read_text(file) if file else "",
        "authorizations": [{"principalId": one, "roleDefinitionId": _MANAGER_ROLE} for one in manager or []],
    }
    if not request["customers"] and not request["list"].strip():
        raise CommandFailed(ExitCode.USAGE, "Give names of customers, or --file with a CSV file of them.")
    if architecture is not Architecture.DISTRIBUTED:
        request["workspaceResourceId"] = known.require("workspace_resource_id", "--workspace ID")
    if template is not None:
        request["template"] = _read_template(template)
    _onboard(known, request, out, is_dry_run=dry_run)


def _onboard(known: Credentials, request: dict[str, Any], out: Path | None, *, is_dry_run: bool) -> None:
    from kelp.cli.customers import iter_onboarded, plan_customers
    from kelp.cli.service_client import ServiceClient

    made: list[dict[str, Any]] = []
    with closing(ServiceClient(known)) as client:
        planned = plan_customers(client, request)
        if is_dry_run:
            print(json.dumps(planned, indent=2, ensure_ascii=False))
            return
        try:
            made.extend(iter_onboarded(client, request, planned))
        finally:  # what was made is told, whatever came then: secrets are told once
            _write(json.dumps(made, indent=2, ensure_ascii=False), out)
    if out is not None:
        print(f"{len(made)} customers; what they need is in {out}", file=sys.stderr)
    refused = [f"{one['name']}: {one['error']}" for one in made if "error" in one]
    if refused:
        raise CommandFailed(ExitCode.INCOMPLETE, "\n".join(refused))


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


def _write(text: str, out: Path | None) -> None:
    """Print the text, or write it into a file that nobody else may read."""
    if out is None:
        print(text)
        return
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
        sink.write(text + "\n")


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(ExitCode.USAGE, f"Can't read {path}: {error}.") from error


def _read_template(path: Path) -> dict[str, object]:
    try:
        template = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandFailed(ExitCode.USAGE, f"Can't read the template {path}: {error}.") from error
    if not isinstance(template, dict):
        raise CommandFailed(ExitCode.USAGE, f"The template {path} is no JSON object.")
    return template
