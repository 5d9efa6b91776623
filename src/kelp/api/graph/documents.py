"""Accounts, groups and tenants as Microsoft Graph describes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kelp.identity.principal import AccountKind

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.identity.accounts import Account, Tenant
    from kelp.identity.client_certificates import ClientCertificate
    from kelp.identity.client_secrets import ClientSecret
    from kelp.identity.groups import Group
    from kelp.identity.redirect_uris import RedirectUri

USER_PROPERTIES = (
    "id",
    "displayName",
    "userPrincipalName",
    "mail",
    "mailNickname",
    "accountEnabled",
    "userType",
    "externalUserState",
    "createdDateTime",
)
GROUP_PROPERTIES = (
    "id",
    "displayName",
    "description",
    "mailNickname",
    "mailEnabled",
    "securityEnabled",
    "createdDateTime",
)
APPLICATION_PROPERTIES = ("id", "appId", "displayName", "identifierUris", "createdDateTime")
SERVICE_PRINCIPAL_PROPERTIES = (
    "id",
    "appId",
    "displayName",
    "accountEnabled",
    "servicePrincipalNames",
    "servicePrincipalType",
    "alternativeNames",
    "createdDateTime",
)
"""What lists can be filtered by."""


def encode_user(account: Account) -> dict[str, Any]:
    """Return a user or guest."""
    state = None
    if account.is_guest:
        state = "PendingAcceptance" if account.home_object_id is None else "Accepted"
    return {
        "id": str(account.object_id),
        "displayName": account.name,
        "userPrincipalName": account.user_name,
        "mail": account.mail,
        "mailNickname": (account.user_name or "").partition("@")[0],
        "accountEnabled": account.is_enabled,
        "userType": "Guest" if account.is_guest else "Member",
        "creationType": "Invitation" if account.is_guest else None,
        "externalUserState": state,
        "externalUserStateChangeDateTime": encode_time(account.redeemed_at) if account.redeemed_at else None,
        "createdDateTime": encode_time(account.created_at),
    }


def encode_group(group: Group) -> dict[str, Any]:
    """Return a group. All groups are security groups; the mail nickname follows from the name."""
    return {
        "id": str(group.object_id),
        "displayName": group.name,
        "description": group.description or None,
        "mailNickname": "".join(group.name.split()),
        "mailEnabled": False,
        "securityEnabled": True,
        "groupTypes": [],
        "createdDateTime": encode_time(group.created_at),
    }


def encode_application(
    account: Account,
    secrets: Sequence[ClientSecret] = (),
    certificates: Sequence[ClientCertificate] = (),
    redirects: Sequence[RedirectUri] = (),
) -> dict[str, Any]:
    """Return an application. It and its service principal are one object and have one id."""
    places: dict[str, dict[str, list[str]]] = {
        platform: {"redirectUris": [found.uri for found in redirects if found.platform == platform]}
        for platform in ("web", "publicClient", "spa")
    }
    return {
        "id": str(account.object_id),
        "appId": str(account.application_id),
        "displayName": account.name,
        "identifierUris": [],
        "signInAudience": "AzureADMyOrg",
        "createdDateTime": encode_time(account.created_at),
        **places,
        **_credentials(secrets, certificates),
    }


def encode_service_principal(
    account: Account,
    secrets: Sequence[ClientSecret] = (),
    certificates: Sequence[ClientCertificate] = (),
) -> dict[str, Any]:
    """Return an application or a managed identity as what roles are granted to."""
    is_managed = account.resource_id is not None
    return {
        "id": str(account.object_id),
        "appId": str(account.application_id),
        "displayName": account.name,
        "appDisplayName": account.name,
        "accountEnabled": account.is_enabled,
        "servicePrincipalType": "ManagedIdentity" if is_managed else "Application",
        "servicePrincipalNames": [str(account.application_id)],
        "alternativeNames": ["isExplicit=False", account.resource_id] if is_managed else [],
        "appOwnerOrganizationId": str(account.tenant_id),
        "createdDateTime": encode_time(account.created_at),
        **_credentials(secrets, certificates),
    }


def encode_object(found: Account | Group) -> dict[str, Any]:
    """Return whatever a directory object is, with its type."""
    kind = kind_of(found)
    match kind:
        case "group":
            document = encode_group(found)  # type: ignore[arg-type]
        case "user":
            document = encode_user(found)  # type: ignore[arg-type]
        case _:
            document = encode_service_principal(found)  # type: ignore[arg-type]
    return {"@odata.type": f"#microsoft.graph.{kind}", **document}


def kind_of(found: Account | Group) -> str:
    """Return Graph's name for what an object is."""
    kind = getattr(found, "kind", None)
    if kind is None:
        return "group"
    return "user" if kind is AccountKind.USER else "servicePrincipal"


def encode_tenant(tenant: Tenant, log_workspace: str | None = None) -> dict[str, Any]:
    """Return a tenant as an organization; `logWorkspace` is ours: where its sign-ins and changes are logged."""
    return {
        "id": str(tenant.id),
        "displayName": tenant.name,
        "tenantType": "AAD",
        "createdDateTime": encode_time(tenant.created_at),
        "verifiedDomains": [
            {
                "name": name,
                "isDefault": name == tenant.domain,
                "isInitial": name == tenant.domain,
                "type": "Managed",
            }
            for name in tenant.domains
        ],
        "logWorkspace": log_workspace,
    }


def encode_secret(secret: ClientSecret, text: str | None = None) -> dict[str, Any]:
    """Return a secret of an application; its text only when it was just made."""
    return {
        "keyId": str(secret.id),
        "displayName": secret.name or None,
        "hint": secret.hint or None,
        "startDateTime": encode_time(secret.begins_at),
        "endDateTime": encode_time(secret.expires_at),
        "secretText": text,
        "customKeyIdentifier": None,
    }


def encode_time(moment: datetime) -> str:
    """Return a moment as Graph writes it."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def select_members(document: Mapping[str, Any], chosen: str) -> dict[str, Any]:
    """Return the members that a `$select` names, all when it names none; annotations stay."""
    names = {name.strip().lower() for name in chosen.split(",") if name.strip()}
    if not names:
        return dict(document)
    return {key: value for key, value in document.items() if key.startswith("@") or key.lower() in names}


def _credentials(
    secrets: Sequence[ClientSecret], certificates: Sequence[ClientCertificate]
) -> dict[str, list[dict[str, Any]]]:
    return {
        "passwordCredentials": [encode_secret(secret) for secret in secrets],
        "keyCredentials": [
            {
                "keyId": str(certificate.id),
                "type": "AsymmetricX509Cert",
                "usage": "Verify",
                "displayName": certificate.name or None,
                "customKeyIdentifier": certificate.sha1.hex().upper(),
                "startDateTime": encode_time(certificate.begins_at),
                "endDateTime": encode_time(certificate.expires_at),
                "key": None,
            }
            for certificate in certificates
        ],
    }


def object_ids(accounts: Sequence[Account]) -> list[UUID]:
    """Return the ids of accounts."""
    return [account.object_id for account in accounts]
