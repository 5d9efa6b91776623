"""What the resource store refuses.

::

    ServiceError
      InvalidDocument        a document with one or more problems, all of them reported
      ResourceNotFound       the thing, its group or its subscription does not exist
      ResourceConflict       what is asked contradicts what is there
      PreconditionFailed     the caller saw another version of the resource
      AccessDenied           no role grants the action
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document. `target` is the path of the member, such as `schema.columns[2].type`."""

    target: str
    message: str
    code: str = "InvalidParameter"


class InvalidDocument(ServiceError):
    """The document can't be accepted. The first problem gives code, message and target, `details` lists all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        details = tuple(
            ServiceError(Category.INVALID, problem.code, problem.message, target=problem.target)
            for problem in problems
        )
        message = first.message
        if len(problems) > 1:
            message = f"{len(problems)} problems. " + " ".join(problem.message for problem in problems)
        super().__init__(Category.INVALID, first.code, message, target=first.target, details=details)
        self.problems = tuple(problems)


class ResourceNotFound(ServiceError):
    """Nothing of that name exists where the path looks for it."""

    def __init__(self, resource_id: ResourceId) -> None:
        code, message = _describe_absence(resource_id)
        super().__init__(Category.NOT_FOUND, code, message, target=str(resource_id))


class ResourceConflict(ServiceError):
    """The request is well formed but contradicts the present state."""

    def __init__(self, code: str, message: str, *, target: str | None = None) -> None:
        super().__init__(Category.CONFLICT, code, message, target=target)


class PreconditionFailed(ServiceError):
    """`If-Match` or `If-None-Match` does not hold."""

    def __init__(self, resource_id: ResourceId) -> None:
        message = (
            f"'{resource_id}' is not as the request's If-Match or If-None-Match says, someone else may have changed "
            "it; read it again and repeat the change."
        )
        super().__init__(Category.CONFLICT, "PreconditionFailed", message, target=str(resource_id))


@dataclass(frozen=True, slots=True)
class MissingRight:
    """What a refused caller would have to be allowed: where the decision can be looked into."""

    caller_id: UUID
    action: str
    scope: ResourceId
    is_data: bool = False


class AccessDenied(ServiceError):
    """No role of the caller grants the action at the scope. `reason` explains the decision, for the audit."""

    def __init__(
        self,
        message: str,
        reason: str,
        *,
        target: str | None = None,
        code: str = "AuthorizationFailed",
        missing: MissingRight | None = None,
    ) -> None:
        super().__init__(Category.FORBIDDEN, code, message, target=target)
        self.reason = reason
        self.missing = missing


def refuse_if_any(problems: Sequence[Problem]) -> None:
    """Raise `InvalidDocument` when there are problems."""
    if problems:
        raise InvalidDocument(problems)


def _describe_absence(resource_id: ResourceId) -> tuple[str, str]:
    match resource_id.type:
        case "Microsoft.Resources/subscriptions":
            return "SubscriptionNotFound", f"The subscription '{resource_id.name}' could not be found."
        case "Microsoft.Resources/resourceGroups":
            return "ResourceGroupNotFound", f"Resource group '{resource_id.name}' could not be found."
        case resource_type:
            group = resource_id.resource_group
            place = f" under resource group '{group}'" if group else ""
            return (
                "ResourceNotFound",
                f"The Resource '{resource_type}/{resource_id.name}'{place} was not found.",
            )
