"""What an administrator can set: one frozen value, built once by `load_settings` and passed down.

Nothing else reads the environment or a configuration file. Each field below is a setting: its name in TOML is
`section.name`, its environment variable `KELP_SECTION_NAME`; quantities end in their unit. The page
docs/reference/settings.md is generated from these declarations.
"""

from __future__ import annotations

import dataclasses
import difflib
import ipaddress
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from kelp.base.errors import Category, ServiceError

T = TypeVar("T")

ENVIRONMENT_PREFIX = "KELP_"
_FOREIGN_PREFIXES = ("KELP_TEST_", "KELP_REQUIRE_", "KELP_AGENT_", "KELP_CLI_")
"""Variables of the test suite, the agent and the command line, which are no settings of the service."""


class InvalidSettings(ServiceError):
    """Settings that can't be used. `details` holds one error for each, with the setting as its target."""


class LogFormat(StrEnum):
    """How the service writes its own log."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """From which severity on the service writes to its own log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _setting(
    default: T, description: str, *, minimum: float | None = None, maximum: float | None = None
) -> T:
    facts = {"description": description, "minimum": minimum, "maximum": maximum}
    return dataclasses.field(default=default, metadata=facts)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where and as what the service is reached."""

    host: str = _setting("localhost", "Name or address to listen on.")
    port: int = _setting(8443, "Port to listen on; 0 takes a free one.", minimum=0, maximum=65_535)
    public_url: str = _setting("", "Address that clients are told, when it differs from `https://host:port`.")
    certificate_file: Path | None = _setting(
        None, "Certificate chain (PEM) to serve with; without one the built-in authority issues it."
    )
    certificate_key_file: Path | None = _setting(None, "Private key (PEM) of `certificate_file`.")
    sign_in_hosts: str = _setting(
        "",
        "Hosts of OpenID Connect providers that tenants may have their users sign in with, with commas between them; "
        "none if empty.",
    )
    region: str = _setting("local", "Location that resources are created in unless they name another.")
    drain_seconds: float = _setting(
        30.0, "How long requests under way may take to finish after SIGTERM.", minimum=0
    )


@dataclass(frozen=True, slots=True)
class QuerySettings:
    """Limits of queries. The defaults are Azure Monitor's, but for the rate: nobody else pays for your machine."""

    concurrent_per_caller: int = _setting(5, "Queries of one caller that run at a time.", minimum=1)
    concurrent: int = _setting(16, "Queries of all callers that run at a time.", minimum=1)
    queue_length: int = _setting(
        200, "Queries of one caller that may wait; further ones are throttled.", minimum=0
    )
    requests_per_caller: int = _setting(
        10_000, "Requests of one caller in `request_window_seconds`; Azure Monitor allows 200.", minimum=1
    )
    request_window_seconds: float = _setting(30.0, "Window of `requests_per_caller`.", minimum=1)
    default_timeout_seconds: float = _setting(
        180.0, "Time a query has unless it asks for another.", minimum=1
    )
    maximum_timeout_seconds: float = _setting(600.0, "Time a query may ask for.", minimum=1)
    maximum_rows: int = _setting(500_000, "Rows of a result; the rest is cut and said to be.", minimum=1)
    maximum_result_bytes: int = _setting(
        104_857_600, "Size of a result; the rest is cut and said to be.", minimum=1_024
    )
    result_cache_bytes: int = _setting(
        67_108_864, "Memory for results that are asked for again; 0 keeps none.", minimum=0
    )
    maximum_search_rows: int = _setting(5_000, "Rows of an answer of the older search API.", minimum=1)
    maximum_export_rows: int = _setting(50_000, "Rows of a CSV export from the portal.", minimum=1)
    maximum_workspaces: int = _setting(100, "Workspaces that one query may name.", minimum=1)
    external_hosts: str = _setting(
        "", "Hosts that `externaldata` may read from over https, with commas between them; none if empty."
    )
    external_bytes: int = _setting(
        104_857_600, "Size of what `externaldata` reads from one address, packed or not.", minimum=1_024
    )
    external_seconds: float = _setting(
        30.0, "Time that `externaldata` has for all of its addresses.", minimum=1
    )
    maximum_batch_requests: int = _setting(200, "Queries in one batch request.", minimum=1)
    allowed_request_urls: str = _setting(
        "",
        "Addresses that queries may send requests to with `http_request`, commas between them: URLs at or below. "
        "Whoever may query can use them.",
    )


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """Limits of the portal's queries, whose results the server keeps for a while. They stay in memory only."""

    result_minutes: float = _setting(10.0, "How long the result of a query is kept after its end.", minimum=0)
    result_bytes: int = _setting(
        402_653_184, "Memory for the results of all users; the oldest go first.", minimum=1_048_576
    )
    result_bytes_per_user: int = _setting(
        134_217_728, "Memory for the results of one user; the oldest go first.", minimum=1_048_576
    )
    default_rows: int = _setting(10_000, "Rows of a result unless the page asks for more or less.", minimum=1)
    grace_seconds: float = _setting(
        15.0, "How long a query goes on after its page was closed or lost its connection.", minimum=0
    )


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """Limits and rhythm of ingestion."""

    maximum_collector_body_bytes: int = _setting(
        31_457_280, "Body of one post to the HTTP Data Collector API.", minimum=1_024
    )
    maximum_logs_body_bytes: int = _setting(
        1_048_576,
        "Body of one post to the Logs Ingestion API, before and after decompression.",
        minimum=1_024,
    )
    maximum_backlog_bytes: int = _setting(
        10_737_418_240,
        "Journal that waits for the engine before everyone is told to come back.",
        minimum=1_048_576,
    )
    maximum_workspace_backlog_bytes: int = _setting(
        2_147_483_648,
        "Journal of one workspace that waits before that one is told to come back.",
        minimum=1_048_576,
    )
    flush_interval_seconds: float = _setting(
        1.0, "Longest time that accepted records wait to be loaded while few tables are busy.", minimum=0.05
    )
    flush_bytes: int = _setting(
        16_777_216, "Accepted bytes of a table that are loaded at once without waiting.", minimum=65_536
    )
    cap_reset_hour: int = _setting(
        0, "Hour of the day (UTC) at which daily caps are counted from nothing again.", minimum=0, maximum=23
    )
    cap_exempt_tables: str = _setting(
        "CommonSecurityLog,LinuxAuditLog,MaliciousIPCommunication,ProtectionStatus,SecurityAlert,SecurityBaseline,"
        "SecurityBaselineSummary,SecurityDetection,SecurityEvent,SysmonEvent,Syslog,Update,UpdateSummary,WindowsEvent,"
        "WindowsFirewall",
        "Tables, commas between them, whose records are taken over any daily cap.",
    )


