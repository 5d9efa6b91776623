"""Identifiers: the path of a resource, the GUID of a workspace, the immutable id of a data collection rule.

A `ResourceId` compares without regard to case, as Azure Resource Manager does, and remembers the case it was written
in for names. It knows the shape of a path, not which resources exist.
"""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NewType
from uuid import UUID

from kelp.base.errors import Category, ServiceError

WorkspaceId = NewType("WorkspaceId", UUID)
"""The GUID by which clients and the engine know a workspace (`customerId` in Azure's documents)."""


def new_guid() -> UUID:
    """Return a random id for something that keeps no secret, such as a request.

    `uuid4` asks the system each time and lets go of the interpreter meanwhile, which a busy server pays for twice.
    """
    return UUID(int=random.getrandbits(128), version=4)


_MAXIMUM_SEGMENT_CHARACTERS = 260
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f<>%&\\?#/]")
_WELL_KNOWN_SEGMENTS = (
    "subscriptions",
    "resourceGroups",
    "providers",
    "Microsoft.Authorization",
    "Microsoft.CustomerLockbox",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.ManagedServices",
    "Microsoft.OperationalInsights",
    "Microsoft.OperationsManagement",
    "Microsoft.Resources",
    "Microsoft.SecurityInsights",
    "Microsoft.Storage",
    "actionGroups",
    "activityLogAlerts",
    "clusters",
    "components",
    "customers",
    "dataCollectionEndpoints",
    "dataCollectionRuleAssociations",
    "dataCollectionRules",
    "dataExports",
    "dataPulls",
    "dataSources",
    "deployments",
    "diagnosticSettings",
    "linkedServices",
    "linkedStorageAccounts",
    "intelligencePacks",
    "locations",
    "locks",
    "metricAlerts",
    "operationStatuses",
    "operations",
    "queries",
    "queryPacks",
    "requests",
    "registrationAssignments",
    "registrationDefinitions",
    "revisions",
    "roleAssignments",
    "roleDefinitions",
    "savedSearches",
    "scheduledQueryRules",
    "solutions",
    "storageInsightConfigs",
    "summaryLogs",
    "tables",
    "vaults",
    "workbooks",
    "workspaces",
)
_CANONICAL = {segment.lower(): segment for segment in _WELL_KNOWN_SEGMENTS}


class InvalidResourceId(ServiceError):
    """The text is no resource id."""

    def __init__(self, text: str, reason: str) -> None:
        shown = text if len(text) <= 200 else text[:200] + "..."
        super().__init__(
            Category.INVALID, "InvalidResourceId", f"'{shown}' is not a resource id: {reason}.", target=shown
        )


