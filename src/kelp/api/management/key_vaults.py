"""Key vaults, live and deleted, and who may use what lies in them (`Microsoft.KeyVault/vaults`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from kelp.api.description import Body
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, encode_resource, encode_system_data, present
from kelp.api.management.kind_description import KindDescription, giving, read_alone, taking
from kelp.api.management.listing import list_resources
from kelp.api.management.reader import DocumentReader
from kelp.api.management.writing import patch_resource, put_resource
from kelp.base.ids import ResourceId
from kelp.identity.addresses import Addresses
from kelp.jobs import key_watch
from kelp.resources.errors import ResourceNotFound
from kelp.resources.key_vault import (
    AccessPolicy,
    KeyVault,
    KeyVaultSettings,
    check_permissions,
    delete_key_vault,
    put_key_vault,
    require_purgeable,
)
from kelp.resources.resource import Resource
from kelp.resources.shape import Guid, Items, Named, Record, Text, Url
from kelp.resources.transaction import Transaction

_NAMESPACE = "Microsoft.KeyVault"
_TYPE = f"{_NAMESPACE}/vaults"
_IN_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{_NAMESPACE}"
_IN_GROUP = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_TYPE}"
_ONE = f"{_IN_GROUP}/{{vault}}"
_ONE_DELETED = f"{_IN_SUBSCRIPTION}/locations/{{location}}/deletedVaults/{{vault}}"
_DELETED_TYPE = f"{_NAMESPACE}/deletedVaults"
_ROLES_BY_DEFAULT = "2026-02-01"
"""The first api-version whose vaults use roles, not access policies, unless they say otherwise."""
_NOT_LIMITED = "Kelp does not limit the addresses that a vault is reached from: leave '{}' out, or '{}'."


def list_in_subscription(call: Call) -> Answer:
    """Answer with the vaults of a subscription."""
    return list_resources(call, KeyVault, call.subscription, encode_vault)


def list_in_group(call: Call) -> Answer:
    """Answer with the vaults of a group."""
    return list_resources(call, KeyVault, call.group, encode_vault)


def get(call: Call) -> Answer:
    """Answer with one vault."""
    call.require(f"{_TYPE}/read", _vault_id(call))
    return Answer(200, encode_vault(call, call.store.get(KeyVault, _vault_id(call))))


def put(call: Call) -> Answer:
    """Create, change or recover a vault."""
    call.require(f"{_TYPE}/write", _vault_id(call))
    return _noting(call, put_resource(call, _putter(call), encode_vault))


def patch(call: Call) -> Answer:
    """Change what the body names."""
    call.require(f"{_TYPE}/write", _vault_id(call))
    return _noting(call, patch_resource(call, (KeyVault, _vault_id(call)), _putter(call), encode_vault))


def delete(call: Call) -> Answer:
    """Delete a vault; with soft delete it can be recovered."""
    call.require(f"{_TYPE}/delete", _vault_id(call))
    with call.write() as transaction:
        existed = delete_key_vault(transaction, _vault_id(call))
    return _noting(call, Answer(200 if existed else 204))


def update_access_policy(call: Call) -> Answer:
    """Add to, replace or remove the permissions that the body names of principals (`accessPolicies/{kind}`)."""
    vault_id, reader, kind = _vault_id(call), call.reader(), call.parameters["kind"].lower()
    call.require(f"{_TYPE}/accessPolicies/write", vault_id)
    with call.write() as transaction, reader.reporting():
        vault = transaction.get(KeyVault, vault_id)
        if kind not in ("add", "replace", "remove"):
            reader.refuse(
                "operationKind", f"'{kind}' is no change of access policies: add, replace or remove."
            )
        given = _decode_policies(reader.section("properties"))
        policies = _change_policies(vault.properties.settings.access_policies, given, kind)
        settings = replace(vault.properties.settings, access_policies=policies)
        vault = put_key_vault(transaction, vault_id, settings)
    properties = {"accessPolicies": [_encode_policy(policy) for policy in policies]}
    document = {
        "id": f"{vault.id}/accessPolicies/",
        "type": f"{_TYPE}/accessPolicies",
        "properties": properties,
    }
    return _noting(call, Answer(200, document))


def list_deleted(call: Call) -> Answer:
    """Answer with the deleted vaults of a subscription that can be recovered."""
    call.require_subscription(call.subscription)
    now = call.services.clock.now()
    found = [
        _encode_deleted(call, vault)
        for vault in call.store.list_closed(KeyVault)
        if call.subscription.contains(vault.id)
        and vault.purge_at is not None
        and vault.purge_at > now
        and call.allows(f"{_DELETED_TYPE}/read", call.subscription)
    ]
    return Answer(200, {"value": found})


def get_deleted(call: Call) -> Answer:
    """Answer with one deleted vault."""
    call.require(f"{_DELETED_TYPE}/read", call.subscription)
    return Answer(200, _encode_deleted(call, _find_deleted(call)))


def purge(call: Call) -> Answer:
    """Destroy a deleted vault and everything in it."""
    call.require(f"{_NAMESPACE}/locations/deletedVaults/purge/action", call.subscription)
    vault = _find_deleted(call)
    require_purgeable(vault)
    with call.write() as transaction:
        transaction.purge(vault)
    if call.services.destroy_vault is not None:
        call.services.destroy_vault(vault.uid)
    return Answer(200)


def check_name_availability(call: Call) -> Answer:
    """Tell whether a name is free."""
    call.require(f"{_NAMESPACE}/checkNameAvailability/read", call.subscription)
    name = call.reader().text("name")
    with call.write() as transaction:
        holder = transaction.find_by_external_id(KeyVault, name.lower())
    if holder is None:
        return Answer(200, {"nameAvailable": True})
    message = f"The vault name '{name}' is already in use. Vault names are globally unique; choose another."
    return Answer(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": message})


def decode_settings(reader: DocumentReader) -> KeyVaultSettings:
    """Read the members that an owner decides about; what is left out has its default."""
    properties = reader.section("properties")
    _refuse_network_rules(properties)
    defaults = KeyVaultSettings("", UUID(int=0))
    retention = properties.find_integer("softDeleteRetentionInDays")
    return KeyVaultSettings(
        location=reader.text("location"),
        tenant_id=_read_guid(properties, "tenantId"),
        sku=properties.section("sku").choice("name", defaults.sku),
        access_policies=_decode_policies(properties),
        enable_rbac_authorization=bool(properties.find_boolean("enableRbacAuthorization")),
        enable_soft_delete=properties.find_boolean("enableSoftDelete") is not False,
        soft_delete_retention_in_days=(
            defaults.soft_delete_retention_in_days if retention is None else retention
        ),
        enable_purge_protection=properties.find_boolean("enablePurgeProtection"),
        enabled_for_deployment=properties.find_boolean("enabledForDeployment"),
        enabled_for_disk_encryption=properties.find_boolean("enabledForDiskEncryption"),
        enabled_for_template_deployment=properties.find_boolean("enabledForTemplateDeployment"),
        tags=reader.tags(),
    )


def encode_vault(call: Call, vault: Resource[KeyVault]) -> dict[str, Any]:
    """Return the document of a vault."""
    settings = vault.properties.settings
    properties = {
        "tenantId": str(settings.tenant_id),
        "sku": {"family": "A", "name": settings.sku},
        "accessPolicies": [_encode_policy(policy) for policy in settings.access_policies],
        "enabledForDeployment": bool(settings.enabled_for_deployment),
        "enabledForDiskEncryption": settings.enabled_for_disk_encryption,
        "enabledForTemplateDeployment": settings.enabled_for_template_deployment,
        "enableSoftDelete": settings.enable_soft_delete,
        "softDeleteRetentionInDays": settings.soft_delete_retention_in_days,
        "enableRbacAuthorization": settings.enable_rbac_authorization,
        "enablePurgeProtection": settings.enable_purge_protection,
        "vaultUri": vault_uri(call.services.addresses, call.base_url, vault.id.name),
        "provisioningState": "Succeeded",
        "publicNetworkAccess": "Enabled",
    }
    return encode_resource(
        vault,
        present(properties),
        location=settings.location,
        tags=settings.tags,
        systemData=encode_system_data(vault),
    )


def vault_uri(addresses: Addresses, base_url: str, name: str) -> str:
    """Return the address of a vault: a host name of its own below ours, or a path where we are an address."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if addresses.find_vault(f"{name}.vault.{host}") is None or ":" in host or host.replace(".", "").isdigit():
        return f"{base_url}/vaults/{name.lower()}/"
    port = f":{parts.port}" if parts.port is not None else ""
    return f"https://{name.lower()}.vault.{host}{port}/"


