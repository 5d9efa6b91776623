"""An action group: whom to tell, and what to call, when an alert fires."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from kelp.resources.document import TrackedDocument
from kelp.resources.errors import Problem
from kelp.resources.shape import Email, Guid, Items, Path, Record, Shape, Text, Truth, Url

_NAME, _SCHEMA = Text(minimum=1, maximum=128), Truth()
_PHONE = Text(pattern=r"[0-9 ()-]{3,20}", rule="a phone number without its country code")
_COUNTRY = Text(pattern=r"\+?[0-9]{1,4}", rule="a country code such as 49")


def _receivers(members: dict[str, Shape], *optional: str, maximum: int = 100) -> Items:
    """Return the shape of receivers of one kind; those not named optional are required."""
    named: dict[str, Shape] = {"name": _NAME, **members, "useCommonAlertSchema": _SCHEMA}
    required = tuple(name for name in named if name not in (*optional, "useCommonAlertSchema"))
    return Items(Record(named, required, read_only=("status",)), maximum=maximum)


_RECEIVERS: dict[str, Shape] = {
    "emailReceivers": _receivers({"emailAddress": Email()}, maximum=1000),
    "smsReceivers": _receivers({"countryCode": _COUNTRY, "phoneNumber": _PHONE}, maximum=10),
    "voiceReceivers": _receivers({"countryCode": _COUNTRY, "phoneNumber": _PHONE}, maximum=10),
    "webhookReceivers": _receivers(
        {
            "serviceUri": Url(),
            "useAadAuth": Truth(),
            "objectId": Text(),
            "identifierUri": Text(),
            "tenantId": Guid(),
        },
        "useAadAuth",
        "objectId",
        "identifierUri",
        "tenantId",
    ),
    "itsmReceivers": _receivers(
        {"workspaceId": Text(), "connectionId": Text(), "ticketConfiguration": Text(), "region": Text()},
        maximum=10,
    ),
    "azureAppPushReceivers": _receivers({"emailAddress": Email()}, maximum=10),
    "automationRunbookReceivers": _receivers(
        {
            "automationAccountId": Path(),
            "runbookName": Text(minimum=1),
            "webhookResourceId": Path(),
            "isGlobalRunbook": Truth(),
            "serviceUri": Url(),
        },
        "name",
        "serviceUri",
        maximum=10,
    ),
    "logicAppReceivers": _receivers({"resourceId": Path(), "callbackUrl": Url()}, maximum=10),
    "azureFunctionReceivers": _receivers(
        {"functionAppResourceId": Path(), "functionName": Text(minimum=1), "httpTriggerUrl": Url()},
        maximum=10,
    ),
    "armRoleReceivers": _receivers({"roleId": Guid()}, maximum=10),
    "eventHubReceivers": _receivers(
        {
            "eventHubNameSpace": Text(minimum=1),
            "eventHubName": Text(minimum=1),
            "tenantId": Guid(),
            "subscriptionId": Guid(),
        },
        "tenantId",
        maximum=10,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionGroup(TrackedDocument):
    """Its location is usually `Global`. Names of receivers are unique within the group."""

    TYPE: ClassVar[str] = "Microsoft.Insights/actionGroups"
    SHAPE: ClassVar[Record] = Record(
        {"groupShortName": Text(minimum=1, maximum=12), "enabled": Truth(), **_RECEIVERS},
        required=("groupShortName", "enabled"),
        read_only=("provisioningState",),
    )

    def check(self, name: str) -> list[Problem]:
        """Check that no two receivers have one name."""
        names = Counter(
            str(receiver.get("name", "")).lower()
            for kind in _RECEIVERS
            for receiver in self.document.get(kind, ())
            if receiver.get("name")
        )
        doubled = [
            Problem(
                "properties",
                f"Several receivers are named '{one}': names of receivers are unique in a group.",
            )
            for one, count in names.items()
            if count > 1
        ]
        return [*TrackedDocument.check(self, name), *doubled]
