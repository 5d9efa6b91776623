"""Customers of a workspace and their enrollment keys (`Microsoft.OperationalInsights/workspaces/customers`).

Kelp's own: Azure has no such resource. docs/how-to/central-workspace.md is its contract.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import (
    encode_moment,
    encode_resource,
    encode_system_data,
    merge_patch,
    present,
)
from kelp.api.management.kind_description import KindDescription
from kelp.api.management.reader import DocumentReader
from kelp.api.management.writing import delete_resource, patch_resource, put_resource
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.identity.principal import AccountKind
from kelp.resources.customer import (
    Customer,
    CustomerSettings,
    CustomerState,
    check_customer,
    put_customer,
)
from kelp.resources.errors import refuse_if_any
from kelp.resources.resource import Resource
from kelp.resources.shape import Guid
from kelp.resources.shared_keys import KeySlot
from kelp.resources.transaction import Transaction
from kelp.resources.workspace import Workspace

_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = f"{_NAMESPACE}/workspaces/customers"
_ALL = (
    f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}"
    "/workspaces/{workspace}/customers"
)
_ONE = f"{_ALL}/{{customer}}"
_NO_QUOTA = -1
_KEY_TYPES = {"primary": KeySlot.PRIMARY, "secondary": KeySlot.SECONDARY}


def list_in_workspace(call: Call) -> Answer:
    """Answer with the customers of a workspace that the caller may read, by name."""
    call.require(f"{_NAMESPACE}/workspaces/read", call.workspace)
    workspace = call.store.get(Workspace, call.workspace)
    customers = call.store.snapshot.customers_of.get(workspace.properties.workspace_id, ())
    listed = sorted(customers, key=lambda customer: customer.id.key)
    return Answer(
        200, {"value": [_encode(call, one) for one in listed if call.allows(f"{_TYPE}/read", one.id)]}
    )


def get(call: Call) -> Answer:
    """Answer with one customer."""
    call.require(f"{_TYPE}/read", _customer_id(call))
    return Answer(200, _encode(call, call.store.get(Customer, _customer_id(call))))


def put(call: Call) -> Answer:
    """Create a customer with fresh keys, or change one."""
    call.require(f"{_TYPE}/write", _customer_id(call))
    return put_resource(call, _putter(call), _encode)


def patch(call: Call) -> Answer:
    """Change what the body names."""
    call.require(f"{_TYPE}/write", _customer_id(call))
    return patch_resource(call, (Customer, _customer_id(call)), _putter(call), _encode)


def foresee(call: Call) -> None:
    """Check what a PUT or a PATCH would do, and do nothing. Raises what it would raise."""
    customer_id = _customer_id(call)
    call.require(f"{_TYPE}/write", customer_id)
    workspace, found = call.store.get(Workspace, call.workspace), call.store.find(Customer, customer_id)
    before = _encode(call, found) if found is not None else {}
    reader = DocumentReader(merge_patch(before, call.document()))
    with reader.reporting():
        refuse_if_any(check_customer(customer_id.name, _decode(call, reader), workspace))


def delete(call: Call) -> Answer:
    """Forget a customer and its keys; what it sent stays, under an id that nobody gets again."""
    call.require(f"{_TYPE}/delete", _customer_id(call))
    return delete_resource(call, _customer_id(call))


def list_keys(call: Call) -> Answer:
    """Answer with both enrollment keys."""
    call.require(f"{_TYPE}/listKeys/action", _customer_id(call))
    with call.write() as transaction:
        customer = transaction.get(Customer, _customer_id(call))
        transaction.record_key_listing(customer.id, "listKeys/action")
    return _answer_keys(call, customer)


def regenerate_key(call: Call) -> Answer:
    """Replace the enrollment key that the body names; the other one stays good."""
    call.require(f"{_TYPE}/regenerateKey/action", _customer_id(call))
    name = call.reader().text("keyType", "Primary")
    slot = _KEY_TYPES.get(name.lower())
    if slot is None:
        raise ServiceError(
            Category.INVALID,
            "InvalidParameter",
            f"'{name}' is no key: keyType is Primary or Secondary.",
            target="keyType",
        )
    with call.write() as transaction:
        customer = transaction.get(Customer, _customer_id(call))
        transaction.regenerate_customer_key(customer, slot)
    return _answer_keys(call, customer)


def _customer_id(call: Call) -> ResourceId:
    return call.workspace.child("customers", call.parameters["customer"])


def _putter(call: Call) -> Callable[[Transaction, DocumentReader], Resource[Customer]]:
    return lambda transaction, reader: put_customer(
        transaction, _customer_id(call), _decode(call, reader), if_match=call.if_match
    )


def _decode(call: Call, reader: DocumentReader) -> CustomerSettings:
    properties = reader.section("properties")
    quota = properties.find_number("dailyQuotaGb")
    return CustomerSettings(
        display_name=properties.text("displayName"),
        state=properties.choice("state", CustomerState.ACTIVE),
        block_reason=properties.text("blockReason"),
        daily_quota_gb=None if quota == _NO_QUOTA else quota,
        retention_in_days=properties.find_integer("retentionInDays"),
        senders=tuple(_iter_senders(call, properties)),
        tags=reader.tags(),
    )


def _iter_senders(call: Call, properties: DocumentReader) -> list[UUID]:
    """Read the service principals, each of which must exist in the tenant that owns the workspace."""
    senders = []
    tenant_id = call.store.snapshot.find_tenant_id(call.workspace)
    for index, text in enumerate(properties.texts("senders")):
        name = f"senders[{index}]"
        try:
            sender = UUID(text)
        except ValueError:
            properties.refuse(name, f"'{text}' is not a GUID.")
            continue
        account = call.services.directory.find_account(sender)
        if (
            account is None
            or account.tenant_id != tenant_id
            or account.kind is not AccountKind.SERVICE_PRINCIPAL
        ):
            properties.refuse(
                name,
                f"There is no service principal '{text}' in the directory of the workspace.",
                "PrincipalNotFound",
            )
            continue
        senders.append(sender)
    return senders


def _answer_keys(call: Call, customer: Resource[Customer]) -> Answer:
    keys = call.store.customer_keys(customer.properties.customer_id)
    document = {
        "customerId": str(customer.properties.customer_id),
        "primaryKey": keys.primary,
        "secondaryKey": keys.secondary,
    }
    return Answer(200, document, {"Cache-Control": "no-store"})


def _encode(call: Call, customer: Resource[Customer]) -> dict[str, Any]:
    settings = customer.properties.settings
    properties = {
        "provisioningState": "Succeeded",
        "customerId": str(customer.properties.customer_id),
        "displayName": settings.display_name,
        "state": settings.state,
        "blockReason": settings.block_reason or None,
        "dailyQuotaGb": _NO_QUOTA if settings.daily_quota_gb is None else settings.daily_quota_gb,
        "retentionInDays": settings.retention_in_days,
        **_encode_collection(call, customer),
        "senders": [str(sender) for sender in settings.senders],
        "createdDate": encode_moment(customer.created.at),
        "modifiedDate": encode_moment(customer.modified.at),
    }
    return encode_resource(
        customer,
        present(properties),
        tags=settings.tags,
        etag=f'"{customer.etag}"',
        systemData=encode_system_data(customer),
    )


def _encode_collection(call: Call, customer: Resource[Customer]) -> dict[str, str]:
    """Return how near the customer's cap is; nothing without a cap."""
    metering = call.services.metering
    volume = metering.gate.find_volume(customer.properties.customer_id) if metering is not None else None
    if volume is None:
        return {}
    return {"dataIngestionStatus": volume.status, "quotaNextResetTime": encode_moment(volume.resets_at)}


_SAYS = KindDescription("Customer", _decode, {"customerId": Guid()})
ROUTES = (
    ManagementRoute("GET", _ALL, _NAMESPACE, list_in_workspace, _SAYS.listing()),
    ManagementRoute("GET", _ONE, _NAMESPACE, get, _SAYS.reading()),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put, _SAYS.putting()),
    ManagementRoute("PATCH", _ONE, _NAMESPACE, patch, _SAYS.patching()),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete, _SAYS.deleting()),
    ManagementRoute("POST", f"{_ONE}/listKeys", _NAMESPACE, list_keys),
    ManagementRoute("POST", f"{_ONE}/regenerateKey", _NAMESPACE, regenerate_key),
)
