"""A request to a key vault on its way through: which vault, who asks, and whether they may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from kelp.api.http import decode_object
from kelp.base.errors import Category, ServiceError
from kelp.identity.principal import AccountKind, Principal
from kelp.resources.access import Access
from kelp.resources.author import Author, AuthorKind
from kelp.resources.key_vault import KeyVault
from kelp.resources.resource import Resource
from kelp.resources.store import ResourceStore
from kelp.vault.errors import BadParameter, ItemForbidden
from kelp.vault.item import ItemKind, Usage
from kelp.vault.items import VaultItems
from kelp.vault.key_material import decode_base64url

PAGE_ITEMS = 25
"""What a page holds, and what a client may ask for at most."""


@dataclass(frozen=True, slots=True)
class Right:
    """What a request needs: a permission of an access policy, or an action of a role on data."""

    permission: str
    action: str


def find_refusal(
    access: Access, vault: Resource[KeyVault], principal: Principal, kind: ItemKind, name: str, right: Right
) -> ItemForbidden | None:
    """Return why a principal may not do something with a key or secret (with all of them for no name)."""
    noun = f"{kind}s"
    if vault.properties.settings.enable_rbac_authorization:
        scope = vault.id.child(noun, name) if name else vault.id
        action = f"Microsoft.KeyVault/vaults/{right.action}"
        decision = access.decide(principal, action, scope, is_data=True)
        if decision.allowed:
            return None
        message = (
            "Caller is not authorized to perform action on resource. If role assignments, deny assignments or role "
            f"definitions were changed recently, please observe propagation time. Caller: oid={principal.object_id}; "
            f"action: '{action}'; resource: '{scope}'. {decision.reason}"
        )
        return ItemForbidden("ForbiddenByRbac", message)
    holders = {principal.object_id, *principal.group_ids}
    for policy in vault.properties.settings.access_policies:
        if policy.tenant_id == principal.tenant_id and policy.object_id in holders:
            if policy.permits(noun, right.permission):
                return None
    return ItemForbidden(
        "AccessDenied",
        f"The user, group or application 'oid={principal.object_id}' does not have {noun} {right.permission} "
        f"permission on key vault '{vault.id.name}'. Give it with an access policy of the vault.",
    )


@dataclass(frozen=True, slots=True)
class VaultCall:
    """One request of an authenticated caller. `base` is the URL that ids begin with, `link` that of further pages."""

    items: VaultItems
    store: ResourceStore
    access: Access
    vault: Resource[KeyVault]
    principal: Principal
    base: str
    link: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    correlation_id: str
    client_address: str
    note_change: Callable[[], None] = lambda: None
    """Called after each change of a key or secret."""
    body: bytes = field(repr=False, default=b"")

    @property
    def name(self) -> str:
        """The name in the path; empty where it names none."""
        return self.parameters.get("name", "")

    @property
    def version(self) -> str:
        """The version in the path; empty for the newest."""
        return self.parameters.get("version", "")

    def place(self, kind: ItemKind) -> tuple[UUID, ItemKind, str]:
        """Return where the thing that the path names lies."""
        return self.vault.uid, kind, self.name

    def require(self, kind: ItemKind, right: Right) -> None:
        """Raise `ItemForbidden` unless the caller has the right."""
        refusal = find_refusal(self.access, self.vault, self.principal, kind, self.name, right)
        if refusal is not None:
            raise refusal

    def document(self) -> Mapping[str, Any]:
        """Return the body's JSON object. Raises `ServiceError` (invalid)."""
        return decode_object(self.body) if self.body.strip() else {}

    def record(self, kind: ItemKind, name: str, verb: str) -> None:
        """Leave an audit record of a change."""
        kind_of_author = (
            AuthorKind.USER if self.principal.kind is AccountKind.USER else AuthorKind.APPLICATION
        )
        author = Author(
            self.principal.tenant_id,
            self.principal.object_id,
            self.principal.name,
            kind_of_author,
            self.correlation_id,
            self.client_address,
        )
        with self.store.write(author) as transaction:
            transaction.record_action(self.vault.id.child(f"{kind}s", name), verb)
        self.note_change()

    def page_size(self) -> int:
        """Return how many items a page is to hold. Raises `BadParameter`."""
        text = self.query.get("maxresults", "")
        if not text:
            return PAGE_ITEMS
        if not text.isdecimal() or not 1 <= int(text) <= PAGE_ITEMS:
            raise BadParameter(f"'maxresults' is 1 to {PAGE_ITEMS}, not '{text[:20]}'.", "maxresults")
        return int(text)


@dataclass(frozen=True, slots=True)
class VaultAnswer:
    """Status and document (None for no body) of a success."""

    status: int
    document: Any = None


VaultEndpoint: TypeAlias = Callable[[VaultCall], VaultAnswer]


def read_object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a member that is an object; an empty one when it is absent. Raises `BadParameter`."""
    value = document.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadParameter(f"'{name}' must be an object.", name)
    return value


def read_text(document: Mapping[str, Any], name: str) -> str:
    """Return a member that is text. Raises `BadParameter`, also when it is absent."""
    value = document.get(name)
    if not isinstance(value, str):
        raise BadParameter(f"'{name}' is missing, or no text.", name)
    return value


def read_bytes(document: Mapping[str, Any], name: str) -> bytes:
    """Return a member that is base64url. Raises `BadParameter`."""
    return decode_base64url(document.get(name), name)


def read_usage(document: Mapping[str, Any], before: Usage | None = None) -> Usage:
    """Read `attributes`; what is left out stays as before. Raises `BadParameter`."""
    before = before or Usage()
    attributes = read_object(document, "attributes")
    enabled = attributes.get("enabled", before.is_enabled)
    if not isinstance(enabled, bool):
        raise BadParameter("'attributes.enabled' must be true or false.", "attributes.enabled")
    return Usage(
        enabled,
        _read_moment(attributes, "nbf", before.not_before_at),
        _read_moment(attributes, "exp", before.expires_at),
    )


def _read_moment(attributes: Mapping[str, Any], name: str, before: datetime | None) -> datetime | None:
    value = attributes.get(name)
    if value is None:
        return before
    try:
        if isinstance(value, bool):
            raise TypeError
        return datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        message = f"'attributes.{name}' must be seconds since 1970."
        raise BadParameter(message, f"attributes.{name}") from None


def vault_not_found(name: str) -> ServiceError:
    """Return the refusal of a request that names no vault, or one that there is not."""
    what = f"There is no key vault '{name}'." if name else "The address names no key vault."
    advice = " Its own address is in the property 'vaultUri' of the resource; /vaults/<name> below Kelp's is another."
    return ServiceError(Category.NOT_FOUND, "VaultNotFound", what + advice)
