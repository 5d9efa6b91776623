"""A request to the directory on its way through: who asks for what, with what to answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from uuid import UUID

from kelp.api.description import UNDESCRIBED, Description
from kelp.api.http import decode_object
from kelp.api.management.call import Answer
from kelp.api.management.reader import DocumentReader
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.identity.accounts import account_missing
from kelp.identity.events import Actor, DirectoryEvent, Target
from kelp.resources.errors import AccessDenied

if TYPE_CHECKING:
    from kelp.identity.accounts import Account, Tenant
    from kelp.identity.directory import Directory
    from kelp.identity.groups import Group
    from kelp.identity.principal import Principal
    from kelp.identity.services import IdentityServices
    from kelp.resources.access import Caller, Decision
    from kelp.resources.store import ResourceStore

PAGE_ITEMS, MAXIMUM_PAGE_ITEMS = 100, 999


class Rights(Protocol):
    """Who may do what."""

    def decide(self, caller: Caller, action: str, scope: ResourceId, *, is_data: bool = False) -> Decision:
        """Decide whether the caller may perform the action at the scope."""
        ...

    def require(self, caller: Caller, action: str, scope: ResourceId, *, is_data: bool = False) -> None:
        """Raise `AccessDenied` unless the action is allowed."""
        ...


@dataclass(frozen=True, slots=True)
class GraphServices:
    """What the directory's API works on. Callers of `operator_tenant_id` with the rights may make tenants."""

    identity: IdentityServices
    store: ResourceStore
    access: Rights
    operator_tenant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class GraphCall:
    """One request of an authenticated caller. `parameters` are the texts of the route's `{names}`."""

    services: GraphServices
    principal: Principal
    method: str
    path: str
    base_url: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    correlation_id: str
    client_address: str
    body: bytes = field(repr=False, default=b"")

    @property
    def directory(self) -> Directory:
        """The directory."""
        return self.services.identity.directory

    @property
    def tenant(self) -> Tenant:
        """The tenant that the caller is signed in to; nothing else is reached."""
        tenant = self.directory.find_tenant(str(self.principal.tenant_id))
        assert tenant is not None
        return tenant

    def require(self, what: str) -> None:
        """Refuse unless a role at the tenant's root grants `microsoft.directory/<what>`. Raises `AccessDenied`."""
        try:
            self.services.access.require(self.principal, f"microsoft.directory/{what}", ResourceId())
        except AccessDenied as denial:
            if self.method != "GET":
                self._tell(f"Refused: {what}", "Authorization", (), refusal=denial.reason)
            raise

    def reader(self) -> DocumentReader:
        """Return the reader of the body. Raises `ServiceError` (invalid) for anything but a JSON object."""
        return DocumentReader(decode_object(self.body) if self.body.strip() else {})

    def get_account(self, name: str) -> Account:
        """Return an account of the tenant by its object id. Raises `ServiceError` (not_found)."""
        object_id = find_guid(name)
        account = self.directory.find_account(object_id) if object_id else None
        if account is None or account.tenant_id != self.principal.tenant_id:
            raise account_missing("object", name)
        return account

    def get_group(self) -> Group:
        """Return the group that the path names. Raises `ServiceError` (not_found)."""
        name = self.parameters["group"]
        object_id = find_guid(name)
        group = self.directory.groups.find(object_id) if object_id else None
        if group is None or group.tenant_id != self.principal.tenant_id:
            raise account_missing("group", name)
        return group

    def record(self, activity: str, category: str, *targets: Target, tenant_id: UUID | None = None) -> None:
        """Tell of a change that was made, for the tenant's log."""
        self._tell(activity, category, targets, tenant_id)

    def _tell(
        self,
        activity: str,
        category: str,
        targets: tuple[Target, ...],
        tenant_id: UUID | None = None,
        *,
        refusal: str = "",
    ) -> None:
        services = self.services.identity
        actor = Actor(
            self.principal.object_id,
            self.principal.name,
            self.principal.kind,
            self.principal.application_id,
            self.client_address,
        )
        services.tell(
            DirectoryEvent(
                services.clock.now(),
                tenant_id or self.principal.tenant_id,
                activity,
                category,
                actor,
                targets,
                self.correlation_id,
                refusal,
            )
        )


Endpoint: TypeAlias = Callable[[GraphCall], Answer]


@dataclass(frozen=True, slots=True)
class GraphRoute:
    """A method, a path below `/v1.0`, and the function that answers."""

    method: str
    path: str
    endpoint: Endpoint
    description: Description = UNDESCRIBED


def find_guid(text: str) -> UUID | None:
    """Return the GUID that a text is; None for any other text."""
    try:
        return UUID(text)
    except ValueError:
        return None


def bad_request(message: str, target: str | None = None) -> ServiceError:
    """Return the refusal of what can't be asked."""
    return ServiceError(Category.INVALID, "Request_BadRequest", message, target=target)


def check_length(reader: DocumentReader, member: str, value: str | None, maximum: int = 256) -> None:
    """Report a text that is longer than what is kept, or holds what is no text."""
    if value is not None and (len(value) > maximum or "\0" in value):
        reader.refuse(member, f"'{member}' has up to {maximum} characters, and no zero bytes.")


def described(base_url: str, what: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with the context that Graph puts before it."""
    return {"@odata.context": f"{base_url}/v1.0/$metadata#{what}", **document}
