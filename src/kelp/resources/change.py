"""What a write changed, member by member, as the audit keeps it: values before and after, never a secret. Pure.

A member whose name tells of a secret is named without its values; of an address only the host is kept, since paths and
queries of webhooks are secrets too. Long values are cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from kelp.resources.deployment import Deployment
from kelp.resources.kinds import Properties

MAXIMUM_MEMBERS = 200
_MAXIMUM_CHARACTERS = 1_000
_SECRET = re.compile(
    r"(secret|password|passphrase|token|credentials?|signature|connection_?string|sas|(?<!_name)key|wrapped\w*|sealed)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\Ahttps?://", re.IGNORECASE)
_UNRECORDED = (Deployment,)
"""Parameters of templates may hold anything."""


@dataclass(frozen=True, slots=True)
class MemberChange:
    """One member; of one that is secret both values are None."""

    path: str
    before: Any = None
    after: Any = None
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What changed; `more` members beyond the first 200 are only counted."""

    members: tuple[MemberChange, ...] = ()
    more: int = 0


def find_change(before: Properties | None, after: Properties | None) -> Change:
    """Return what differs; None stands for a resource that is not there."""
    if isinstance(before, _UNRECORDED) or isinstance(after, _UNRECORDED):
        return Change()
    old, new = (dict(_iter_leaves(_build(one), "")) for one in (before, after))
    names = [*old, *(name for name in new if name not in old)]
    changed = [name for name in names if old.get(name) != new.get(name)]
    members = tuple(_describe(name, old.get(name), new.get(name)) for name in changed[:MAXIMUM_MEMBERS])
    return Change(members, max(0, len(changed) - MAXIMUM_MEMBERS))


def encode_change(change: Change) -> str:
    """Return the text that the audit keeps; empty where nothing is to be told."""
    return msgspec.json.encode(change).decode() if change.members else ""


def decode_change(text: str) -> Change:
    """Read what `encode_change` wrote."""
    return msgspec.json.decode(text, type=Change) if text else Change()


def _build(properties: Properties | None) -> Any:
    return {} if properties is None else msgspec.to_builtins(properties)


def _iter_leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield what is no object, with its path; nothing for what is empty. Objects of a list go by their names."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _iter_leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        for index, inner in enumerate(value):
            name = inner.get("name", index) if isinstance(inner, Mapping) else index
            yield from _iter_leaves(inner, f"{path}[{name}]")
    elif value not in (None, "", [], ()):
        yield path, value


def _describe(path: str, before: Any, after: Any) -> MemberChange:
    name = re.sub(r"_([a-z])", lambda letter: letter[1].upper(), path)
    if _SECRET.search(path.rpartition(".")[2]):
        return MemberChange(name, is_secret=True)
    return MemberChange(name, _shorten(before), _shorten(after))


def _shorten(value: Any) -> Any:
    if isinstance(value, list | tuple):
        text = msgspec.json.encode([_shorten(one) for one in value]).decode()
        return _cut(text) if len(text) > _MAXIMUM_CHARACTERS else [_shorten(one) for one in value]
    if not isinstance(value, str):
        return value
    if _ADDRESS.match(value):
        return _host_of(value)
    return _cut(value)


def _cut(text: str) -> str:
    return text if len(text) <= _MAXIMUM_CHARACTERS else f"{text[:_MAXIMUM_CHARACTERS]}…"


def _host_of(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = f"{parts.scheme}://{parts.hostname or ''}"
    except ValueError:
        return "…"
    return host if parts.path in ("", "/") and not parts.query else f"{host}/…"
