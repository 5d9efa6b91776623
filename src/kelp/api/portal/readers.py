"""Who may read what a query asks for: `/portal/api/kql/readers`. Nothing is run, and only rights are looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kelp.api.management.access_explanation import find_principal, no_principal
from kelp.api.management.call import Answer
from kelp.api.portal.call import portal_routes
from kelp.api.portal.kql_documents import decode_text, invalid
from kelp.api.portal.query_descriptions import READERS
from kelp.base.errors import Category, ServiceError
from kelp.kql.editing.statements import split_statements
from kelp.kql.schema import TableReference
from kelp.resources.access import QUERY_READ, QUERY_TABLE_READ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.api.asgi import Route
    from kelp.api.portal.browser import Browsers
    from kelp.api.portal.call import PortalCall
    from kelp.api.query.runner import QueryRunner
    from kelp.catalog.workspace_schema import WorkspaceSchema
    from kelp.identity.directory import Directory
    from kelp.identity.principal import Principal
    from kelp.resources.access import Access

MAXIMUM_PEOPLE = 20
_READ_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments/read"
_MAXIMUM_BODY_BYTES = 2 * 1024 * 1024


class Readers:
    """Holds what the route needs."""

    def __init__(self, browsers: Browsers, runner: QueryRunner, access: Access, directory: Directory) -> None:
        self._browsers = browsers
        self._runner = runner
        self._access = access
        self._directory = directory

    def routes(self) -> list[Route]:
        """Return the route."""
        works = {("POST", "/kql/readers"): self.tell_readers}
        routes = portal_routes(self._browsers, works, _MAXIMUM_BODY_BYTES)
        return [replace(route, description=READERS) for route in routes]

    def tell_readers(self, call: PortalCall) -> Answer:
        """Tell what of a query's workspaces and tables somebody may read: the caller, or the people who are named.

        The caller learns which standard tables of the query are not open to it; other tables stay unknown. Of others
        it learns only where it may see who has which role, and of tables that it may read itself.
        """
        document = call.document()
        asked, people = decode_text(document), document.get("people") or []
        if not isinstance(people, list) or len(people) > MAXIMUM_PEOPLE:
            raise invalid("people", f"'people' must be a list of at most {MAXIMUM_PEOPLE} ids.")
        names = sorted({name for one in split_statements(asked.query) for name in one.names})
        tables = [self._list_tables(call.principal, one, names) for one in asked.workspaces]
        if people:
            for schema, _ in tables:
                self._access.require(call.principal, _READ_ASSIGNMENTS, schema.workspace.id)
        readers = [self._find(call.principal, str(one)) for one in people] or [call.principal]
        found = [
            {
                "id": str(reader.object_id),
                "name": reader.name,
                "workspaces": [self._tell(reader, schema, known) for schema, known in tables],
            }
            for reader in readers
        ]
        return Answer(200, document={"value": found})

    def _list_tables(
        self, caller: Principal, workspace: str, names: Sequence[str]
    ) -> tuple[WorkspaceSchema, list[str]]:
        """Return the workspace, and which of the names are tables that the caller may know of."""
        (schema,) = self._runner.build_scope(caller, [workspace]).provider.own
        tables = [name for name in names if schema.find_table(name) is not None]
        known = [
            name
            for name in tables
            if schema.find_declaration(name) is None or self._decide(caller, schema, name) != "none"
        ]
        return schema, known

    def _find(self, caller: Principal, name: str) -> Principal:
        found = find_principal(self._directory, name)
        if found is None or found.tenant_id != caller.tenant_id:
            raise no_principal(name)
        return found

    def _tell(self, reader: Principal, schema: WorkspaceSchema, tables: Sequence[str]) -> dict[str, Any]:
        place = schema.workspace.id
        may_query = self._may_query(reader, schema)
        return {
            "name": place.name,
            "scope": str(place),
            "mayQuery": may_query,
            "action": QUERY_READ,
            "tables": [
                {
                    "name": name,
                    "reads": self._decide(reader, schema, name) if may_query else "none",
                    "action": QUERY_TABLE_READ.format(table=name),
                    "scope": str(place.child("tables", name)),
                }
                for name in tables
            ],
        }

    def _may_query(self, reader: Principal, schema: WorkspaceSchema) -> bool:
        try:
            self._runner.build_scope(reader, [str(schema.workspace.id)])
        except ServiceError as refused:
            if refused.category in (Category.FORBIDDEN, Category.NOT_FOUND):
                return False
            raise
        return True

    def _decide(self, reader: Principal, schema: WorkspaceSchema, table: str) -> str:
        provider = self._runner.build_scope(reader, [str(schema.workspace.id)]).provider
        if provider.find_table(TableReference(None, table)) is None:
            return "none"
        return "some" if provider.limits_rows else "all"