@dataclass(frozen=True, slots=True)
class UsageSettings:
    """What is charged."""

    prices_file: Path | None = _setting(
        None,
        "Prices (TOML) of data, reservations, nodes and retention; docs/reference/prices.md. Without one: defaults.",
    )


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Resources of the embedded engine."""

    memory_bytes: int = _setting(
        4_294_967_296, "Memory of the whole engine; queries beyond it fail.", minimum=268_435_456
    )
    query_memory_bytes: int = _setting(2_147_483_648, "Memory of one query.", minimum=67_108_864)
    threads: int = _setting(0, "Threads of one query; 0 means one for each core.", minimum=0)
    connections: int = _setting(8, "Statements that run in the engine at a time.", minimum=1)
    promoted_properties: int = _setting(
        16,
        "Properties of dynamic columns that a table keeps in columns of their own because queries often read them; "
        "0 for none.",
        minimum=0,
    )
    promotion_rows: int = _setting(
        5_000_000, "Rows that queries parse for a property before it gets a column of its own.", minimum=1
    )
    condition_cache: bool = _setting(
        True, "Remember which parts of a table hold nothing for a condition; off for measurements."
    )


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """Resources of the parts of queries that the engine has no function for: processes of their own compute them."""

    workers: int = _setting(2, "Such parts that are computed at a time; others wait.", minimum=1)
    memory_bytes: int = _setting(2_147_483_648, "Memory of each of these processes.", minimum=268_435_456)
    input_bytes: int = _setting(
        268_435_456, "Rows that one such part may get; the query fails beyond.", minimum=1_024
    )
    address_file: Path | None = _setting(
        None,
        "File in MaxMind's format (MMDB) that tells `geo_info_from_ip_address` where addresses are; "
        "without one it gives null.",
    )


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """How long records stay that nobody is to read any more. The defaults are Azure Monitor's."""

    grace_days: int = _setting(
        30,
        "Days that records stay after a total retention was shortened, so that it can be taken back.",
        minimum=0,
        maximum=365,
    )
    destroy_after_days: int = _setting(
        14,
        "Days after which a closed workspace is destroyed with its keys; until the 14th it can be recovered.",
        minimum=14,
        maximum=30,
    )


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Dedicated clusters: where they lie, and the limits of clusters and links. The defaults are Azure Monitor's."""

    folder: Path | None = _setting(
        None, "Folder in which each cluster has its own; without one it is `clusters` in the data folder."
    )
    provisioning_seconds: float = _setting(
        0.0, "Least time that making a cluster, or changing its key, takes.", minimum=0
    )
    linking_seconds: float = _setting(
        0.0, "Least time that linking or unlinking a workspace takes.", minimum=0
    )
    recovery_days: float = _setting(14.0, "How long a deleted cluster can be recovered.", minimum=0)
    capacity_minimum_gb: int = _setting(
        1_000,
        "Least capacity (GB a day) that clients of api-version 2020-08-01 and before may ask for.",
        minimum=1,
    )
    capacity_maximum_gb: int = _setting(3_000, "Greatest capacity that those may ask for.", minimum=1)
    capacity_step_gb: int = _setting(100, "Steps between the capacities that those may ask for.", minimum=1)
    commitment_tiers_gb: str = _setting(
        "100,200,300,400,500,1000,2000,5000,10000,25000,50000",
        "Capacities that clients of later api-versions may ask for, with commas between them.",
    )
    decrease_lock_days: float = _setting(
        30.0,
        "How long a capacity can't go down after a change, by api-version 2020-08-01 and before.",
        minimum=0,
    )
    tier_decrease_lock_days: float = _setting(31.0, "The same by later api-versions.", minimum=0)
    maximum_active_per_region: int = _setting(2, "Active clusters in a region of a subscription.", minimum=0)
    maximum_reserved_per_region: int = _setting(
        4, "Clusters in a region of a subscription, with those that can be recovered.", minimum=0
    )
    maximum_per_subscription: int = _setting(
        0, "Clusters of a subscription, with those that can be recovered; 0 for no such limit.", minimum=0
    )
    maximum_linked_workspaces: int = _setting(1_000, "Workspaces linked to a cluster.", minimum=0)
    maximum_links: int = _setting(2, "Links of a workspace in `link_window_days`.", minimum=1)
    link_window_days: float = _setting(30.0, "Window of `maximum_links`.", minimum=0)


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """Keys: how long they are used, and customers' keys in vaults elsewhere."""

    rotation_days: int = _setting(
        90,
        "Days after which data keys, cluster keys and the key of Kelp's own secrets are replaced.",
        minimum=1,
    )
    poll_seconds: float = _setting(30.0, "Between two looks at the customers' keys of clusters.", minimum=1)
    unreachable_minutes: float = _setting(
        30.0,
        "How long a vault that does not answer is waited for before its clusters are sealed off; one that says "
        "no seals them off at once.",
        minimum=0,
    )
    external_hosts: str = _setting(
        "",
        "Hosts of vaults elsewhere that may hold customers' keys, with commas between them, such as `vault.azure.net`: "
        "these and all below; none if empty.",
    )
    external_authority: str = _setting(
        "https://login.microsoftonline.com", "Where tokens for vaults elsewhere are had."
    )
    external_tenant_id: str = _setting("", "Tenant of the application that asks vaults elsewhere.")
    external_client_id: str = _setting("", "Client id of that application.")
    external_secret_file: Path | None = _setting(
        None, "File that holds the client secret of that application, readable by its owner only."
    )
    external_ca_file: Path | None = _setting(
        None, "Certificates (PEM) to trust for vaults elsewhere; those of the system without it."
    )


