"""A solution: the word of older portals for a set of tables and views that a workspace is given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.errors import Problem, refuse_if_any
from kelp.resources.plain import Tracked
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from typing import Self

    from kelp.resources.transaction import Transaction

_NAME = re.compile(r"(?P<type>[^()]+)\((?P<workspace>[^()]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution(Tracked):
    """Named `Type(workspace)`, as its plan is. Kelp's tables are there without it."""

    TYPE: ClassVar[str] = "Microsoft.OperationsManagement/solutions"

    workspace_id: str
    plan_name: str = ""
    product: str = ""
    publisher: str = "Microsoft"
    promotion_code: str = ""
    contained: tuple[str, ...] = ()
    referenced: tuple[str, ...] = ()

    def check(self, name: str) -> list[Problem]:
        """Check that name, plan and workspace say the same."""
        problems = Tracked.check(self, name)
        if _NAME.fullmatch(name) is None:
            rule = "a solution is named Type(workspace), such as SecurityInsights(default)"
            problems.append(
                Problem("name", f"The name '{name}' is not allowed: {rule}.", "InvalidResourceName")
            )
        if not self.product:
            problems.append(
                Problem("plan.product", "A solution needs a product, such as OMSGallery/Security.")
            )
        if self.plan_name.lower() != name.lower():
            problems.append(
                Problem("plan.name", f"The plan's name '{self.plan_name}' must be the solution's, '{name}'.")
            )
        try:
            kind = ResourceId.parse(self.workspace_id).type
        except ServiceError as error:
            problems.append(Problem("properties.workspaceResourceId", error.message))
        else:
            if kind != "Microsoft.OperationalInsights/workspaces":
                problems.append(Problem("properties.workspaceResourceId", "It is not the id of a workspace."))
        return problems

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Refuse a workspace that does not exist."""
        if transaction.find(Workspace, ResourceId.parse(self.workspace_id)) is None:
            text = f"The workspace '{self.workspace_id}' does not exist."
            refuse_if_any([Problem("properties.workspaceResourceId", text)])
        return Tracked.settle(self, transaction, resource_id, before)
