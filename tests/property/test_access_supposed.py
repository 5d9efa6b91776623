"""What `explainAccess` says there would be is what there is once the change was really made, refusals included."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kelp.resources.role_definition import (
    CONTRIBUTOR,
    LOG_ANALYTICS_DATA_READER,
    LOG_ANALYTICS_READER,
    OWNER,
    READER,
    USER_ACCESS_ADMINISTRATOR,
)
from tests.api.management_service import ManagementService, open_service

VERSION = "api-version=2022-04-01"
ROLES = (
    OWNER,
    CONTRIBUTOR,
    READER,
    LOG_ANALYTICS_READER,
    LOG_ANALYTICS_DATA_READER,
    USER_ACCESS_ADMINISTRATOR,
)
TABLE_READ = "Microsoft.OperationalInsights/workspaces/tables/data/read"
CONDITIONS = (
    None,
    "@Resource[Microsoft.OperationalInsights/workspaces/tables/record:Computer] StringStartsWith 'web-'",
    (
        f"!(ActionMatches{{'{TABLE_READ}'}}) OR "
        "@Resource[Microsoft.OperationalInsights/workspaces/tables:name] StringEquals 'Syslog'"
    ),
)
QUESTIONS = (
    ("Microsoft.OperationalInsights/workspaces/write", False),
    (TABLE_READ, True),
    ("Microsoft.Authorization/roleAssignments/write", False),
)


@dataclass(frozen=True)
class Grant:
    """Who is a number: the account itself, a group of it, a group that it is in by that group, or somebody else."""

    who: int
    role: UUID
    place: int
    condition: str | None


@dataclass
class World:
    service: ManagementService
    token: str
    principals: list[UUID]
    places: list[str]
    given: list[str] = field(default_factory=list)

    async def call(self, method: str, path: str, document: Any = None) -> tuple[int, Any]:
        answer = await self.service.call(method, f"{path}?{VERSION}", document, token=self.token)
        return answer.status_code, answer.json() if answer.content else None

    def document(self, grant: Grant) -> dict[str, Any]:
        named = {"roleDefinitionId": str(grant.role), "principalId": str(self.principals[grant.who])}
        return named if grant.condition is None else named | {"condition": grant.condition}

    async def give(self, grant: Grant) -> tuple[int, Any]:
        path = f"{self.places[grant.place].rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
        status, answer = await self.call("PUT", path, {"properties": self.document(grant)})
        if status == 201:
            self.given.append(answer["id"])
        return status, answer

    async def explain(self, action: str, is_data: bool, **changes: Any) -> tuple[int, Any]:
        body = {"principal": str(self.principals[0]), "action": action, "isDataAction": is_data, **changes}
        path = f"{self.places[-1]}/providers/Microsoft.Authorization/explainAccess"
        return await self.call("POST", path, body)


def told(decision: dict[str, Any]) -> dict[str, Any]:
    """What a decision says beside the ids of assignments that were made up for it, and when they were made."""
    made_up = ("assignmentId", "createdOn")
    return {
        "allowed": decision["allowed"],
        "limits": decision["limits"],
        "reason": decision["reason"],
        "roles": [{key: one[key] for key in one if key not in made_up} for one in decision["roles"]],
        "otherWay": told(decision["otherWay"]) if "otherWay" in decision else None,
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    service = open_service(tmp_path_factory.mktemp("supposed"))
    tenant = service.installation.tenant_id
    account = service.directory.create_application(tenant, "somebody")
    other = service.directory.create_application(tenant, "somebody else")
    team, department = (service.directory.groups.create(tenant, name) for name in ("Team", "Department"))
    service.directory.groups.add_member(team.object_id, account.object_id)
    service.directory.groups.add_member(department.object_id, team.object_id)
    workspace = str(service.installation.workspace_resource_id)
    group = workspace.partition("/providers/")[0]
    places = ["/", str(service.subscription), group, workspace, f"{workspace}/tables/Heartbeat"]
    principals = [account.object_id, team.object_id, department.object_id, other.object_id]
    return World(service, asyncio.run(service.get_token()), principals, places)


GRANTS = st.builds(
    Grant, st.integers(0, 3), st.sampled_from(ROLES), st.integers(0, 4), st.sampled_from(CONDITIONS)
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(present=st.lists(GRANTS, max_size=4), more=st.lists(GRANTS, max_size=2), fewer=st.integers(0, 2))
def test_what_would_be_is_what_comes_to_be(
    world: World, present: list[Grant], more: list[Grant], fewer: int
) -> None:
    asyncio.run(compare(world, present, more, fewer))


async def compare(world: World, present: list[Grant], more: list[Grant], fewer: int) -> None:
    try:
        for grant in present:
            await world.give(grant)
        before = [(await world.explain(*question))[1] for question in QUESTIONS]
        removed = world.given[:fewer]
        changes: dict[str, Any] = {
            "without": removed,
            "with": [world.document(grant) | {"scope": world.places[grant.place]} for grant in more],
        }
        supposed = [await world.explain(*question, **changes) for question in QUESTIONS]
        refusals = [status for status, _ in supposed if status != 200]
        made = [await world.call("DELETE", name) for name in removed]
        world.given = world.given[fewer:]
        made += [await world.give(grant) for grant in more]
        refused = next((answer["error"]["code"] for status, answer in made if status >= 400), None)
        if refusals:
            assert {answer["error"]["code"] for _, answer in supposed} == {refused}
            return
        assert refused is None
        for question, (_, answer) in zip(QUESTIONS, supposed, strict=True):
            _, real = await world.explain(*question)
            if removed or more:
                assert told(answer["supposed"]) == told(real)
            assert told(answer) == told(before[QUESTIONS.index(question)])
    finally:
        for name in world.given:
            await world.call("DELETE", name)
        world.given = []
