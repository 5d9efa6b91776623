"""The commands of `kelp`: flags in, exit code out. What a command does is in the module named after it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from kelp.base.errors import Category, ServiceError
from kelp.base.settings import InvalidSettings
from kelp.cli import access_commands, customer_commands, usage_commands
from kelp.cli.directory_commands import directory
from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.output_format import OutputFormat

if TYPE_CHECKING:
    from kelp.base.settings import Settings
    from kelp.cli.credentials import Credentials
    from kelp.cli.offline_query import Work

T = TypeVar("T")

_CODE_OF_CATEGORY = {
    **dict.fromkeys((Category.UNAUTHENTICATED, Category.FORBIDDEN), ExitCode.NOT_REACHED),
    **dict.fromkeys(
        (Category.INVALID, Category.NOT_FOUND, Category.CONFLICT, Category.TOO_LARGE, Category.UNSUPPORTED),
        ExitCode.REFUSED,
    ),
}

app = typer.Typer(
    name="kelp",
    help="Self-hosted log analytics that speaks KQL and Azure Monitor's wire protocols.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(access_commands.app, name="access")
app.add_typer(customer_commands.app, name="customers")
app.add_typer(usage_commands.app, name="usage")
app.add_typer(directory, name="directory")

DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Folder that holds everything Kelp keeps.")
]
ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings file (TOML).")]
EndpointOption = Annotated[str | None, typer.Option(metavar="URL", help="Address of a running Kelp.")]
CredentialsOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="What `kelp init --json` printed; else from the environment."),
]
TextArgument = Annotated[
    str, typer.Argument(metavar="KQL", help="The query; - reads it from standard input.")
]
WorkspaceOption = Annotated[
    str | None, typer.Option(metavar="GUID", help="Workspace; with --data also its name, else `default`.")
]
TablesOption = Annotated[
    list[str] | None,
    typer.Option("--table", metavar="NAME=PATH", help="A file as a table: JSON lines, CSV, Parquet, text."),
]
CaFileOption = Annotated[
    str | None, typer.Option("--ca-file", metavar="FILE", help="Certificates to trust (PEM).")
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SubscriptionOption = Annotated[
    str, typer.Option(metavar="GUID", help="Subscription of the customer's workspaces.")
]
RequestArgument = Annotated[str, typer.Argument(metavar="REQUEST", help="Name of the request.")]
ReasonOption = Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept with the answer.")]

keys_app = typer.Typer(
    help="The installation's own keys: how old they are, and replacing them.", no_args_is_help=True
)
lockbox_app = typer.Typer(
    help="Operators' requests for access to customers' workspaces.", no_args_is_help=True
)
app.add_typer(keys_app, name="keys")
app.add_typer(lockbox_app, name="lockbox")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command that the arguments (else those of the process) name, and end the process with its exit code."""
    try:
        app(arguments)
    except CommandFailed as failed:
        _leave(failed.code, failed.message)
    except OSError as error:  # such as an address that is in use
        _leave(ExitCode.FAILED, str(error))
    except InvalidSettings as error:
        _leave(ExitCode.USAGE, error.message)
    except ServiceError as error:
        _leave(_CODE_OF_CATEGORY.get(error.category, ExitCode.FAILED), f"{error.code}: {error.message}")
    sys.exit(ExitCode.DONE)


@app.command()
def init(
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    new_secrets: Annotated[
        bool, typer.Option("--new-secrets", help="Give the owners new secrets; the old ones end.")
    ] = False,
) -> None:
    """Make a data folder: tenant, subscription, workspace, and two owners whose secrets are printed once."""
    from kelp.cli.installation_commands import endpoint_of, initialize
    from kelp.cli.installation_text import describe_report, encode_report

    settings = _load_settings(data, config)
    describe = encode_report if as_json else describe_report
    print(describe(initialize(settings, new_secrets=new_secrets), endpoint_of(settings)))


@app.command()
def serve(
    data: DataOption = None,
    listen: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Where to listen.")] = None,
    config: ConfigOption = None,
    local_logs: Annotated[
        bool, typer.Option("--local-logs", help="Collect this machine's own logs and counters.")
    ] = False,
) -> None:
    """Serve until SIGTERM. One line with `ready` and the address is printed when requests are accepted."""
    import uvloop

    from kelp.app.memory import return_large_memory

    return_large_memory()
    from kelp.cli.installation_commands import serve_folder

    settings = _load_settings(data, config, **_parse_listen(listen))
    uvloop.run(serve_folder(settings, lambda text: print(text, flush=True), local_logs=local_logs))


