"""An Application Insights component: the name, and the keys, under which an application sends telemetry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from kelp.base.ids import ResourceId
from kelp.resources.document import TrackedDocument
from kelp.resources.errors import Problem, refuse_if_any
from kelp.resources.shape import Choice, Number, Path, Record, Text, Truth, Whole
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from typing import Self

    from kelp.resources.transaction import Transaction

_ACCESS = Choice(("Enabled", "Disabled", "SecuredByPerimeter"))
_WORKSPACE = "WorkspaceResourceId"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(TrackedDocument):
    """`instrumentation_key` and `app_id` are given at creation and stay."""

    TYPE: ClassVar[str] = "Microsoft.Insights/components"
    SHAPE: ClassVar[Record] = Record(
        {
            "Application_Type": Choice(("web", "other")),
            "Flow_Type": Text(),
            "Request_Source": Text(),
            "HockeyAppId": Text(),
            "SamplingPercentage": Number(0, 100),
            "RetentionInDays": Whole(7, 730),
            "DisableIpMasking": Truth(),
            "ImmediatePurgeDataOn30Days": Truth(),
            _WORKSPACE: Path(("Microsoft.OperationalInsights/workspaces",)),
            "IngestionMode": Choice(
                ("ApplicationInsights", "ApplicationInsightsWithDiagnosticSettings", "LogAnalytics")
            ),
            "publicNetworkAccessForIngestion": _ACCESS,
            "publicNetworkAccessForQuery": _ACCESS,
            "DisableLocalAuth": Truth(),
            "ForceCustomerStorageForProfiler": Truth(),
        },
        required=("Application_Type",),
        defaults={
            "Flow_Type": "Bluefield",
            "IngestionMode": "LogAnalytics",
            "RetentionInDays": 90,
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
        },
        read_only=(
            "ApplicationId", "AppId", "Name", "CreationDate", "ConnectionString", "InstrumentationKey", "TenantId",
            "LaMigrationDate", "HockeyAppToken", "PrivateLinkScopedResources", "provisioningState", "Ver", "Retention",
        ),
    )  # fmt: skip

    instrumentation_key: str = ""
    app_id: str = ""

    def check(self, name: str) -> list[Problem]:
        """Check that it has a workspace: there are no classic components."""
        problems = TrackedDocument.check(self, name)
        if _WORKSPACE not in self.document:
            target = f"properties.{_WORKSPACE}"
            problems.append(Problem(target, "A component needs a workspace to keep its telemetry in."))
        return problems

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Refuse a workspace that does not exist; give the keys at creation."""
        settled = TrackedDocument.settle(self, transaction, resource_id, before)
        workspace_id = self.document[_WORKSPACE]
        if transaction.find(Workspace, ResourceId.parse(workspace_id)) is None:
            target = f"properties.{_WORKSPACE}"
            refuse_if_any([Problem(target, f"The workspace '{workspace_id}' does not exist.")])
        if before is not None:
            return replace(settled, instrumentation_key=before.instrumentation_key, app_id=before.app_id)
        return replace(settled, instrumentation_key=str(uuid4()), app_id=str(uuid4()))
