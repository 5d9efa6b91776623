"""Onboards one customer: a tenant of its own, a place in the provider's workspace, a reader, pulls, a template.

Every step asks the route of its resource in the caller's name, and may be repeated: what is there stays. A dry run
checks the same and changes nothing. Secrets are told once, by the run that made them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from kelp.api.management import customers, service_provider_customers
from kelp.api.management.access_explanation import find_principal
from kelp.api.management.call import Call
from kelp.api.management.onboarding_request import Architecture, NewCustomer, Plan
from kelp.api.management.property_changes import find_changes
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.errors import InvalidDocument, Problem

VERSION, _ASSIGNMENT_VERSION, _DEPLOYMENT_VERSION = "2025-07-01", "2022-04-01", "2024-11-01"
_NAMESPACE = "Microsoft.OperationalInsights"
_DATA_READER = "3b03c2da-16b3-4a49-8834-0f8130efdd3b"
_ASSIGN, _PULL, _DEPLOY = (
    "Microsoft.Authorization/roleAssignments/write",
    f"{_NAMESPACE}/workspaces/dataPulls/write",
    "Microsoft.Resources/deployments/write",
)
_TEMPLATE_SECONDS = 300.0
_LONGEST_DEPLOYMENT_NAME = 64
_NOBODY = str(UUID(int=0))
"""Stands for the id of a customer that is not made yet."""
CREATE, MODIFY, NO_CHANGE, DEPLOY = "Create", "Modify", "NoChange", "Deploy"
CHANGES = (CREATE, MODIFY, NO_CHANGE, DEPLOY, "Unsupported")
KINDS = ("tenant", "customer", "reader", "pull", "template")


@dataclass(frozen=True, slots=True)
class Step:
    """What is made, or would be: `change` is one of `CHANGES`, `differences` are members before and after."""

    kind: str
    target: str
    change: str
    differences: tuple[Mapping[str, Any], ...] = ()


@dataclass(slots=True)
class Onboarding:
    """One customer on its way. `made` is what it needs to begin, secrets included, as far as it came."""

    call: Call
    plan: Plan
    customer: NewCustomer
    steps: list[Step] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)

    def run(self) -> None:
        """Take all steps, or foresee them. Raises `ServiceError` at the first that is refused; those before it stay."""
        plan = self.plan
        if plan.architecture.has_tenants:
            self._ensure_tenant()
        if plan.workspace is not None:
            self._ensure_customer(plan.workspace)
            if self.customer.reader:
                self._ensure_reader(plan.workspace)
            for table in plan.pulled_tables:
                self._ensure_pull(plan.workspace, table)
        if plan.template is not None:
            self._deploy(plan.template)

    def _ensure_tenant(self) -> None:
        customer = self.customer
        space = {"dailyQuotaGb": customer.daily_quota_gb, "retentionInDays": customer.retention_in_days}
        domain = customer.domain or f"{customer.name.lower()}.{self.plan.domain_suffix}"
        properties = {
            "displayName": customer.display_name or customer.name,
            "domain": domain,
            "workspace": {name: value for name, value in space.items() if value is not None},
            "authorizations": list(self.plan.authorizations),
        }
        path = f"/providers/{_NAMESPACE}/serviceProviderCustomers/{customer.name}"
        document = {"properties": properties}
        if self.plan.is_dry_run:
            _, asked = self.call.toward("PUT", path, VERSION, document)
            found = service_provider_customers.foresee(asked)
            if found is not None:
                self.made["workspaceResourceId"] = str(found.id)
            self._note("tenant", domain, NO_CHANGE if found is not None else CREATE)
            return
        answer = self.call.send("PUT", path, VERSION, document)
        told = answer.document["properties"]
        self.made |= {name: told[name] for name in told if name != "displayName"}
        self._note("tenant", domain, CREATE if answer.status == 201 else NO_CHANGE)

    def _ensure_customer(self, workspace: ResourceId) -> None:
        """Make the customer of the provider's workspace with its keys, or change what is asked to be different."""
        customer, path = self.customer, f"{workspace}/customers/{self.customer.name}"
        found = self._find(path, VERSION)
        wanted: dict[str, Any] = {"displayName": customer.display_name or None}
        if found is None:
            wanted["displayName"] = customer.display_name or customer.name
        wanted["dailyQuotaGb"] = customer.daily_quota_gb
        if self.plan.architecture is Architecture.CENTRAL:
            wanted["retentionInDays"] = customer.retention_in_days
        wanted = {name: value for name, value in wanted.items() if value is not None}
        differences = find_changes(found["properties"] if found is not None else {}, wanted)
        change = CREATE if found is None else MODIFY if differences else NO_CHANGE
        method, document = "PUT" if found is None else "PATCH", {"properties": wanted}
        if self.plan.is_dry_run:
            customers.foresee(self.call.toward(method, path, VERSION, document)[1])
        elif change != NO_CHANGE:
            found = self.call.send(method, path, VERSION, document).document
        self.made["isNew"] = change == CREATE
        if found is not None:
            self.made["customerId"] = found["properties"]["customerId"]
        if change == CREATE and not self.plan.is_dry_run:
            keys = self.call.send("POST", f"{path}/listKeys", VERSION).document
            self.made |= {
                "enrollmentKey": keys["primaryKey"],
                "secondaryEnrollmentKey": keys["secondaryKey"],
            }
        self._note("customer", path, change, tuple(differences))

    def _ensure_reader(self, workspace: ResourceId) -> None:
        """Let somebody read the records of the customer, and no others."""
        principal_id = self._find_reader(workspace)
        customer_id = self.made.get("customerId", _NOBODY)
        name = uuid5(NAMESPACE_URL, f"{workspace}/{customer_id}/{principal_id}".lower())
        path = f"{workspace}/providers/Microsoft.Authorization/roleAssignments/{name}"
        condition = (
            "(!(ActionMatches{'Microsoft.OperationalInsights/workspaces/tables/data/read'})) OR "
            "(@Resource[Microsoft.OperationalInsights/workspaces/tables/record:_CustomerId] "
            f"StringEquals '{customer_id}')"
        )
        properties = {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{_DATA_READER}",
            "principalId": principal_id,
            "condition": condition,
            "conditionVersion": "2.0",
        }
        self._ensure("reader", self.customer.reader, path, _ASSIGNMENT_VERSION, _ASSIGN, properties)

    def _ensure_pull(self, workspace: ResourceId, table: str) -> None:
        path = f"{workspace}/dataPulls/{self.customer.name}-{table}"
        properties = {
            "sourceWorkspaceResourceId": self.made.get("workspaceResourceId"),
            "sourceTable": table,
            "destinationTable": table,
            "customer": self.customer.name,
        }
        self._ensure("pull", table, path, VERSION, _PULL, properties)

    def _ensure(
        self, kind: str, target: str, path: str, version: str, action: str, properties: Mapping[str, Any]
    ) -> None:
        """Make a resource that is not there; what is there stays as it is."""
        is_there = self._find(path, version) is not None
        if not is_there:
            if self.plan.is_dry_run:
                self._require(action, ResourceId.parse(path))
            else:
                self.call.send("PUT", path, version, {"properties": properties})
        self._note(kind, target, NO_CHANGE if is_there else CREATE)

    def _deploy(self, template: Mapping[str, Any]) -> None:
        """Deploy the template into the customer's group, else that of the provider's workspace, and wait for it."""
        workspace = self.made.get("workspaceResourceId") or self.plan.workspace
        if workspace is None:
            self._note("template", "", DEPLOY)  # the group that it goes to is not there yet
            return
        place = str(workspace)
        known = {
            "customerName": self.customer.name,
            "customerId": self.made.get("customerId") or (_NOBODY if self.plan.is_dry_run else None),
            "workspaceName": place.rpartition("/")[2],
            "workspaceResourceId": place,
        }
        declared = template.get("parameters") or {}
        parameters = {name: {"value": value} for name, value in known.items() if name in declared and value}
        name = f"onboard-{self.customer.name}"[:_LONGEST_DEPLOYMENT_NAME]
        path = f"{place.partition('/providers/')[0]}/providers/Microsoft.Resources/deployments/{name}"
        body = {"properties": {"mode": "Incremental", "template": template, "parameters": parameters}}
        if self.plan.is_dry_run:
            self._foresee_deployment(path, body)
        else:
            self._carry_out(path, body)

    def _foresee_deployment(self, path: str, body: Mapping[str, Any]) -> None:
        self._require(_DEPLOY, ResourceId.parse(path))
        found = self.call.send("POST", f"{path}/whatIf", _DEPLOYMENT_VERSION, body).document
        for change in found["properties"]["changes"]:
            if change["changeType"] in CHANGES:
                delta = tuple(change.get("delta") or ())
                self._note("template", change["resourceId"], change["changeType"], delta)

    def _carry_out(self, path: str, body: Mapping[str, Any]) -> None:
        self.call.send("PUT", path, _DEPLOYMENT_VERSION, body)
        has_ended = self.call.services.runs.join(ResourceId.parse(path).key, _TEMPLATE_SECONDS)
        found = self.call.send("GET", path, _DEPLOYMENT_VERSION).document["properties"]
        if not has_ended or found["provisioningState"] != "Succeeded":
            why = found.get("error") or {"message": "It does not end."}
            details = " ".join(str(one.get("message", "")) for one in why.get("details") or ())
            message = f"The template could not be deployed: {why.get('message', '')} {details}".strip()
            raise ServiceError(Category.CONFLICT, "DeploymentFailed", message, target="template")
        self._note("template", path, DEPLOY)

    def _find_reader(self, workspace: ResourceId) -> str:
        """Return the object id of the reader, who is named by it or by a user name. Raises `InvalidDocument`."""
        text = self.customer.reader
        found = find_principal(self.call.services.directory, text)
        if found is not None and found.tenant_id == self.call.owner_of(workspace):
            return str(found.object_id)
        message = f"The directory has no user, group or application '{text[:200]}'."
        raise InvalidDocument([Problem("reader", message, "PrincipalNotFound")])

    def _find(self, path: str, version: str) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self.call.send("GET", path, version).document
        except ServiceError as error:
            if error.category is Category.NOT_FOUND:
                return None
            raise
        return found

    def _require(self, action: str, scope: ResourceId) -> None:
        self.call.services.access.require(self.call.principal, action, scope)

    def _note(
        self, kind: str, target: str, change: str, differences: tuple[Mapping[str, Any], ...] = ()
    ) -> None:
        self.steps.append(Step(kind, target, change, differences))
