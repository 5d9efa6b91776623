"""A saved search: a query that a workspace keeps; one with an alias is a function that queries may call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kelp.kql.diagnostics import QueryRefusedError, Severity
from kelp.kql.saved_function import parse_function
from kelp.kql.schema import StoredFunction
from kelp.resources.errors import Problem, ResourceConflict
from kelp.resources.plain import Plain

if TYPE_CHECKING:
    from typing import Self

    from kelp.base.ids import ResourceId
    from kelp.resources.transaction import Transaction

_ALIAS = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_REQUIRED = "category", "displayName", "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch(Plain):
    """`function_parameters` are written as in `a: long, b: string = "x", T: (Count: long)`, without brackets.

    Names of `tags` may repeat, and have no meaning but to whoever groups searches by them.
    """

    TYPE: ClassVar[str] = "Microsoft.OperationalInsights/workspaces/savedSearches"

    category: str
    display_name: str
    query: str
    function_alias: str | None = None
    function_parameters: str | None = None
    version: int | None = None
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def function(self) -> StoredFunction | None:
        """What queries call by the alias."""
        if self.function_alias is None:
            return None
        return StoredFunction(self.function_alias, f"({self.function_parameters or ''})", self.query)

    def check(self, name: str) -> list[Problem]:
        """Check that nothing is empty, and that a function can be read."""
        given = self.category, self.display_name, self.query
        problems = [
            Problem(f"properties.{member}", f"A saved search needs a {member}.")
            for member, text in zip(_REQUIRED, given, strict=True)
            if not text.strip()
        ]
        if self.function is None:
            if self.function_parameters:
                target = "properties.functionParameters"
                problems.append(Problem(target, "Parameters belong to a function: give it a functionAlias."))
            return problems
        if not _ALIAS.fullmatch(self.function.name):
            problems.append(
                Problem(
                    "properties.functionAlias",
                    f"'{self.function.name}' is no name of a function: a letter or '_', then letters, digits and '_'.",
                )
            )
        return problems or _check_function(self.function)

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Refuse an alias that another saved search of the workspace has, in any case."""
        workspace = resource_id.parent
        if self.function_alias is None or workspace is None:
            return self
        functions = transaction.snapshot.functions.get(workspace.key, {})
        for alias, other in functions.items():
            if alias.lower() == self.function_alias.lower() and other.id != resource_id:
                raise ResourceConflict(
                    "FunctionAliasExists",
                    f"The workspace has a function '{alias}': the saved search '{other.id.name}'.",
                    target="properties.functionAlias",
                )
        return self


def _check_function(function: StoredFunction) -> list[Problem]:
    """Check that parameters and body can be read; what they name is known only when they are called."""
    bodiless = StoredFunction(function.name, function.parameters, "print 1")
    parameters = _syntax_problems(bodiless, "properties.functionParameters")
    return parameters or _syntax_problems(function, "properties.query")


def _syntax_problems(function: StoredFunction, target: str) -> list[Problem]:
    try:
        parse_function(function)
    except QueryRefusedError as refused:
        return [
            Problem(
                target, f"The function '{function.name}' can't be read: {found.message}.", "InvalidFunction"
            )
            for found in refused.diagnostics
            if found.severity is Severity.ERROR
        ]
    return []