@dataclass(frozen=True, slots=True)
class TelemetrySettings:
    """The service's own log."""

    log_format: LogFormat = _setting(LogFormat.CONSOLE, "`console` for people, `json` for collectors.")
    log_level: LogLevel = _setting(LogLevel.INFO, "Least severity that is written.")


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Which addresses belong to the installation's own networks."""

    private_ranges: str = _setting(
        "127.0.0.0/8,::1/128",
        "Ranges of addresses, commas between them, that count as private: workspaces always let them in.",
    )
    trusted_proxies: str = _setting(
        "", "Ranges of addresses of proxies whose `X-Forwarded-For` header names the caller; none if empty."
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Build it with `load_settings`, or bare for the defaults."""

    data: Path = _setting(Path("kelp-data"), "Folder that holds everything Kelp keeps.")
    server: ServerSettings = dataclasses.field(default_factory=ServerSettings)
    query: QuerySettings = dataclasses.field(default_factory=QuerySettings)
    portal: PortalSettings = dataclasses.field(default_factory=PortalSettings)
    ingest: IngestSettings = dataclasses.field(default_factory=IngestSettings)
    usage: UsageSettings = dataclasses.field(default_factory=UsageSettings)
    engine: EngineSettings = dataclasses.field(default_factory=EngineSettings)
    segments: SegmentSettings = dataclasses.field(default_factory=SegmentSettings)
    network: NetworkSettings = dataclasses.field(default_factory=NetworkSettings)
    retention: RetentionSettings = dataclasses.field(default_factory=RetentionSettings)
    clusters: ClusterSettings = dataclasses.field(default_factory=ClusterSettings)
    vault: VaultSettings = dataclasses.field(default_factory=VaultSettings)
    telemetry: TelemetrySettings = dataclasses.field(default_factory=TelemetrySettings)


@dataclass(frozen=True, slots=True)
class Declaration:
    """One setting as declared above."""

    section: str
    name: str
    kind: Any
    default: object
    description: str
    minimum: float | None
    maximum: float | None

    @property
    def key(self) -> str:
        """The name in TOML and in overrides, such as `query.maximum_rows`."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def variable(self) -> str:
        """The environment variable, such as `KELP_QUERY_MAXIMUM_ROWS`."""
        return ENVIRONMENT_PREFIX + self.key.replace(".", "_").upper()


def iter_declarations() -> Iterator[Declaration]:
    """Yield every setting in the order of declaration."""
    hints = get_type_hints(Settings)
    for field in dataclasses.fields(Settings):
        kind = hints[field.name]
        if dataclasses.is_dataclass(kind):
            section_hints = get_type_hints(kind)
            for inner in dataclasses.fields(kind):
                yield _declaration(field.name, inner, section_hints[inner.name])
        else:
            yield _declaration("", field, kind)


def split_list(text: str) -> tuple[str, ...]:
    """Return the parts of a setting that is a list with commas between them."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def load_settings(
    toml_path: Path | None, environ: Mapping[str, str], overrides: Mapping[str, object]
) -> Settings:
    """Build the settings: defaults, then the TOML file, then `KELP_*` variables, then overrides (flags).

    `overrides` maps keys such as `server.port` to values; None means that the flag was not given. Raises
    `InvalidSettings` naming every setting that is unknown (with the nearest known name), of the wrong type or out of
    its range, and where it came from.
    """
    declared = {declaration.key: declaration for declaration in iter_declarations()}
    variables = {declaration.variable: declaration.key for declaration in declared.values()}
    problems: list[ServiceError] = []
    values: dict[str, object] = {}
    for source, key, raw in _iter_given(toml_path, environ, overrides):
        name = variables.get(key, "") if source == "environment" else key
        if name not in declared:
            problems.append(_unknown(key, source, variables if source == "environment" else declared))
            continue
        try:
            values[name] = _convert(declared[name], raw, from_text=source == "environment")
        except ValueError as error:
            problems.append(_problem(key, f"{key} ({source}): {error}."))
    settings = _assemble(values)
    problems += _iter_contradictions(settings)
    if problems:
        message = " ".join(problem.message for problem in problems)
        raise InvalidSettings(Category.INVALID, "InvalidSettings", message, details=tuple(problems))
    return settings


def _declaration(section: str, field: dataclasses.Field[Any], kind: object) -> Declaration:
    facts = field.metadata
    return Declaration(
        section, field.name, kind, field.default, facts["description"], facts["minimum"], facts["maximum"]
    )


def _iter_given(
    toml_path: Path | None, environ: Mapping[str, str], overrides: Mapping[str, object]
) -> Iterator[tuple[str, str, object]]:
    if toml_path is not None:
        for key, value in _flatten(_read_toml(toml_path)):
            yield str(toml_path), key, value
    for variable, text in environ.items():
        if variable.startswith(ENVIRONMENT_PREFIX) and not variable.startswith(_FOREIGN_PREFIXES):
            yield "environment", variable, text
    for key, value in overrides.items():
        if value is not None:
            yield "flag", key, value


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidSettings(
            Category.INVALID,
            "InvalidSettings",
            f"Can't read the settings file {path}: {error}.",
            target=str(path),
        ) from error


def _flatten(document: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", leaf) for inner, leaf in value.items())
        else:
            yield key, value


def _convert(declaration: Declaration, raw: object, *, from_text: bool) -> object:
    """Return the value in the setting's type; raises ValueError with what was expected."""
    kind = declaration.kind
    if kind is str or kind is Path or kind == Path | None:
        return _convert_text(kind, raw)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if raw not in list(kind):
            raise ValueError(f"expected one of {', '.join(kind)}, not {raw!r}")
        return kind(str(raw))
    if kind is bool:
        return _convert_truth(raw, from_text=from_text)
    return _convert_number(declaration, raw, from_text=from_text)


def _convert_text(kind: object, raw: object) -> object:
    if kind is str and isinstance(raw, str):
        return raw
    if kind is not str and isinstance(raw, str | Path) and str(raw):
        return Path(raw)
    raise ValueError(f"expected text, not {raw!r}")


def _convert_truth(raw: object, *, from_text: bool) -> bool:
    truth = {"true": True, "false": False}.get(raw) if from_text and isinstance(raw, str) else raw
    if not isinstance(truth, bool):
        raise ValueError(f"expected true or false, not {raw!r}")
    return truth


def _convert_number(declaration: Declaration, raw: object, *, from_text: bool) -> int | float:
    wanted = "a whole number" if declaration.kind is int else "a number"
    number: int | float
    if from_text and isinstance(raw, str):
        try:
            number = int(raw) if declaration.kind is int else float(raw)
        except ValueError:
            raise ValueError(f"expected {wanted}, not {raw!r}") from None
    elif isinstance(raw, bool) or not isinstance(raw, int if declaration.kind is int else int | float):
        raise ValueError(f"expected {wanted}, not {raw!r}")
    else:
        number = raw if declaration.kind is int else float(raw)
    if declaration.minimum is not None and not number >= declaration.minimum:
        raise ValueError(f"{number} is less than {declaration.minimum}")
    if declaration.maximum is not None and not number <= declaration.maximum:
        raise ValueError(f"{number} is more than {declaration.maximum}")
    return number


def _unknown(key: str, source: str, known: Mapping[str, object]) -> ServiceError:
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    advice = f" Did you mean {nearest[0]}?" if nearest else ""
    return _problem(key, f"{key} ({source}) is not a setting.{advice}")


def _problem(target: str, message: str) -> ServiceError:
    return ServiceError(Category.INVALID, "InvalidSetting", message, target=target)


def _assemble(values: Mapping[str, object]) -> Settings:
    hints = get_type_hints(Settings)
    arguments: dict[str, Any] = {key: value for key, value in values.items() if "." not in key}
    for name, kind in hints.items():
        if dataclasses.is_dataclass(kind):
            prefix = name + "."
            inner = {
                key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)
            }
            arguments[name] = cast("Any", kind)(**inner)
    return Settings(**arguments)