def _noting(call: Call, answer: Answer) -> Answer:
    """Have what is protected by keys of vaults looked at soon, since who may use them may have changed."""
    call.services.request_run(key_watch.NAME)
    return answer


def _vault_id(call: Call) -> ResourceId:
    return call.group.child(_TYPE, call.parameters["vault"])


def _putter(call: Call) -> Callable[[Transaction, DocumentReader], Resource[KeyVault]]:
    def put_settings(transaction: Transaction, reader: DocumentReader) -> Resource[KeyVault]:
        properties = reader.section("properties")
        recover = properties.text("createMode").lower() == "recover"
        settings = decode_settings(reader)
        if properties.find_boolean("enableRbacAuthorization") is None:
            settings = replace(settings, enable_rbac_authorization=_uses_roles(call, transaction))
        return put_key_vault(transaction, _vault_id(call), settings, recover=recover, if_match=call.if_match)

    return put_settings


def _uses_roles(call: Call, transaction: Transaction) -> bool:
    """Tell what a document that does not say it means: what is, else the default of its api-version."""
    existing = transaction.find(KeyVault, _vault_id(call))
    if existing is not None:
        return existing.properties.settings.enable_rbac_authorization
    return call.query.get("api-version", "") >= _ROLES_BY_DEFAULT


