"""Storage accounts linked to a workspace, and those it reads logs from."""

from __future__ import annotations

from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.api.management.reader import DocumentReader
from kelp.resources.linked_storage import LinkedStorageAccount, canonical_data_source_type
from kelp.resources.resource import Resource
from kelp.resources.storage_insight import StorageInsight


def _decode_account(_call: Call, reader: DocumentReader) -> LinkedStorageAccount:
    return LinkedStorageAccount(storage_account_ids=reader.section("properties").texts("storageAccountIds"))


def _encode_account(_call: Call, linked: Resource[LinkedStorageAccount]) -> dict[str, Any]:
    return {
        "dataSourceType": canonical_data_source_type(linked.id.name),
        "storageAccountIds": list(linked.properties.storage_account_ids),
    }


def _decode_insight(_call: Call, reader: DocumentReader) -> StorageInsight:
    properties = reader.section("properties")
    account = properties.section("storageAccount")
    return StorageInsight(
        storage_account_id=account.text("id"),
        key=account.text("key"),
        containers=properties.texts("containers"),
        tables=properties.texts("tables"),
        tags=reader.tags(),
    )


def _encode_insight(_call: Call, insight: Resource[StorageInsight]) -> dict[str, Any]:
    found = insight.properties
    return {
        "containers": list(found.containers),
        "tables": list(found.tables),
        # The key is never shown again.
        "storageAccount": {"id": found.storage_account_id, "key": ""},
        "status": {"state": "OK", "description": "The account is kept; nothing is read from it yet."},
    }


LINKED_STORAGE_ACCOUNTS = PlainKind(
    kind=LinkedStorageAccount,
    path="workspaces/{workspace}/linkedStorageAccounts/{dataSourceType}",
    noun="linked storage account",
    note="in which nothing is kept yet",
    decode=_decode_account,
    encode=_encode_account,
    put=put_as_plain,
    created=200,
    absent=200,
)
STORAGE_INSIGHTS = PlainKind(
    kind=StorageInsight,
    path="workspaces/{workspace}/storageInsightConfigs/{storageInsight}",
    noun="storage insight",
    note="from which nothing is read yet",
    decode=_decode_insight,
    encode=_encode_insight,
    envelope=lambda _call, insight: {"tags": insight.properties.tags or None},
    put=put_as_plain,
    etag_member="eTag",
)
ROUTES = (*LINKED_STORAGE_ACCOUNTS.routes(), *STORAGE_INSIGHTS.routes())
