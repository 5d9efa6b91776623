"""Data exports of a workspace (`Microsoft.OperationalInsights/workspaces/dataExports`)."""

from __future__ import annotations

from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.documents import encode_moment, present
from kelp.api.management.plain_kind import PlainKind
from kelp.api.management.reader import DocumentReader
from kelp.base.ids import ResourceId
from kelp.resources.data_export import DataExport, put_data_export
from kelp.resources.resource import Resource
from kelp.resources.transaction import Transaction


def _decode(_call: Call, reader: DocumentReader) -> DataExport:
    properties = reader.section("properties")
    destination = properties.section("destination")
    return DataExport(
        table_names=properties.texts("tableNames"),
        destination=destination.text("resourceId"),
        event_hub_name=destination.section("metaData").find_text("eventHubName"),
        enabled=properties.find_boolean("enable") is not False,
    )


def _put(
    call: Call, transaction: Transaction, export_id: ResourceId, draft: DataExport
) -> Resource[DataExport]:
    return put_data_export(transaction, export_id, draft, call.services.built_in_tables)


def _encode(_call: Call, export: Resource[DataExport]) -> dict[str, Any]:
    found = export.properties
    hub = {"eventHubName": found.event_hub_name} if found.event_hub_name else None
    return {
        "dataExportId": found.export_id,
        "tableNames": list(found.table_names),
        "destination": present(
            {"resourceId": found.destination, "type": found.destination_type, "metaData": hub}
        ),
        "enable": found.enabled,
        "createdDate": encode_moment(export.created.at),
        "lastModifiedDate": encode_moment(export.modified.at),
    }


DATA_EXPORTS = PlainKind(
    kind=DataExport,
    path="workspaces/{workspace}/dataExports/{dataExport}",
    noun="data export",
    note="which is kept and sends nothing yet",
    decode=_decode,
    encode=_encode,
    put=_put,
    absent=404,
)
ROUTES = DATA_EXPORTS.routes()
