"""The document of a decision on access: every role that was looked at in the order of places, with names beside ids."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kelp.api.management.documents import encode_moment, present
from kelp.base.ids import ResourceId
from kelp.resources.access import QUERY_TABLE_READ, TABLE_DATA_READ
from kelp.resources.condition_text import print_condition
from kelp.resources.role_condition import ALWAYS

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.identity.directory import Directory
    from kelp.identity.principal import Principal
    from kelp.resources.access import Access
    from kelp.resources.decision import Weighed
    from kelp.resources.snapshot import Snapshot

_READS_TABLE = re.compile(
    r"microsoft\.operationalinsights/workspaces/query/(?P<table>[^/*]+)/read", re.IGNORECASE
)
_WORKSPACE_TYPE = "microsoft.operationalinsights/workspaces"
_KINDS = {
    "microsoft.resources/tenants": "tenant",
    "microsoft.resources/subscriptions": "subscription",
    "microsoft.resources/resourcegroups": "resourceGroup",
    _WORKSPACE_TYPE: "workspace",
    f"{_WORKSPACE_TYPE}/tables": "table",
}


@dataclass(frozen=True, slots=True)
class AccessQuestion:
    """What is asked of a principal: an action at a scope."""

    principal: Principal
    action: str
    scope: ResourceId
    is_data: bool = False

    def find_other_way(self) -> AccessQuestion | None:
        """Return the other of the two actions that read the same table of a workspace."""
        scope = self.scope
        if self.is_data:
            is_reading = self.action.lower() == TABLE_DATA_READ.lower()
            if not is_reading or scope.type.lower() != f"{_WORKSPACE_TYPE}/tables":
                return None
            return replace(self, action=QUERY_TABLE_READ.format(table=scope.name), is_data=False)
        found = _READS_TABLE.fullmatch(self.action)
        workspace = scope.parent if scope.type.lower() == f"{_WORKSPACE_TYPE}/tables" else scope
        if found is None or workspace is None or workspace.type.lower() != _WORKSPACE_TYPE:
            return None
        place = workspace.child("tables", found["table"])
        return replace(self, action=TABLE_DATA_READ, scope=place, is_data=True)


class AccessTraces:
    """Writes decisions with the names that a directory and a snapshot know."""

    def __init__(self, directory: Directory, snapshot: Snapshot) -> None:
        self._directory = directory
        self._snapshot = snapshot

    def explain(self, access: Access, question: AccessQuestion) -> dict[str, Any]:
        """Return the document of a decision, of what it rests on, and of the other way to read the same table."""
        principal = question.principal
        document = self._explain_way(access, question) | {
            "principal": {
                "id": str(principal.object_id),
                "name": principal.name,
                "tenantId": str(principal.tenant_id),
                "groupIds": sorted(map(str, principal.group_ids)),
            },
            "places": [
                self._describe_place(place, question)
                for place in (*reversed([*question.scope.iter_ancestors()]), question.scope)
            ],
        }
        other = question.find_other_way()
        if other is not None:
            document["otherWay"] = self._explain_way(access, other)
        return document

    def _explain_way(self, access: Access, question: AccessQuestion) -> dict[str, Any]:
        principal, action, scope = question.principal, question.action, question.scope
        trace = access.trace(principal, action, scope, is_data=question.is_data)
        return {
            "allowed": trace.decision.allowed,
            "reason": trace.decision.reason,
            "action": action,
            "isDataAction": question.is_data,
            "scope": str(scope),
            "grantedBy": trace.decision.granted_by,
            "limits": [print_condition(limit) for limit in trace.decision.limits],
            "temporary": trace.temporary,
            "roles": [self._describe_role(one, principal) for one in trace.weighed],
        }

    def _describe_role(self, weighed: Weighed, principal: Principal) -> dict[str, Any]:
        held = weighed.held
        return present(
            {
                "roleName": held.role.name,
                "roleDefinitionId": str(held.role.id),
                "scope": held.scope,
                "principalId": str(held.principal_id),
                "principalName": self._name_principal(held.principal_id, principal),
                "through": self._find_chain(principal.object_id, held.principal_id) or None,
                "assignmentId": held.assignment_id,
                "createdOn": encode_moment(held.given.at),
                "createdBy": held.given.by,
                "condition": None if held.condition == ALWAYS else print_condition(held.condition),
                "left": print_condition(weighed.left),
                "managedByTenantId": str(held.managed_by) if held.managed_by else None,
                "managedByTenantName": self._name_tenant(held.managed_by) if held.managed_by else None,
                "permits": weighed.match.permits,
                "granting": weighed.match.granting,
                "excluding": weighed.match.excluding,
            }
        )

    def _describe_place(self, place: ResourceId, question: AccessQuestion) -> dict[str, str]:
        kind = _KINDS.get(place.type.lower(), "resource")
        name = place.name
        if kind == "tenant":
            owner = self._snapshot.find_tenant_id(question.scope) or question.principal.tenant_id
            name = self._name_tenant(owner)
        elif kind == "subscription":
            known = self._snapshot.subscriptions_by_key.get(place.key)
            name = known.properties.display_name if known else name
        return {"scope": str(place), "kind": kind, "name": name}

    def _name_tenant(self, tenant_id: UUID) -> str:
        tenant = self._directory.find_tenant(str(tenant_id))
        return tenant.name if tenant else str(tenant_id)

    def _name_principal(self, principal_id: UUID, principal: Principal) -> str:
        if principal_id == principal.object_id:
            return principal.name
        group = self._directory.groups.find(principal_id)
        return group.name if group else str(principal_id)

    def _find_chain(self, member_id: UUID, group_id: UUID) -> list[str]:
        """Return the names of the groups that lead from a member to a group that it is in, the nearest first."""
        groups = self._directory.groups
        paths: list[tuple[UUID, ...]] = [(member_id,)]
        seen = {member_id}
        for path in paths:
            if path[-1] == group_id:
                return [str(group.name) for step in path[1:] if (group := groups.find(step))]
            above = sorted(groups.find_direct_of(path[-1]) - seen)
            seen.update(above)
            paths += [(*path, step) for step in above]
        return []
