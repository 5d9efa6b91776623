"""Management locks at any scope (`Microsoft.Authorization/locks`)."""

from __future__ import annotations

from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.api.management.reader import DocumentReader
from kelp.resources.lock import Lock, LockLevel
from kelp.resources.resource import Resource


def _decode(_call: Call, reader: DocumentReader) -> Lock:
    properties = reader.section("properties")
    return Lock(
        level=properties.choice("level", LockLevel.NOT_SPECIFIED),
        notes=properties.text("notes"),
        owners=tuple(owner.text("applicationId") for owner in properties.sections("owners")),
    )


def _encode(_call: Call, lock: Resource[Lock]) -> dict[str, Any]:
    found = lock.properties
    return {
        "level": found.level,
        "notes": found.notes or None,
        "owners": [{"applicationId": owner} for owner in found.owners] or None,
    }


LOCKS = PlainKind(
    kind=Lock,
    path="*locks/{lock}",
    noun="lock",
    decode=_decode,
    encode=_encode,
    put=put_as_plain,
    lists_below=lambda call: call.query.get("$filter", "").lower() != "atscope()",
)
ROUTES = LOCKS.routes()
