"""Parameters of a deployment that are secrets of a key vault: read in the caller's name, and never shown.

Cf. "Use Azure Key Vault to pass a secure parameter value during deployment".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.reader import DocumentReader
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.key_vault import KeyVault
from kelp.templates.errors import Findings

_DEPLOY = "Microsoft.KeyVault/vaults/deploy/action"
_SECURE = "securestring"


def read_secrets(call: Call, template: Mapping[str, Any], given: Any) -> Any:
    """Return the parameters with the secrets that they refer to as values.

    The vault must let templates read it, and the caller must be allowed to deploy from it; the reading is recorded.
    Raises `InvalidTemplate` with all that is wrong, `AccessDenied`.
    """
    if not isinstance(given, Mapping):
        return given
    declared = template.get("parameters")
    kinds = {
        str(name).lower(): str(one.get("type", "")).lower()
        for name, one in (declared.items() if isinstance(declared, Mapping) else ())
        if isinstance(one, Mapping)
    }
    findings, read = Findings(), dict(given)
    for name, one in given.items():
        if isinstance(one, Mapping) and isinstance(one.get("reference"), Mapping):
            path = f"parameters.{name}"
            if kinds.get(str(name).lower(), _SECURE) != _SECURE:
                findings.add(path, "Only a parameter of type securestring can be a secret of a key vault.")
                continue
            try:
                read[name] = {"value": _read_secret(call, one["reference"])}
            except ServiceError as refusal:
                if refusal.category is Category.FORBIDDEN:
                    raise
                findings.add(path, refusal.message)
    findings.raise_if_any()
    return read


def _read_secret(call: Call, reference: Mapping[str, Any]) -> str:
    reader = DocumentReader(reference)
    with reader.reporting():
        vault_id = ResourceId.parse(reader.section("keyVault").text("id"))
        name, version = reader.text("secretName"), reader.text("secretVersion")
    call.require(_DEPLOY, vault_id)
    vault = call.store.get(KeyVault, vault_id)
    if not vault.properties.settings.enabled_for_template_deployment:
        raise ServiceError(
            Category.INVALID,
            "KeyVaultTemplateDeploymentNotEnabled",
            f"The vault '{vault_id.name}' is not enabled for template deployment: set enabledForTemplateDeployment.",
        )
    if call.services.read_secret is None:
        raise ServiceError(Category.UNSUPPORTED, "NotSupported", "There are no secrets here.")
    text = call.services.read_secret(vault.uid, name, version)
    with call.write() as transaction:
        transaction.record_action(vault.id, "deploy/action")
    return text