@app.command()
def query(
    text: TextArgument,
    data: DataOption = None,
    endpoint: EndpointOption = None,
    workspace: WorkspaceOption = None,
    tables: TablesOption = None,
    output_format: Annotated[
        OutputFormat, typer.Option("--format", help="How to print.")
    ] = OutputFormat.TABLE,
    timespan: Annotated[
        str | None,
        typer.Option(metavar="ISO8601", help="Of a server's records only these: PT1H, or START/END."),
    ] = None,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
    config: ConfigOption = None,
) -> None:
    """Run a query: over a data folder, over files, or on a server."""
    from kelp.cli.diagnostics import describe_warnings
    from kelp.cli.rendering import print_answer

    kql = sys.stdin.read() if text == "-" else text
    if _is_here(endpoint, data, tables):
        from kelp.cli.offline_query import run_query

        if timespan:
            raise CommandFailed(ExitCode.USAGE, "--timespan is for a server: filter by time in the query.")
        answer = _work_here(kql, data, tables or [], workspace, config, run_query)
    else:
        from kelp.cli.credentials import load_credentials
        from kelp.cli.remote_query import query_service

        given = {"endpoint": endpoint, "workspace_id": workspace, "ca_file": ca_file}
        answer = query_service(kql, load_credentials(given, os.environ, credentials), timespan)
    print_answer(answer, output_format, sys.stdout)
    if answer.warnings:
        print(describe_warnings(kql, answer.warnings), file=sys.stderr)
    if answer.partial_reason is not None:
        raise CommandFailed(ExitCode.INCOMPLETE, f"The answer is not whole: {answer.partial_reason}")


@app.command()
def explain(
    text: TextArgument = "",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Read the query from a file.")
    ] = None,
    data: DataOption = None,
    endpoint: EndpointOption = None,
    workspace: WorkspaceOption = None,
    tables: TablesOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
    config: ConfigOption = None,
) -> None:
    """Tell what a query would do, stage by stage, and what it would read, without running it."""
    from kelp.cli.explanation import describe_explanation

    if (file is None) == (not text):
        raise CommandFailed(ExitCode.USAGE, "Give the query, or --file and the file that holds it.")
    kql = file.read_text(encoding="utf-8") if file else sys.stdin.read() if text == "-" else text
    if _is_here(endpoint, data, tables):
        from kelp.cli.offline_query import explain_query

        explained = _work_here(kql, data, tables or [], workspace, config, explain_query)
    else:
        from kelp.cli.credentials import load_credentials
        from kelp.cli.remote_query import explain_with_service

        given = {"endpoint": endpoint, "workspace_id": workspace, "ca_file": ca_file}
        explained = explain_with_service(kql, load_credentials(given, os.environ, credentials))
    print(json.dumps(explained, indent=2, ensure_ascii=False) if as_json else describe_explanation(explained))


@app.command()
def ingest(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="JSON lines, a JSON array or CSV; .gz, .zst.")
    ],
    table: Annotated[str, typer.Option(metavar="NAME", help="Table to fill; one of your own ends in _CL.")],
    endpoint: EndpointOption = None,
    workspace: Annotated[str | None, typer.Option(metavar="GUID", help="Workspace.")] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="Key of the workspace.")] = None,
    rule: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Immutable id of the data collection rule to send through."),
    ] = None,
    stream: Annotated[str | None, typer.Option(metavar="NAME", help="Stream of the rule.")] = None,
    time_field: Annotated[
        str,
        typer.Option("--time-field", metavar="NAME", help="Member that holds the time (Data Collector API)."),
    ] = "",
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Send files of records to a server through its ingestion APIs."""
    from kelp.cli.credentials import load_credentials
    from kelp.cli.ingest_files import ingest_files, open_destination
    from kelp.cli.service_client import ServiceClient

    given = {"endpoint": endpoint, "workspace_id": workspace, "primary_key": key, "ca_file": ca_file}
    known = load_credentials(given, os.environ, credentials)
    with closing(ServiceClient(known)) as client:
        destination = open_destination(client, known, table, rule=rule, stream=stream, time_field=time_field)
        records = ingest_files(destination, files)
    print(f"{records:,} records sent to {table}")


@app.command()
def reprocess(
    workspace: Annotated[str, typer.Option(metavar="NAME", help="Workspace: name, GUID or resource id.")],
    table: Annotated[str, typer.Option(metavar="NAME", help="Table to make anew.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a table anew from the raw records that were kept, with the transformation of today."""
    from kelp.app.maintenance import reprocess_table
    from kelp.cli.progress import counting_progress

    settings = _load_settings(data, config)
    with counting_progress(f"reprocessing {table}") as report:
        rows = asyncio.run(reprocess_table(settings, workspace, table, report))
    print(f"{rows:,} rows in {table}")


