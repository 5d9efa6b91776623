"""Writes docs/reference/api-compatibility.md from the routes of a server. Run by `make docs`."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kelp.api.errors import Surface
from kelp.api.management.api_versions import KNOWN_VERSIONS
from kelp.app.route_list import list_routes

if TYPE_CHECKING:
    from kelp.api.asgi import Route

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "api-compatibility.md"

_INTRODUCTION = """\
# What of Azure Monitor's APIs Kelp answers

This page is generated from the routes of a server by `make docs`. What is not listed is not there: such a request is
answered with 404 and `PathNotFoundError`. Paths are compared without regard to case; `{name}` stands for one segment,
`{name:path}` for any number.

The tests drive these routes with the clients that `pyproject.toml` names in its group `test`, unmodified, over TLS.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """Routes that are told together: those of a surface whose paths match."""

    title: str
    surface: Surface
    paths: str
    remark: str

    def holds(self, route: Route) -> bool:
        """Tell whether the route is told here."""
        return route.surface is self.surface and re.fullmatch(self.paths, route.path) is not None


SECTIONS = (
    Section(
        "All of this for machines",
        Surface.QUERY,
        r"/openapi\.json",
        "What follows, with parameters and documents, as OpenAPI 3.1. `kelp openapi` prints the same without a server.",
    ),
    Section(
        "Tokens and discovery",
        Surface.TOKEN,
        r".*",
        "The token endpoint takes `client_credentials` with a secret or an assertion signed with a certificate, "
        "`authorization_code` with PKCE, device codes, `refresh_token` and `password`. "
        "`{tenant}` is a tenant's id or domain, `common`, "
        "`organizations` or `adfs`. The audiences of Azure Monitor, Azure Resource Manager, Microsoft Graph "
        "and Kusto are accepted, and Kelp's own address.",
    ),
    Section(
        "Queries",
        Surface.QUERY,
        r"/v1/.*",
        "The query API of Log Analytics. `Prefer` understands `wait`, `include-statistics` and `include-render`. "
        "[Explaining a query](explain.md) has a page of its own.",
    ),
    Section(
        "Kusto",
        Surface.KUSTO,
        r".*",
        "A workspace is a database. The paths below a workspace's resource id are those that Azure Monitor offers to "
        "Kusto clients.",
    ),
    Section(
        "Logs Ingestion",
        Surface.INGESTION,
        r".*",
        "Answers 204 once the body is durable. Bodies may be compressed with gzip, deflate or zstd.",
    ),
    Section(
        "HTTP Data Collector",
        Surface.DATA_COLLECTOR,
        r".*",
        "Answers 200 once the body is durable. The workspace is told by the `Authorization` header.",
    ),
    Section(
        "Key vaults",
        Surface.KEY_VAULT,
        r"/vaults/.*",
        "The data plane of key vaults, as `azure-keyvault-keys` and `azure-keyvault-secrets` speak it. The same paths "
        "without `/vaults/{vault}` are served under the host name of the vault, `<vault>.vault.<host>`.",
    ),
    Section(
        "Key vaults by host name",
        Surface.KEY_VAULT,
        r"(?!/vaults/).*",
        "The same under the host name of a vault. Under Kelp's own name a version leads to its vault.",
    ),
    Section(
        "Management",
        Surface.MANAGEMENT,
        r".*",
        "Azure Resource Manager. A request names an `api-version` that its provider has; they are listed below.",
    ),
    Section(
        "Directory",
        Surface.GRAPH,
        r".*",
        "Microsoft Graph. Lists take `$filter` (`eq`, `ne`, `startswith`, `endswith`, `any`, `and`, `or`, `not`), "
        "`$select`, `$top` and `$count`. What a caller may do follows from roles at the root of the tenant: actions "
        "`microsoft.directory/..`. `/tenants` and the member `logWorkspace` of an organization are Kelp's own.",
    ),
    Section(
        "Portal",
        Surface.QUERY,
        r"/(?!v1/).*",
        "Kelp's own page, its files and what it calls; nothing else should rely on them.",
    ),
    Section(
        "The portal's page and its own API",
        Surface.PORTAL,
        r".*",
        "What the portal asks for that no API of Azure has; a session opens it, and no token does: see "
        "[portal-api.md](portal-api.md).",
    ),
)


def render() -> str:
    """Return the page as it should be."""
    routes = asyncio.run(list_routes())
    parts = [_INTRODUCTION]
    for section in SECTIONS:
        told = [route for route in routes if section.holds(route)]
        routes = [route for route in routes if route not in told]
        parts += _render_section(section, told)
    if routes:
        raise SystemExit(f"no section for {', '.join(route.path for route in routes)}")
    parts += _render_versions()
    return "\n".join(parts).rstrip() + "\n"


def _render_section(section: Section, routes: Iterable[Route]) -> Iterator[str]:
    yield f"## {section.title}\n"
    yield f"{section.remark}\n"
    yield "| Method | Path | |\n|---|---|---|"
    for route in routes:
        yield f"| {route.method} | `{route.path}` | {_describe(route)} |"
    yield ""


def _describe(route: Route) -> str:
    """Return the first sentence of what the route's function says of itself."""
    text = inspect.getdoc(inspect.unwrap(route.app)) or ""
    sentence = re.split(r"(?<=[.;:]) |\n\n", text)[0]
    return " ".join(sentence.split()).rstrip(".;:").replace("|", "\\|")


def _render_versions() -> Iterator[str]:
    yield "## Versions of the management API\n"
    yield "| Provider | Versions |\n|---|---|"
    for provider, versions in sorted(KNOWN_VERSIONS.items()):
        yield f"| {provider} | {', '.join(sorted(versions))} |"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    print(f"wrote {PAGE}")
