"""What differs between a resource as it is and as a template wants it, member by member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def find_changes(
    present: Mapping[str, Any], wanted: Mapping[str, Any], path: str = ""
) -> list[dict[str, Any]]:
    """Return the changes that putting `wanted` makes, as a deployment's what-if tells them.

    Only members that are wanted are looked at: what a template leaves out is the service's to fill in.
    """
    changes = []
    for name, value in wanted.items():
        at = f"{path}.{name}" if path else name
        if value is None:
            continue
        if name not in present:
            changes.append(_change(at, "Create", None, value))
        elif isinstance(value, Mapping) and isinstance(present[name], Mapping):
            children = find_changes(present[name], value)
            if children:
                changes.append(_change(at, "Modify", present[name], value) | {"children": children})
        elif not is_as_wanted(present[name], value, is_location=name == "location"):
            changes.append(_change(at, "Modify", present[name], value))
    return changes


def is_as_wanted(present: Any, wanted: Any, *, is_location: bool = False) -> bool:
    """Tell whether a value holds all that is wanted. Resource ids and locations have no case."""
    if isinstance(wanted, Mapping) and isinstance(present, Mapping):
        return all(
            value is None or (name in present and is_as_wanted(present[name], value))
            for name, value in wanted.items()
        )
    if _is_list(wanted) and _is_list(present):
        return len(wanted) == len(present) and all(map(is_as_wanted, present, wanted))
    if isinstance(wanted, str) and isinstance(present, str):
        if is_location:
            wanted, present = wanted.replace(" ", ""), present.replace(" ", "")
        has_case = not is_location and not wanted.startswith("/subscriptions/")
        return bool(wanted == present if has_case else wanted.lower() == present.lower())
    return bool(wanted == present)


def merge(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resource with what is wanted in place of what is."""
    merged = dict(present)
    for name, value in wanted.items():
        before = present.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            merged[name] = merge(before, value)
        elif value is not None:
            merged[name] = value
    return merged


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _change(path: str, kind: str, before: Any, after: Any) -> dict[str, Any]:
    return {"path": path, "propertyChangeType": kind, "before": before, "after": after}
