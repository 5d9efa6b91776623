"""From where a workspace takes records, queries and changes: its allow-lists, and its switches for public networks.

A caller on a private network of the installation, by the setting `network.private_ranges`, is always let in. Any other
must be in the workspace's list for what it wants, where there is one; without a list a workspace that takes nothing
from public networks lets nobody else in.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from kelp.base.errors import Category, ServiceError
from kelp.resources.errors import Problem

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace

_Range: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
MAXIMUM_RANGES = 200
LOOPBACK = ("127.0.0.0/8", "::1/128")


class NetworkAccess(StrEnum):
    """Whether a workspace accepts records or queries from public networks."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    SECURED_BY_PERIMETER = "SecuredByPerimeter"


class Plane(StrEnum):
    """What a caller wants of a workspace."""

    INGESTION = "ingestion"
    QUERY = "query"
    MANAGEMENT = "management"


@dataclass(frozen=True, slots=True)
class NetworkRules:
    """Ranges of addresses (`203.0.113.0/24`) that are let in; an empty list is none."""

    ingestion: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    management: tuple[str, ...] = ()

    def of(self, plane: Plane) -> tuple[str, ...]:
        """Return the list for one purpose."""
        match plane:
            case Plane.INGESTION:
                return self.ingestion
            case Plane.QUERY:
                return self.query
            case Plane.MANAGEMENT:
                return self.management


NO_RULES = NetworkRules()


class NetworkLimits:
    """Decides by address. Safe for concurrent use."""

    def __init__(self, private_ranges: tuple[str, ...] = LOOPBACK) -> None:
        """Raises `ValueError` for what is no range."""
        self._private = _read_ranges(private_ranges)

    def is_private(self, address: str) -> bool:
        """Tell whether a caller there is let in everywhere; one without an address is in this process."""
        return not address or _lies_in(address, self._private)

    def admits(self, workspace: Resource[Workspace], plane: Plane, address: str) -> bool:
        """Tell whether the workspace takes this from the address."""
        settings = workspace.properties.settings
        allowed = settings.network_rules.of(plane)
        is_public = {
            Plane.INGESTION: settings.public_network_access_for_ingestion,
            Plane.QUERY: settings.public_network_access_for_query,
            Plane.MANAGEMENT: NetworkAccess.ENABLED,
        }[plane] is NetworkAccess.ENABLED
        if not allowed and is_public:
            return True
        return self.is_private(address) or _lies_in(address, _read_ranges(allowed))

    def check(self, workspace: Resource[Workspace], plane: Plane, address: str) -> None:
        """Raise `ServiceError` (forbidden) unless the workspace takes this from the address."""
        if not self.admits(workspace, plane, address):
            raise self.refuse(workspace, plane, address)

    def refuse(self, workspace: Resource[Workspace], plane: Plane, address: str) -> ServiceError:
        """Return the refusal."""
        return ServiceError(
            Category.FORBIDDEN,
            "NetworkAccessDenied",
            f"The workspace '{workspace.id.name}' takes no {_NAMES[plane]} from {address}: its network settings "
            "let in private networks and the addresses it lists. Come from one of those, or ask its owner.",
            target=str(workspace.id),
        )


_NAMES = {Plane.INGESTION: "records", Plane.QUERY: "queries", Plane.MANAGEMENT: "management requests"}


def iter_rule_problems(rules: NetworkRules) -> Iterator[Problem]:
    """Yield what is wrong with the lists."""
    for plane in Plane:
        ranges, path = rules.of(plane), f"properties.networkRules.{plane}"
        if len(ranges) > MAXIMUM_RANGES:
            yield Problem(path, f"A list holds at most {MAXIMUM_RANGES} ranges, not {len(ranges)}.")
        for index, text in enumerate(ranges):
            try:
                ipaddress.ip_network(text, strict=False)
            except ValueError:
                message = f"'{text}' is no range of addresses such as 203.0.113.0/24 or 2001:db8::/32."
                yield Problem(f"{path}[{index}]", message, "InvalidAddressRange")


@lru_cache(maxsize=1024)
def _read_ranges(ranges: tuple[str, ...]) -> tuple[_Range, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in ranges)


def _lies_in(address: str, ranges: tuple[_Range, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in one for one in ranges if one.version == found.version)
