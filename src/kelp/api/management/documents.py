"""What Azure's resource documents have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kelp.resources.author import AuthorKind, Stamp
from kelp.resources.kinds import Properties
from kelp.resources.resource import Resource


def encode_moment(moment: datetime) -> str:
    """Return a moment as Azure writes it: `2026-03-01T12:00:00.0002500Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}0Z"


def encode_resource(
    resource: Resource[Properties], properties: Mapping[str, Any], **envelope: Any
) -> dict[str, Any]:
    """Return the document of a resource: id, name, type, the envelope's members that are not None, and properties."""
    document: dict[str, Any] = {
        "id": str(resource.id),
        "name": resource.id.name,
        "type": resource.id.type,
        **{name: value for name, value in envelope.items() if value is not None},
        "properties": properties,
    }
    return document


def encode_system_data(resource: Resource[Properties]) -> dict[str, str]:
    """Return who made and who last changed a resource."""
    created, modified = resource.created, resource.modified
    return {
        "createdBy": created.by,
        "createdByType": _author_type(created),
        "createdAt": encode_moment(created.at),
        "lastModifiedBy": modified.by,
        "lastModifiedByType": _author_type(modified),
        "lastModifiedAt": encode_moment(modified.at),
    }


def present(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that are not None; Azure leaves out what is not set."""
    return {name: value for name, value in document.items() if value is not None}


def merge_patch(document: Any, patch: Any) -> Any:
    """Apply a PATCH body to a document (RFC 7396); `tags` are replaced as a whole, as Resource Manager does."""
    if not isinstance(patch, Mapping) or not isinstance(document, Mapping):
        return patch
    merged = dict(document)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = value if name == "tags" else merge_patch(merged.get(name, {}), value)
    return merged


def _author_type(stamp: Stamp) -> str:
    return "User" if stamp.kind is AuthorKind.USER else "Application"
