"""What is asked of an onboarding: how, and which customers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kelp.api.management.customer_list import ListedCustomer, read_list
from kelp.api.management.reader import DocumentReader
from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.errors import InvalidDocument, Problem

MAXIMUM_CUSTOMERS, MAXIMUM_PULLS = 1_000, 20
DEFAULT_DOMAIN = "customers.local"
WORKSPACE_TYPE = "Microsoft.OperationalInsights/workspaces"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


class Architecture(StrEnum):
    """Where customers' records are kept."""

    CENTRAL = "central"
    DISTRIBUTED = "distributed"
    HYBRID = "hybrid"

    @property
    def has_tenants(self) -> bool:
        """Whether each customer gets a tenant of its own."""
        return self is not Architecture.CENTRAL

    @property
    def has_workspace(self) -> bool:
        """Whether the customers are those of a workspace of the provider's."""
        return self is not Architecture.DISTRIBUTED


@dataclass(frozen=True, slots=True)
class Plan:
    """How to onboard. `workspace` is the provider's, absent for distributed customers; `pulled_tables` are for hybrid
    ones. `authorizations` are who of the provider gets which role in tenants of their own, the caller if empty.
    """

    architecture: Architecture
    workspace: ResourceId | None
    domain_suffix: str
    pulled_tables: tuple[str, ...]
    authorizations: tuple[Mapping[str, Any], ...]
    template: Mapping[str, Any] | None
    is_dry_run: bool


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to onboard; what is None or empty keeps its default. `reader` may read its records."""

    name: str
    display_name: str = ""
    daily_quota_gb: float | None = None
    retention_in_days: int | None = None
    domain: str = ""
    reader: str = ""


def read_plan(reader: DocumentReader) -> Plan:
    """Read how to onboard; what is wrong is reported to the reader."""
    architecture = reader.choice("architecture", Architecture.CENTRAL)
    workspace = reader.text("workspaceResourceId")
    pulled = reader.texts("pulledTables")
    if len(pulled) > MAXIMUM_PULLS:
        reader.refuse("pulledTables", f"At most {MAXIMUM_PULLS} tables are pulled.")
    template = reader.free("template")
    return Plan(
        architecture=architecture,
        workspace=_read_workspace(reader, workspace) if architecture.has_workspace else None,
        domain_suffix=reader.text("domainSuffix", DEFAULT_DOMAIN).strip(". ").lower(),
        pulled_tables=pulled if architecture is Architecture.HYBRID else (),
        authorizations=_read_authorizations(reader),
        template=template or None,
        is_dry_run=reader.find_boolean("dryRun") or False,
    )


def read_listed(reader: DocumentReader) -> list[ListedCustomer]:
    """Return the customers of `customers`, documents, and of `list`, a text. Raises `InvalidDocument`."""
    given: Any = reader.find_any("customers")
    if given is not None and not isinstance(given, list):
        raise InvalidDocument([Problem("customers", "'customers' must be an array.")])
    listed = [
        ListedCustomer(number, one)
        if isinstance(one, Mapping)
        else ListedCustomer(number, {}, (Problem("name", "A customer is an object."),))
        for number, one in enumerate(given or (), 1)
    ]
    listed += read_list(reader.text("list"))
    if not listed:
        raise InvalidDocument([Problem("customers", "No customer is named.")])
    if len(listed) > MAXIMUM_CUSTOMERS:
        message = f"{len(listed)} customers are too many for one request, which takes {MAXIMUM_CUSTOMERS}."
        raise InvalidDocument([Problem("customers", message)])
    return listed


def read_customer(listed: ListedCustomer, earlier: Mapping[str, int]) -> NewCustomer:
    """Read a customer; `earlier` are the lines of those before it, by their names in lower case.

    Raises `InvalidDocument` with everything that is wrong with it.
    """
    reader = DocumentReader(listed.document, problems=list(listed.problems))
    with reader.reporting():
        customer = NewCustomer(
            name=reader.text("name").strip(),
            display_name=reader.text("displayName").strip(),
            daily_quota_gb=reader.find_number("dailyQuotaGb"),
            retention_in_days=reader.find_integer("retentionInDays"),
            domain=reader.text("domain").strip().lower(),
            reader=reader.text("reader").strip(),
        )
        problem = _find_fault(customer.name, earlier)
        if problem is not None:
            reader.refuse("name", problem)
    return customer


def _find_fault(name: str, earlier: Mapping[str, int]) -> str | None:
    if not name:
        return "The customer has no name."
    if not _NAME.fullmatch(name):
        return (
            f"'{name[:64]}' is no name: 1 to 63 letters, digits, '.', '_' or '-', beginning and ending with a letter "
            "or digit."
        )
    line = earlier.get(name.lower())
    return None if line is None else f"'{name}' is named in line {line} already."


def _read_authorizations(reader: DocumentReader) -> tuple[Mapping[str, Any], ...]:
    """Read who gets which role, which the customer's own document is checked for."""
    return tuple(
        {name: one.text(name) for name in ("principalId", "roleDefinitionId")}
        for one in reader.sections("authorizations")
    )


def _read_workspace(reader: DocumentReader, text: str) -> ResourceId | None:
    try:
        found = ResourceId.parse(text.rstrip("/"))
    except ServiceError:
        found = ResourceId()
    if found.type.lower() == WORKSPACE_TYPE.lower() and found.parent is not None:
        return found
    reader.refuse("workspaceResourceId", f"'{text[:200]}' is no resource id of a workspace.")
    return None


def encode_customer(customer: NewCustomer) -> dict[str, Any]:
    """Return the document that reads as this customer."""
    members: Sequence[tuple[str, Any]] = (
        ("name", customer.name),
        ("displayName", customer.display_name or None),
        ("dailyQuotaGb", customer.daily_quota_gb),
        ("retentionInDays", customer.retention_in_days),
        ("domain", customer.domain or None),
        ("reader", customer.reader or None),
    )
    return {name: value for name, value in members if value is not None}