def _refuse_network_rules(properties: DocumentReader) -> None:
    if properties.text("publicNetworkAccess", "Enabled").lower() != "enabled":
        properties.refuse("publicNetworkAccess", _NOT_LIMITED.format("publicNetworkAccess", "Enabled"))
    rules = properties.section("networkAcls")
    if rules.text("defaultAction", "Allow").lower() != "allow":
        rules.refuse("defaultAction", _NOT_LIMITED.format("networkAcls", "defaultAction: Allow"))


def _decode_policies(properties: DocumentReader) -> tuple[AccessPolicy, ...]:
    policies = []
    for reader in properties.sections("accessPolicies"):
        tenant_id, object_id = _read_guid(reader, "tenantId"), _read_guid(reader, "objectId")
        permissions = reader.section("permissions")
        granted = []
        for kind in ("keys", "secrets"):
            names, problems = check_permissions(kind, permissions.texts(kind), f"{permissions.path}.{kind}")
            granted.append(names)
            permissions.problems.extend(problems)
        policies.append(AccessPolicy(tenant_id, object_id, *granted))
    return tuple(policies)


def _read_guid(reader: DocumentReader, name: str) -> UUID:
    text = reader.text(name)
    try:
        return UUID(text)
    except ValueError:
        reader.refuse(name, f"'{text}' is no GUID." if text else f"'{name}' is required; it is a GUID.")
        return UUID(int=0)


def _change_policies(
    before: tuple[AccessPolicy, ...], given: tuple[AccessPolicy, ...], kind: str
) -> tuple[AccessPolicy, ...]:
    policies = {(policy.tenant_id, policy.object_id): policy for policy in before}
    for policy in given:
        key = (policy.tenant_id, policy.object_id)
        known = policies.get(key)
        if kind == "replace" or (known is None and kind == "add"):
            policies[key] = policy
        elif known is not None and kind == "add":
            keys = tuple(dict.fromkeys((*known.keys, *policy.keys)))
            policies[key] = replace(
                known, keys=keys, secrets=tuple(dict.fromkeys((*known.secrets, *policy.secrets)))
            )
        elif known is not None:
            keys = tuple(name for name in known.keys if name not in policy.keys)
            secrets = tuple(name for name in known.secrets if name not in policy.secrets)
            policies[key] = replace(known, keys=keys, secrets=secrets)
            if not keys and not secrets:
                del policies[key]
    return tuple(policies.values())