@app.command()
def verify(data: DataOption = None, config: ConfigOption = None) -> None:
    """Check everything that is kept: hashes of parts, journal, blobs, the chain of the audit log."""
    from kelp.app.maintenance import verify_folder

    findings = asyncio.run(verify_folder(_load_settings(data, config), print))
    if findings:
        raise CommandFailed(ExitCode.INCOMPLETE, f"{findings:,} things are wrong.")
    print("Everything is as it was written.")


@app.command()
def destroyed(
    data: DataOption = None,
    endpoint: EndpointOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
    config: ConfigOption = None,
) -> None:
    """List the workspaces that were destroyed with their keys, and the proofs: of a data folder, or of a server."""
    from kelp.cli.destroyed_workspaces import ask_service, describe_destroyed, read_folder

    if _is_here(endpoint, data, None):
        found = read_folder(_load_settings(data, config))
    else:
        from kelp.cli.credentials import load_credentials

        given = {"endpoint": endpoint, "ca_file": ca_file}
        found = ask_service(load_credentials(given, os.environ, credentials))
    print(json.dumps(found, indent=2) if as_json else describe_destroyed(found))


@keys_app.command("status")
def keys_status(
    endpoint: EndpointOption = None,
    as_json: JsonOption = False,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Tell of each key of the installation how old it is and when it is replaced by itself."""
    from kelp.cli.operators import describe_keys, list_keys

    found = list_keys(_load_credentials(endpoint, credentials, ca_file))
    print(json.dumps(found, indent=2) if as_json else describe_keys(found))


@keys_app.command("rotate")
def keys_rotate(
    part: Annotated[
        str, typer.Argument(metavar="PART", help="all, workspaces, clusters, product or tokens.")
    ] = "all",
    owner: Annotated[str, typer.Option(metavar="GUID", help="Only those of this workspace or cluster.")] = "",
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Replace keys now; what the old ones sealed stays readable."""
    from kelp.cli.operators import rotate_keys

    rotated = rotate_keys(_load_credentials(endpoint, credentials, ca_file), part, owner)
    print(f"{rotated:,} keys replaced")


@lockbox_app.command("list")
def lockbox_list(
    subscription: SubscriptionOption = "",
    endpoint: EndpointOption = None,
    as_json: JsonOption = False,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """List the requests for access: an operator's own, or with --subscription those that its owner answers."""
    from kelp.cli.operators import describe_requests, list_requests

    found = list_requests(_load_credentials(endpoint, credentials, ca_file), subscription)
    print(json.dumps(found, indent=2) if as_json else describe_requests(found))


@lockbox_app.command("request")
def lockbox_request(
    workspace: Annotated[str, typer.Option(metavar="ID", help="Workspace: resource id or GUID.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; the customer reads it.")],
    duration: Annotated[
        str, typer.Option(metavar="PT1H", help="For how long, from the approval on.")
    ] = "PT1H",
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Ask a customer, as an operator of the installation, for access to a workspace."""
    from kelp.cli.operators import describe_requests, request_access

    known = _load_credentials(endpoint, credentials, ca_file)
    print(describe_requests([request_access(known, workspace, reason, duration)]))


@lockbox_app.command("approve")
def lockbox_approve(
    request: RequestArgument,
    subscription: SubscriptionOption,
    reason: ReasonOption = "",
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Let an operator read a workspace for the time that was asked for."""
    _answer_lockbox(
        request, subscription, "Approve", reason, _load_credentials(endpoint, credentials, ca_file)
    )


@lockbox_app.command("deny")
def lockbox_deny(
    request: RequestArgument,
    subscription: SubscriptionOption,
    reason: ReasonOption = "",
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Refuse an operator access, or end access that was approved."""
    _answer_lockbox(request, subscription, "Deny", reason, _load_credentials(endpoint, credentials, ca_file))


@app.command()
def openapi() -> None:
    """Print the description of the API (OpenAPI 3.1), as a server gives it out at /openapi.json."""
    from kelp.cli.api_description import describe_api

    print(describe_api())


@app.command()
def version() -> None:
    """Print the version of Kelp and of its engine."""
    print(f"kelp {distribution_version('kelp-logs')}, engine chdb {distribution_version('chdb-core')}")


subscription = typer.Typer(name="subscription", help="Make and list subscriptions.", no_args_is_help=True)
app.add_typer(subscription)


@subscription.command("create")
def create_subscription(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the subscription is called.")],
    alias: Annotated[
        str | None,
        typer.Option(metavar="ALIAS", help="Asking again under it gives the same; else from the name."),
    ] = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Make a subscription, which you then own, and print its id."""
    from kelp.cli.credentials import load_credentials
    from kelp.cli.subscriptions import create_subscription as create

    known = load_credentials({"endpoint": endpoint, "ca_file": ca_file}, os.environ, credentials)
    print(create(known, name, alias))


@subscription.command("list")
def list_subscriptions(
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    ca_file: CaFileOption = None,
) -> None:
    """Print id, state and name of the subscriptions that you can see."""
    from kelp.cli.credentials import load_credentials
    from kelp.cli.subscriptions import list_subscriptions as list_all

    known = load_credentials({"endpoint": endpoint, "ca_file": ca_file}, os.environ, credentials)
    for subscription_id, name, state in list_all(known):
        print(f"{subscription_id}  {state:<8}  {name}")


audit = typer.Typer(name="audit", help="Read and check the record of who did what.", no_args_is_help=True)
app.add_typer(audit)


@audit.command("verify")
def verify_audit(
    data: DataOption = None,
    head: Annotated[
        Path | None, typer.Option("--head", metavar="FILE", help="What `kelp audit head` once printed.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Walk the chain of the audit; says which record is broken. With --head also tells records that were cut off."""
    from kelp.cli.audit import verify_audit as verify

    records, problems = verify(_load_settings(data, config).data, head)
    for problem in problems:
        print(problem)
    if problems:
        raise CommandFailed(ExitCode.INCOMPLETE, "The audit is not as it was written.")
    print(f"{records:,} records, each as it was written.")


@audit.command("head")
def print_audit_head(data: DataOption = None, config: ConfigOption = None) -> None:
    """Print number and digest of the last record, to be kept elsewhere and given to `kelp audit verify --head`."""
    from kelp.cli.audit import encode_head, read_head

    print(encode_head(read_head(_load_settings(data, config).data)))


@audit.command("list")
def list_audit(
    data: DataOption = None,
    limit: Annotated[int, typer.Option(min=1, help="How many of the last records.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object for each.")] = False,
    config: ConfigOption = None,
) -> None:
    """Print the last records: when, how it ended, who, what, on which resource."""
    from kelp.cli.audit import describe_record, encode_record
    from kelp.cli.audit import list_audit as list_records

    for record in list_records(_load_settings(data, config).data, limit=limit):
        print(encode_record(record) if as_json else describe_record(record))


def _answer_lockbox(
    request: str, subscription: str, decision: str, reason: str, credentials: Credentials
) -> None:
    from kelp.cli.operators import answer_request, describe_requests

    print(describe_requests([answer_request(credentials, subscription, request, decision, reason)]))


def _load_credentials(endpoint: str | None, file: Path | None, ca_file: str | None) -> Credentials:
    from kelp.cli.credentials import load_credentials

    return load_credentials({"endpoint": endpoint, "ca_file": ca_file}, os.environ, file)


def _is_here(endpoint: str | None, data: Path | None, tables: list[str] | None) -> bool:
    """Tell whether a query is about what is on this machine, and not for a server."""
    if not tables and data is None:
        return False
    if endpoint is not None:
        message = "--endpoint asks a server; --data and --table read what is on this machine."
        raise CommandFailed(ExitCode.USAGE, message)
    return True


def _work_here(
    kql: str,
    data: Path | None,
    tables: Sequence[str],
    workspace: str | None,
    config: Path | None,
    work: Work[T],
) -> T:
    from kelp.cli.file_tables import parse_file_table
    from kelp.cli.offline_query import work_over_files

    settings = _load_settings(data, config)
    files = [parse_file_table(table) for table in tables]
    if data is None:
        return asyncio.run(work_over_files(kql, files, settings, work))

    from kelp.cli.folder_query import work_over_folder

    return asyncio.run(work_over_folder(kql, files, settings, workspace, work))


def _load_settings(data: Path | None, config: Path | None, **flags: object) -> Settings:
    from kelp.base.settings import load_settings

    return load_settings(config, os.environ, {"data": data, **flags})


def _parse_listen(listen: str | None) -> dict[str, object]:
    """Read `HOST:PORT`, `[::1]:PORT` or `HOST`."""
    if listen is None:
        return {}
    host, colon, port = listen.rpartition(":")
    if not colon or listen.endswith("]"):
        return {"server.host": listen.strip("[]")}
    if not host or not port.isdigit():
        raise CommandFailed(ExitCode.USAGE, f"'{listen}' is not HOST:PORT.")
    return {"server.host": host.strip("[]"), "server.port": int(port)}


def _leave(code: ExitCode, message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)
