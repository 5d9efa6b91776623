"""Events as rows of `SigninLogs` and `AuditLogs`, by the names and meanings that Azure Monitor documents for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_never
from uuid import UUID, uuid4

import msgspec

from kelp.identity.events import Actor, DirectoryEvent, SignInEvent, Target
from kelp.identity.principal import AccountKind

SIGN_INS, AUDIT = "SigninLogs", "AuditLogs"
_INTERACTIVE = frozenset({"signInPage", "portal"})
_CLIENT_APPLICATIONS = {
    "signInPage": "Browser",
    "portal": "Browser",
}


def make_event_row(event: SignInEvent | DirectoryEvent) -> tuple[str, dict[str, object]]:
    """Return the table of an event and its row there, as a JSON object."""
    match event:
        case SignInEvent():
            return SIGN_INS, _sign_in_row(event)
        case DirectoryEvent():
            return AUDIT, _audit_row(event)
        case _ as unreachable:
            assert_never(unreachable)


def _sign_in_row(event: SignInEvent) -> dict[str, object]:
    is_user = event.kind is AccountKind.USER
    row = _common(event.at, event.tenant_id, event.correlation_id) | {
        "OperationName": "Sign-in activity",
        "Category": _category(event),
        "ResultType": str(event.number),
        "ResultSignature": "SUCCESS" if event.number == 0 else "FAILURE",
        "ResultDescription": event.reason,
        "Id": str(uuid4()),
        "Identity": event.display_name or event.name,
        "AppDisplayName": event.client_name,
        "AppId": event.client_id,
        "AuthenticationRequirement": (
            "multiFactorAuthentication" if event.used_second_factor else "singleFactorAuthentication"
        ),
        "AuthenticationDetails": _authentication_details(event),
        "AuthenticationProtocol": event.protocol,
        "ClientAppUsed": _CLIENT_APPLICATIONS.get(event.protocol, "Mobile Apps and Desktop clients"),
        "ClientCredentialType": event.credential,
        "ConditionalAccessStatus": "notApplied",
        "CreatedDateTime": _iso(event.at),
        "IPAddress": event.address,
        "IsInteractive": event.protocol in _INTERACTIVE,
        "ResourceDisplayName": event.resource,
        "ResourceIdentity": event.resource,
        "ResourceTenantId": str(event.tenant_id),
        "HomeTenantId": str(event.home_tenant_id or ""),
        "CrossTenantAccessType": "b2bCollaboration" if event.is_guest else "none",
        "Status": {"errorCode": event.number, "failureReason": event.reason or "Other."},
        "TokenIssuerType": "AzureAD",
        "UserAgent": event.user_agent,
    }
    object_id = str(event.object_id or "")
    if not is_user:
        return row | {"ServicePrincipalId": object_id, "ServicePrincipalName": event.name}
    return row | {
        "SignInIdentifier": event.name,
        "UserDisplayName": event.display_name,
        "UserId": object_id,
        "UserPrincipalName": event.name,
        "UserType": "Guest" if event.is_guest else "Member",
    }


def _category(event: SignInEvent) -> str:
    if event.kind is not AccountKind.USER:
        return "ServicePrincipalSignInLogs"
    return "SignInLogs" if event.protocol in _INTERACTIVE else "NonInteractiveUserSignInLogs"


def _authentication_details(event: SignInEvent) -> str:
    methods = ["Password"] if event.kind is AccountKind.USER else [event.credential]
    if event.used_second_factor:
        methods.append("OATH verification code")
    details = [
        {
            "authenticationStepDateTime": _iso(event.at),
            "authenticationMethod": method,
            "succeeded": event.number == 0,
            "authenticationStepResultDetail": event.reason,
        }
        for method in methods
        if event.protocol != "refreshToken"
    ]
    return msgspec.json.encode(details).decode()


def _audit_row(event: DirectoryEvent) -> dict[str, object]:
    return _common(event.at, event.tenant_id, event.correlation_id) | {
        "OperationName": event.activity,
        "Category": event.category,
        "ResultSignature": "None",
        "Id": f"Directory_{uuid4()}",
        "Resource": "Microsoft.aadiam",
        "Identity": event.actor.name,
        "InitiatedBy": _initiator(event.actor),
        "LoggedByService": "Core Directory",
        "Result": "failure" if event.refusal else "success",
        "ResultReason": event.refusal,
        "TargetResources": [_target(target) for target in event.targets],
        "AdditionalDetails": [],
        "ActivityDisplayName": event.activity,
        "ActivityDateTime": _iso(event.at),
        "AADOperationType": event.activity.partition(" ")[0],
    }


def _initiator(actor: Actor) -> dict[str, object]:
    object_id = str(actor.object_id or "")
    if actor.kind is AccountKind.USER:
        user = {"id": object_id, "userPrincipalName": actor.name, "ipAddress": actor.address}
        return {"user": user}
    app = {
        "servicePrincipalId": object_id,
        "displayName": actor.name,
        "appId": str(actor.application_id or ""),
        "ipAddress": actor.address,
    }
    return {"app": app}


def _target(target: Target) -> dict[str, object]:
    return {
        "id": target.object_id,
        "displayName": target.name,
        "type": target.kind,
        "userPrincipalName": target.name if target.kind == "User" else None,
        "modifiedProperties": [{"displayName": name} for name in target.changed],
    }


def _common(at: datetime, tenant_id: UUID, correlation_id: str) -> dict[str, object]:
    return {
        "TimeGenerated": _iso(at),
        "ResourceId": f"/tenants/{tenant_id}/providers/Microsoft.aadiam",
        "OperationVersion": "1.0",
        "DurationMs": 0,
        "CorrelationId": correlation_id,
        "Level": "4",
        "AADTenantId": str(tenant_id),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
