"""Resources of any kind in a subscription or group (`az resource list`): those that lie in a group."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, present
from kelp.api.management.listing import next_link, page_items, read_skip_token
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.kinds import Properties
from kelp.resources.resource import Resource

_NAMESPACE = "Microsoft.Resources"
_TERM = re.compile(
    r"\s*(?:(?P<name>resourceType|name|resourceGroup|location|tagName|tagValue)\s+(?P<operator>eq|ne)\s+"
    r"'(?P<value>(?:[^']|'')*)'|substringof\(\s*'(?P<part>[^']*)'\s*,\s*(?P<of>name|resourceGroup)\s*\))\s*",
    re.IGNORECASE,
)
_JOINED = re.compile(r"(and|or)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Terms that all hold, or with `any_holds` at least one. A tag is looked for by name and value together."""

    terms: tuple[tuple[str, str, str], ...] = ()
    any_holds: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    def holds(self, facts: Mapping[str, str], tags: Mapping[str, str]) -> bool:
        """Tell whether a resource is wanted."""
        name, value = self.tags.get("tagname"), self.tags.get("tagvalue")
        if name is not None:
            found = {key.lower(): one for key, one in tags.items()}.get(name.lower())
            if found is None or (value is not None and found.lower() != value.lower()):
                return False
        results = [_holds(term, facts) for term in self.terms]
        return not results or (any(results) if self.any_holds else all(results))


def list_in_subscription(call: Call) -> Answer:
    """Answer with the resources of a subscription that the caller may read."""
    return _list(call, call.subscription)


def list_in_group(call: Call) -> Answer:
    """Answer with the resources of a group that the caller may read."""
    call.store.require_present(call.group)
    return _list(call, call.group)


def _list(call: Call, scope: ResourceId) -> Answer:
    call.require_subscription(scope)
    if not call.services.access.reaches(call.principal, scope):
        call.require("Microsoft.Resources/subscriptions/resources/read", scope)
    wanted, limit = _read_filter(call), page_items(call)
    found: list[dict[str, Any]] = []
    after_key: str | None = read_skip_token(call)
    while len(found) < limit and after_key is not None:
        page = call.store.page_in_groups(
            scope, tenant_id=call.owner_of(scope), after_key=after_key, limit=limit
        )
        after_key = page.next_key
        for resource in page.items:
            if not call.allows(f"{resource.id.type}/read", resource.id):
                continue
            document = _encode(resource)
            if wanted.holds(_facts(resource, document), document.get("tags") or {}):
                found.append(document)
            if len(found) == limit:
                is_last = page.next_key is None and resource.id == page.items[-1].id
                after_key = None if is_last else resource.id.key
                break
    answer: dict[str, Any] = {"value": found}
    if after_key is not None:
        answer["nextLink"] = next_link(call, after_key)
    return Answer(200, answer)


def _facts(resource: Resource[Properties], document: Mapping[str, Any]) -> dict[str, str]:
    return {
        "resourcetype": resource.id.type.lower(),
        "name": resource.id.name.lower(),
        "resourcegroup": (resource.id.resource_group or "").lower(),
        "location": str(document.get("location") or "").lower(),
    }


def _encode(resource: Resource[Properties]) -> dict[str, Any]:
    """Return what all resources have in common."""
    properties: Any = getattr(resource.properties, "settings", resource.properties)
    return present(
        {
            "id": str(resource.id),
            "name": resource.id.name,
            "type": resource.id.type,
            "location": getattr(properties, "location", None),
            "tags": getattr(properties, "tags", None) or None,
            "createdTime": encode_moment(resource.created.at),
            "changedTime": encode_moment(resource.modified.at),
            "provisioningState": "Succeeded",
        }
    )


def _read_filter(call: Call) -> _Wanted:
    """Read `$filter`. Raises `ServiceError` (invalid)."""
    text, at = call.query.get("$filter", ""), 0
    terms: list[tuple[str, str, str]] = []
    tags: dict[str, str] = {}
    joins: set[str] = set()
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None:
            raise _invalid(f"'{text[at:]}' can't be read")
        if term["part"] is not None:
            terms.append((term["of"].lower(), "substringof", term["part"]))
        elif term["name"].lower().startswith("tag"):
            tags[term["name"].lower()] = term["value"].replace("''", "'")
        else:
            terms.append((term["name"].lower(), term["operator"].lower(), term["value"].replace("''", "'")))
        at = term.end()
        joined = _JOINED.match(text, at)
        if (joined is None) != (at == len(text)) or (joined and not text[joined.end() :].strip()):
            raise _invalid(f"'{text[at:]}' can't be read")
        if joined is not None:
            joins.add(joined[1].lower())
            at = joined.end()
    if len(joins) > 1 or ("or" in joins and tags):
        raise _invalid("terms are joined by 'and' or by 'or', not by both, and tags by 'and' only")
    return _Wanted(tuple(terms), "or" in joins, tags)


def _holds(term: tuple[str, str, str], facts: Mapping[str, str]) -> bool:
    name, operator, value = term
    if operator == "substringof":
        return value.lower() in facts[name]
    return (facts[name] == value.lower()) == (operator == "eq")


def _invalid(reason: str) -> ServiceError:
    return ServiceError(
        Category.INVALID,
        "InvalidFilter",
        f"The filter is not understood: {reason}. There are resourceType, name, resourceGroup, location, tagName and "
        "tagValue with eq and ne, and substringof('..', name).",
        target="$filter",
    )


ROUTES = (
    ManagementRoute("GET", "/subscriptions/{subscription}/resources", _NAMESPACE, list_in_subscription),
    ManagementRoute(
        "GET", "/subscriptions/{subscription}/resourceGroups/{group}/resources", _NAMESPACE, list_in_group
    ),
)
