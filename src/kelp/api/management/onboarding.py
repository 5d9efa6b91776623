"""Onboards customers of a service provider, as many as a list has (`Microsoft.OperationalInsights/onboardCustomers`).

Kelp's own; docs/how-to/serve-many-customers.md is its contract. The page of customers and `kelp customers add` both ask
it. Each customer ends by itself: what is refused of one does not concern the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.api.description import Body
from kelp.api.errors import management_error
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import present
from kelp.api.management.kind_description import taking
from kelp.api.management.onboarding_request import (
    MAXIMUM_CUSTOMERS,
    Architecture,
    encode_customer,
    read_customer,
    read_listed,
    read_plan,
)
from kelp.api.management.onboarding_steps import CHANGES, KINDS, Onboarding
from kelp.api.management.service_provider_customers import require_provider
from kelp.base.errors import ServiceError
from kelp.resources.shape import (
    Anything,
    Choice,
    Entries,
    Items,
    Named,
    Nullable,
    Number,
    Record,
    Text,
    Truth,
    Whole,
)

if TYPE_CHECKING:
    from kelp.api.management.customer_list import ListedCustomer
    from kelp.api.management.onboarding_request import Plan

_NAMESPACE = "Microsoft.OperationalInsights"
_WRITE = f"{_NAMESPACE}/workspaces/customers/write"
PLANNED, SUCCEEDED, FAILED = "Planned", "Succeeded", "Failed"


def onboard(call: Call) -> Answer:
    """Onboard customers, or tell what that would make (`dryRun`); each answers for itself, secrets are told once."""
    reader = call.reader()
    with reader.reporting():
        plan = read_plan(reader)
        listed = read_listed(reader)
    if plan.architecture.has_tenants:
        require_provider(call)
    if plan.workspace is not None:
        call.require(_WRITE, plan.workspace)
    lines: dict[str, int] = {}
    told = []
    for one in listed:
        told.append(_onboard_one(call, plan, one, lines))
        lines.setdefault(str(one.document.get("name", "")).lower(), one.line)
    return Answer(200, {"value": told}, {"Cache-Control": "no-store"})


def _onboard_one(call: Call, plan: Plan, listed: ListedCustomer, lines: dict[str, int]) -> dict[str, Any]:
    document: dict[str, Any] = {"line": listed.line, "name": str(listed.document.get("name", ""))}
    onboarding = None
    try:
        customer = read_customer(listed, lines)
        document["customer"] = encode_customer(customer)
        onboarding = Onboarding(call, plan, customer)
        onboarding.run()
        document["state"] = PLANNED if plan.is_dry_run else SUCCEEDED
    except ServiceError as refusal:
        document |= {"state": FAILED, "error": management_error(refusal)}
    if onboarding is not None:
        document["steps"] = [
            {
                "kind": step.kind,
                "target": step.target,
                "change": step.change,
                "differences": list(step.differences),
            }
            for step in onboarding.steps
        ]
        document["made"] = present({} if plan.is_dry_run else onboarding.made)
    return document


_TEXT = Text()
_CUSTOMER = Named(
    "NewCustomer",
    Record(
        {
            "name": _TEXT,
            "displayName": _TEXT,
            "dailyQuotaGb": Number(),
            "retentionInDays": Whole(),
            "domain": _TEXT,
            "reader": _TEXT,
        },
        required=("name",),
    ),
)
_REQUEST = Named(
    "Onboarding",
    Record(
        {
            "architecture": Choice(tuple(Architecture)),
            "workspaceResourceId": _TEXT,
            "domainSuffix": _TEXT,
            "pulledTables": Items(_TEXT),
            "authorizations": Items(Record({"principalId": _TEXT, "roleDefinitionId": _TEXT})),
            "template": Entries(Anything()),
            "dryRun": Truth(),
            "customers": Items(_CUSTOMER, maximum=MAXIMUM_CUSTOMERS),
            "list": _TEXT,
        }
    ),
)
_DIFFERENCE = Record(
    {
        "path": _TEXT,
        "propertyChangeType": _TEXT,
        "before": Anything(),
        "after": Anything(),
        "children": Items(Anything()),
    }
)
_STEP = Record(
    {
        "kind": Choice(KINDS),
        "target": _TEXT,
        "change": Choice(CHANGES),
        "differences": Items(_DIFFERENCE),
    },
    required=("kind", "target", "change", "differences"),
)
_MADE = Record(
    {
        "customerId": _TEXT,
        "isNew": Truth(),
        "enrollmentKey": _TEXT,
        "secondaryEnrollmentKey": _TEXT,
        "tenantId": _TEXT,
        "domain": _TEXT,
        "subscriptionId": _TEXT,
        "workspaceResourceId": _TEXT,
        "workspaceId": _TEXT,
        "primaryKey": _TEXT,
        "administrator": Record({"userPrincipalName": _TEXT, "password": _TEXT}),
    }
)
_ONBOARDED = Named(
    "OnboardedCustomer",
    Record(
        {
            "line": Whole(1),
            "name": _TEXT,
            "state": Choice((PLANNED, SUCCEEDED, FAILED)),
            "customer": _CUSTOMER,
            "steps": Items(_STEP),
            "made": _MADE,
            "error": Record(
                {"code": _TEXT, "message": _TEXT, "target": Nullable(_TEXT), "details": Items(Anything())}
            ),
        },
        required=("line", "name", "state"),
    ),
)
_ANSWER = Named(
    "OnboardedCustomers", Record({"value": Items(_ONBOARDED, maximum=MAXIMUM_CUSTOMERS)}, required=("value",))
)
ROUTES = (
    ManagementRoute(
        "POST",
        f"/providers/{_NAMESPACE}/onboardCustomers",
        _NAMESPACE,
        onboard,
        taking(_REQUEST, gives={200: Body(_ANSWER)}),
    ),
)
