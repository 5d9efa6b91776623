"""Deployments of templates: what was asked for, how far it came, and what came of it. Secrets are never among it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kelp.resources.errors import ResourceConflict, refuse_if_any
from kelp.resources.naming import check_name

if TYPE_CHECKING:
    from kelp.base.ids import ResourceId
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

_NAME = re.compile(r"[\w.()-]{1,64}")


class DeploymentMode(StrEnum):
    """What becomes of resources that the template does not name: `COMPLETE` removes them from the group."""

    INCREMENTAL = "Incremental"
    COMPLETE = "Complete"


class DeploymentState(StrEnum):
    """How far a deployment is."""

    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELED = "Canceled"


@dataclass(frozen=True, slots=True)
class DeploymentError:
    """Why something failed."""

    code: str
    message: str
    target: str = ""
    details: tuple[DeploymentError, ...] = ()


@dataclass(frozen=True, slots=True)
class DeploymentStep:
    """What was done about one resource: `Create`, `Delete`; `status_code` is that of the answer."""

    id: str
    operation: str
    resource_id: str
    state: DeploymentState
    status_code: int
    started_at: datetime
    ended_at: datetime
    error: DeploymentError | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """`template` is what was given, `parameters` and `outputs` are as they are shown: secure ones have no value."""

    mode: DeploymentMode
    template: dict[str, Any]
    template_hash: str
    parameters: dict[str, Any]
    correlation_id: str
    started_at: datetime
    location: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    state: DeploymentState = DeploymentState.RUNNING
    ended_at: datetime | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    output_resources: tuple[str, ...] = ()
    steps: tuple[DeploymentStep, ...] = ()
    error: DeploymentError | None = None


def put_deployment(
    transaction: Transaction, deployment_id: ResourceId, deployment: Deployment
) -> Resource[Deployment]:
    """Record that a deployment begins, in place of an earlier one of that name.

    Raises `InvalidDocument`, `ResourceConflict` while the earlier one runs, and `ResourceNotFound`.
    """
    rule = "1 to 64 letters, digits, '_', '-', '.', '(' or ')'"
    refuse_if_any(check_name(deployment_id.name, _NAME, rule))
    existing = transaction.find(Deployment, deployment_id)
    if existing is not None and existing.properties.state is DeploymentState.RUNNING:
        raise ResourceConflict(
            "DeploymentActive",
            f"The deployment '{deployment_id.name}' runs. Wait for its end, cancel it, or use another name.",
            target=str(deployment_id),
        )
    return transaction.put(deployment_id, deployment)