@dataclass(frozen=True, slots=True, eq=False)
class ResourceId:
    """A path such as `/subscriptions/{s}/resourceGroups/{g}/providers/{namespace}/{type}/{name}`, or the root `/`.

    `pairs` are the (kind, value) segments from the root down; a provider is the pair `("providers", namespace)`.
    Build one with `parse` or `child`. Kinds, provider namespaces and subscription ids have canonical case; names keep
    theirs. `key` is the whole path in lower case: what to compare, index and store uniquely by. Equality, hash and
    `contains` go by it.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    key: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check_order(self)
        object.__setattr__(self, "key", str(self).lower())

    @classmethod
    def parse(cls, text: str) -> ResourceId:
        """Read a path; a slash at the end is tolerated. Raises `InvalidResourceId`."""
        if not text.startswith("/"):
            raise InvalidResourceId(text, "it does not begin with '/'")
        if text == "/":
            return cls()
        segments = text[1:].removesuffix("/").split("/")
        for segment in segments:
            _check_segment(text, segment)
        if len(segments) % 2:
            raise InvalidResourceId(text, f"'{segments[-1]}' at its end has no name")
        kinds, values = segments[::2], segments[1::2]
        return cls(tuple(_canonical_pair(kind, value) for kind, value in zip(kinds, values, strict=True)))

    @property
    def name(self) -> str:
        """The last segment; empty for the root."""
        return self.pairs[-1][1] if self.pairs else ""

    @property
    def namespace(self) -> str:
        """The provider that the resource belongs to; `Microsoft.Resources` for subscriptions and groups."""
        providers = [value for kind, value in self.pairs if kind == "providers"]
        return providers[-1] if providers else "Microsoft.Resources"

    @property
    def type(self) -> str:
        """The full type, such as `Microsoft.OperationalInsights/workspaces/tables`."""
        kinds = [kind for kind, _ in self.pairs]
        if "providers" in kinds:
            last_provider = len(kinds) - 1 - kinds[::-1].index("providers")
            return "/".join([self.namespace, *kinds[last_provider + 1 :]])
        return "Microsoft.Resources/" + (kinds[-1] if kinds else "tenants")

    @property
    def subscription_id(self) -> str | None:
        """The subscription that the resource lies in."""
        return self._find("subscriptions", 0)

    @property
    def resource_group(self) -> str | None:
        """The resource group that the resource lies in."""
        return self._find("resourceGroups", 1)

    @property
    def parent(self) -> ResourceId | None:
        """What the resource lies in or extends; None for the root."""
        if not self.pairs:
            return None
        rest = self.pairs[:-1]
        if rest and rest[-1][0] == "providers":
            rest = rest[:-1]
        return ResourceId(rest)

    def child(self, resource_type: str, name: str) -> ResourceId:
        """Return the resource below this one.

        A plain type (`tables`) continues this resource's own; one with a namespace (`Microsoft.Insights/x`) begins a
        provider, which makes a resource of a group, a subscription or the root, or an extension of a resource.
        Raises `InvalidResourceId`.
        """
        namespace, slash, kind = resource_type.rpartition("/")
        added = ["providers", namespace, kind, name] if slash else [kind, name]
        path = "/".join([str(self).rstrip("/"), *added])
        for segment in added:
            _check_segment(path, segment)
        return ResourceId.parse(path)

    def iter_ancestors(self) -> Iterator[ResourceId]:
        """Yield the parent, its parent and so on to the root."""
        ancestor = self.parent
        while ancestor is not None:
            yield ancestor
            ancestor = ancestor.parent

    def contains(self, other: ResourceId) -> bool:
        """Tell whether `other` is this resource or lies anywhere below it."""
        return other.key == self.key or other.key.startswith(self.key.rstrip("/") + "/")

    def __str__(self) -> str:
        return "".join(f"/{kind}/{value}" for kind, value in self.pairs) or "/"

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if isinstance(other, ResourceId) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)

    def _find(self, kind: str, position: int) -> str | None:
        if len(self.pairs) > position and self.pairs[position][0] == kind:
            return self.pairs[position][1]
        return None


def new_immutable_rule_id() -> str:
    """Make the id by which clients name a data collection rule: `dcr-` and 32 hexadecimal digits."""
    return "dcr-" + secrets.token_hex(16)


def _check_segment(text: str, segment: str) -> None:
    if not segment:
        raise InvalidResourceId(text, "it has an empty segment")
    if len(segment) > _MAXIMUM_SEGMENT_CHARACTERS:
        raise InvalidResourceId(text, f"a segment has more than {_MAXIMUM_SEGMENT_CHARACTERS} characters")
    if found := _FORBIDDEN.search(segment):
        raise InvalidResourceId(text, f"{found.group()!r} is not allowed in a segment")


def _canonical_pair(kind: str, value: str) -> tuple[str, str]:
    kind = _CANONICAL.get(kind.lower(), kind)
    if kind == "providers":
        return kind, _CANONICAL.get(value.lower(), value)
    if kind == "subscriptions":
        return kind, value.lower()
    return kind, value


def _check_order(resource: ResourceId) -> None:
    kinds = [kind for kind, _ in resource.pairs]
    if not kinds:
        return
    text = str(resource)
    if kinds[0] not in ("subscriptions", "providers"):
        raise InvalidResourceId(text, "it begins with neither 'subscriptions' nor 'providers'")
    before_provider = kinds[: kinds.index("providers")] if "providers" in kinds else kinds
    if before_provider not in ([], ["subscriptions"], ["subscriptions", "resourceGroups"]):
        raise InvalidResourceId(text, f"'{before_provider[-1]}' can't stand there")
    if kinds[-1] == "providers" or ("providers", "providers") in pairwise(kinds):
        raise InvalidResourceId(text, "a provider is named without a resource")