def _encode_policy(policy: AccessPolicy) -> dict[str, Any]:
    return {
        "tenantId": str(policy.tenant_id),
        "objectId": str(policy.object_id),
        "permissions": {"keys": list(policy.keys), "secrets": list(policy.secrets)},
    }


def _find_deleted(call: Call) -> Resource[KeyVault]:
    name, location = call.parameters["vault"].lower(), call.parameters["location"].lower()
    for vault in call.store.list_closed(KeyVault):
        settings = vault.properties.settings
        if vault.properties.name_key == name and settings.location == location and vault.purge_at is not None:
            if call.subscription.contains(vault.id) and vault.purge_at > call.services.clock.now():
                return vault
    raise ResourceNotFound(ResourceId.parse(call.path.removesuffix("/purge")))


def _encode_deleted(call: Call, vault: Resource[KeyVault]) -> dict[str, Any]:
    settings = vault.properties.settings
    assert vault.deleted_at is not None
    assert vault.purge_at is not None
    place = f"{call.subscription}/providers/{_NAMESPACE}/locations/{settings.location}"
    properties = {
        "vaultId": str(vault.id),
        "location": settings.location,
        "deletionDate": encode_moment(vault.deleted_at),
        "scheduledPurgeDate": encode_moment(vault.purge_at),
        "tags": settings.tags,
        "purgeProtectionEnabled": settings.enable_purge_protection,
    }
    return {
        "id": f"{place}/deletedVaults/{vault.id.name}",
        "name": vault.id.name,
        "type": _DELETED_TYPE,
        "properties": present(properties),
    }


_SAYS = KindDescription(
    "KeyVault", read_alone(decode_settings), {"vaultUri": Url(), "provisioningState": Text()}
)
_NAME = taking(Named("VaultName", Record({"name": Text(), "type": Text()}, required=("name",))))
_POLICY = Record(
    {
        "tenantId": Guid(),
        "objectId": Guid(),
        "permissions": Record({"keys": Items(Text()), "secrets": Items(Text())}),
    },
    required=("tenantId", "objectId", "permissions"),
)
_POLICIES = taking(
    Named("AccessPolicies", Record({"properties": Record({"accessPolicies": Items(_POLICY)})})),
    gives={200: Body()},
)
ROUTES = (
    ManagementRoute(
        "GET",
        f"{_IN_SUBSCRIPTION}/vaults",
        _NAMESPACE,
        list_in_subscription,
        _SAYS.listing(),
    ),
    ManagementRoute("GET", f"{_IN_SUBSCRIPTION}/deletedVaults", _NAMESPACE, list_deleted),
    ManagementRoute("GET", _ONE_DELETED, _NAMESPACE, get_deleted),
    ManagementRoute("POST", f"{_ONE_DELETED}/purge", _NAMESPACE, purge, giving({200: None})),
    ManagementRoute(
        "POST", f"{_IN_SUBSCRIPTION}/checkNameAvailability", _NAMESPACE, check_name_availability, _NAME
    ),
    ManagementRoute("GET", _IN_GROUP, _NAMESPACE, list_in_group, _SAYS.listing()),
    ManagementRoute("GET", _ONE, _NAMESPACE, get, _SAYS.reading()),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put, _SAYS.putting()),
    ManagementRoute("PATCH", _ONE, _NAMESPACE, patch, _SAYS.patching()),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete, _SAYS.deleting()),
    ManagementRoute("PUT", f"{_ONE}/accessPolicies/{{kind}}", _NAMESPACE, update_access_policy, _POLICIES),
)