def _iter_contradictions(settings: Settings) -> Iterator[ServiceError]:
    query, server = settings.query, settings.server
    if query.default_timeout_seconds > query.maximum_timeout_seconds:
        yield _problem(
            "query.default_timeout_seconds",
            "query.default_timeout_seconds is more than query.maximum_timeout_seconds.",
        )
    for name in ("private_ranges", "trusted_proxies"):
        for text in split_list(getattr(settings.network, name)):
            try:
                ipaddress.ip_network(text, strict=False)
            except ValueError:
                yield _problem(
                    f"network.{name}",
                    f"network.{name}: '{text}' is no range of addresses such as 10.0.0.0/8.",
                )
    if (server.certificate_file is None) != (server.certificate_key_file is None):
        yield _problem(
            "server.certificate_file",
            "server.certificate_file and server.certificate_key_file are given both or not at all.",
        )
    if any(not tier.strip().isdecimal() for tier in settings.clusters.commitment_tiers_gb.split(",")):
        yield _problem(
            "clusters.commitment_tiers_gb",
            "clusters.commitment_tiers_gb is whole numbers with commas between them.",
        )
    if settings.engine.query_memory_bytes > settings.engine.memory_bytes:
        yield _problem(
            "engine.query_memory_bytes", "engine.query_memory_bytes is more than engine.memory_bytes."
        )
