"""For which service a token is meant. Clients write the same service in many ways; here they become one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from kelp.identity.addresses import Addresses


class Audience(StrEnum):
    """A service that tokens are asked for; the value is the `aud` claim, except for ourselves: our base URL."""

    MANAGEMENT = "https://management.azure.com"
    LOG_ANALYTICS = "https://api.loganalytics.io"
    APPLICATION_INSIGHTS = "https://api.applicationinsights.io"
    MONITOR = "https://monitor.azure.com"
    KUSTO = "https://kusto.kusto.windows.net"
    GRAPH = "https://graph.microsoft.com"
    KEY_VAULT = "https://vault.azure.net"
    OURSELVES = "kelp"


_NAMES: Mapping[str, Audience] = MappingProxyType(
    {
        **{audience.value: audience for audience in Audience if audience is not Audience.OURSELVES},
        "https://management.core.windows.net": Audience.MANAGEMENT,
        "797f4846-ba00-4fd7-ba43-dac1f8f63013": Audience.MANAGEMENT,
        "https://api.loganalytics.azure.com": Audience.LOG_ANALYTICS,
        "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5": Audience.LOG_ANALYTICS,
        "https://api.applicationinsights.azure.com": Audience.APPLICATION_INSIGHTS,
        "https://kusto.kustomfa.windows.net": Audience.KUSTO,
        "https://help.kusto.windows.net": Audience.KUSTO,
        "2746ea77-4702-4b45-80ca-3c97e680e8b7": Audience.KUSTO,
        "https://graph.windows.net": Audience.GRAPH,
        "00000003-0000-0000-c000-000000000000": Audience.GRAPH,
        "cfa8b339-82a2-471a-a3c9-0fc0be7a4093": Audience.KEY_VAULT,
    }
)
_DEFAULT_SCOPE = "/.default"
_SIGN_IN_SCOPES = frozenset(("openid", "profile", "email", "offline_access"))


@dataclass(frozen=True, slots=True)
class RequestedScope:
    """What the v2 endpoint's `scope` asks for: one resource, and perhaps an id token."""

    resource: str
    is_default: bool
    wants_id_token: bool


def find_audience(text: str, addresses: Addresses) -> Audience | None:
    """Return the service that a resource or an `aud` claim names; trailing slashes and case do not matter."""
    name = text.strip().rstrip("/").lower()
    found = _NAMES.get(name)
    if found is None and addresses.is_above_vaults(name):
        return Audience.KEY_VAULT
    if found is None and addresses.is_ours(name):
        return Audience.OURSELVES
    return found


def has_scope(text: str, name: str) -> bool:
    """Tell whether a `scope` parameter holds one of the names about signing in, such as `offline_access`."""
    return name in text.split()


def parse_scope(text: str) -> RequestedScope | None:
    """Read a `scope` parameter; None when it names no resource or more than one.

    A resource is followed by `/.default` or by the name of a permission: `https://management.azure.com//.default`.
    """
    scopes = text.split()
    wanted = [scope for scope in scopes if scope.lower() not in _SIGN_IN_SCOPES]
    resources = {scope.rpartition("/")[0].rstrip("/") for scope in wanted}
    if len(resources) != 1:
        return None
    (resource,) = resources
    if not resource:
        return None
    is_default = all(scope.endswith(_DEFAULT_SCOPE) for scope in wanted)
    return RequestedScope(resource, is_default, wants_id_token="openid" in scopes)
