"""The functions that a workspace has saved, as queries call them: in memory, as of the last write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kelp.kql.schema import StoredFunction
    from kelp.resources.resource import Resource
    from kelp.resources.saved_search import SavedSearch
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace


class SavedFunctions:
    """All functions of all workspaces; each reads what its caller may. Safe for concurrent use."""

    def __init__(self, store: ResourceStore) -> None:
        self._store = store

    def find(self, workspace: Resource[Workspace], name: str) -> StoredFunction | None:
        """Return the function of that name, case-sensitive as all names of KQL."""
        found = self._of(workspace).get(name)
        return None if found is None else found.properties.function

    def iter_searches(self, workspace: Resource[Workspace]) -> Iterable[Resource[SavedSearch]]:
        """Yield the saved searches that are functions, in the order of their aliases."""
        functions = self._of(workspace)
        return (functions[alias] for alias in sorted(functions))

    def _of(self, workspace: Resource[Workspace]) -> Mapping[str, Resource[SavedSearch]]:
        return self._store.snapshot.functions.get(workspace.id.key, {})
