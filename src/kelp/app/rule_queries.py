"""Checks queries of summary rules with the rights of whoever writes a rule; it runs with those of the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.base.clock import to_ticks
from kelp.base.errors import ServiceError
from kelp.catalog.table_access import RoleAccess
from kelp.clickhouse.compiler import CompileOptions, DataNeeded, compile_query
from kelp.kql.diagnostics import QueryRefusedError, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from kelp.base.clock import Clock
    from kelp.catalog.scope import ScopeBuilder
    from kelp.catalog.table_access import Grant
    from kelp.identity.principal import Principal
    from kelp.kql.types import RowSchema
    from kelp.plan.scope import ScopedTable
    from kelp.resources.access import Access
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace


class _OneWorkspace:
    """A caller's rights in one workspace, and which tables are readable in part only."""

    def __init__(self, rights: RoleAccess, workspace: Resource[Workspace]) -> None:
        self._rights = rights
        self._workspace = workspace
        self.partly_readable: set[str] = set()

    @property
    def key(self) -> Hashable:
        return ("rule", self._rights.key)

    def may_query(self, workspace: Resource[Workspace]) -> bool:
        return workspace.uid == self._workspace.uid and self._rights.may_query(workspace)

    def find_grant(
        self, workspace: Resource[Workspace], schema: RowSchema, stored: ScopedTable
    ) -> Grant | None:
        grant = self._rights.find_grant(workspace, schema, stored)
        if grant is not None and grant.predicate is not None:
            self.partly_readable.add(stored.table)
        return grant


def make_query_check(
    scopes: ScopeBuilder, access: Access, clock: Clock
) -> Callable[[Principal, Resource[Workspace], str], list[str]]:
    """Return the check: what is wrong with a query over a workspace that a caller wants to have run by schedule."""

    def check(principal: Principal, workspace: Resource[Workspace], text: str) -> list[str]:
        rights = _OneWorkspace(RoleAccess(access, principal), workspace)
        now_ticks = to_ticks(clock.now())
        try:
            built = scopes.build([str(workspace.properties.workspace_id)], rights, now_ticks)
            options = CompileOptions(now_ticks=now_ticks, limits_plans=True)
            compile_query(text, built.provider, built.scope, options)
        except DataNeeded:
            pass
        except QueryRefusedError as refused:
            return [found.message for found in refused.diagnostics if found.severity is Severity.ERROR]
        except ServiceError as error:
            return [error.message]
        return [
            f"You may read some records of '{table}' only; a rule reads all of them."
            for table in sorted(rights.partly_readable)
        ]

    return check
