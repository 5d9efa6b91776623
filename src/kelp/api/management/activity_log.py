"""The activity log as clients read it (`Microsoft.Insights/eventtypes`): who did what, or was refused, in 90 days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from kelp.api.description import Body, Parameter
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment
from kelp.api.management.kind_description import giving
from kelp.base.clock import parse_moment
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import InvalidResourceId, ResourceId
from kelp.jobs.activity_rows import CATEGORY, caller_of, claims_of, event_id
from kelp.resources.audit import AuditQuery, AuditRecord, Outcome
from kelp.resources.shape import Text

KEPT = timedelta(days=90)
_NAMESPACE = "Microsoft.Insights"
_READ = "Microsoft.Insights/eventtypes/values/read"
_SKIP_TOKEN = "$skiptoken"
_TERM = re.compile(
    r"\s*(?P<name>\w+)\s+(?P<operator>eq|ge|le|gt|lt)\s+(?:datetime)?(?:'(?P<quoted>(?:[^']|'')*)'|(?P<plain>[^\s']+))\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"and\b", re.IGNORECASE)
_MEMBERS: Mapping[str, str] = MappingProxyType(
    {
        "resourcegroupname": "group",
        "resourceuri": "resource",
        "resourceid": "resource",
        "resourceprovider": "provider",
        "correlationid": "correlation_id",
        "caller": "caller",
        "status": "status",
        "operationname": "operation",
    }
)
_IGNORED = frozenset(("eventchannels", "levels", "category", "resourcetype", "operations", "eventchannel"))
"""Members that every event here agrees with, or that clients send to mean all."""


@dataclass(frozen=True, slots=True)
class _Filter:
    since: datetime
    until: datetime | None
    terms: Mapping[str, str]


def list_of_subscription(call: Call) -> Answer:
    """Answer with the events of a subscription, newest first."""
    call.require(_READ, call.subscription)
    return _list(call, call.subscription)


def list_of_tenant(call: Call) -> Answer:
    """Answer with what the tenant's principals did outside of subscriptions, newest first."""
    call.require(_READ, ResourceId())
    return _list(call, ResourceId())


def list_categories(_call: Call) -> Answer:
    """Answer with the categories that events have."""
    return Answer(200, {"value": [{"value": CATEGORY, "localizedValue": CATEGORY}]})


def _list(call: Call, scope: ResourceId) -> Answer:
    wanted = _read_filter(call)
    selected = _read_selection(call)
    before = _read_skip_token(call)
    limit = call.services.page_items
    found: list[AuditRecord] = []
    while len(found) < limit:
        query = AuditQuery(scope, call.principal.tenant_id, wanted.since, wanted.until, before)
        page = call.store.find_audit_records(query, limit)
        found += [record for record in page if _matches(record, wanted.terms)]
        if len(page) < limit:
            before = None
            break
        before = page[-1].sequence
    document: dict[str, Any] = {"value": [_encode(record, selected) for record in found]}
    if before is not None:
        kept = {name: value for name, value in call.query.items() if name.lower() != _SKIP_TOKEN}
        link = urlencode(kept | {"$skipToken": str(before)})
        document["nextLink"] = f"{call.base_url}{call.path}?{link}"
    return Answer(200, document)


def _read_skip_token(call: Call) -> int | None:
    for name, value in call.query.items():
        if name.lower() == _SKIP_TOKEN:
            if not value.isdecimal():
                raise ServiceError(Category.INVALID, "InvalidSkipToken", "The skip token is not one of ours.")
            return int(value)
    return None


def _read_filter(call: Call) -> _Filter:
    """Read `$filter`; what is older than 90 days is not shown, whatever it says. Raises `ServiceError` (invalid)."""
    earliest = call.services.clock.now() - KEPT
    since, until = earliest, None
    terms: dict[str, str] = {}
    text, at = call.query.get("$filter", ""), 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None:
            raise _invalid(f"'{text[at:]}' can't be read: a term is a name, eq, ge or le, and a value.")
        name, operator = term["name"].lower(), term["operator"].lower()
        value = (term["quoted"] or "").replace("''", "'") if term["quoted"] is not None else term["plain"]
        if name == "eventtimestamp":
            moment = _read_moment(value)
            if operator in ("ge", "gt"):
                since = max(moment, earliest)
            else:
                until = moment
        elif operator != "eq" or (name not in _MEMBERS and name not in _IGNORED):
            names = ", ".join(["eventTimestamp ge", "eventTimestamp le", *(f"{one} eq" for one in _MEMBERS)])
            raise _invalid(f"'{term[0].strip()}' is no term of this filter; there are: {names}.")
        elif name in _MEMBERS:
            terms[_MEMBERS[name]] = value
        at = term.end()
        joined = _AND.match(text, at)
        if (joined is None) != (at == len(text)) or (joined and not text[joined.end() :].strip()):
            raise _invalid(f"'{text[at:]}' can't be read: terms are joined by 'and'.")
        at = joined.end() if joined is not None else at
    return _Filter(since, until, terms)


def _read_moment(text: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise _invalid(f"'{text}' is no moment such as 2026-03-01T12:00:00Z.") from error


def _invalid(message: str) -> ServiceError:
    return ServiceError(Category.INVALID, "InvalidFilter", message, target="$filter")


def _read_selection(call: Call) -> frozenset[str] | None:
    text = call.query.get("$select", "")
    return frozenset(name.strip().lower() for name in text.split(",") if name.strip()) or None


def _matches(record: AuditRecord, terms: Mapping[str, str]) -> bool:
    actual = _facts(record)
    for name, wanted in terms.items():
        if name == "resource":
            if not f"{actual[name]}/".startswith(wanted.lower().rstrip("/") + "/"):
                return False
        elif actual[name] != wanted.lower():
            return False
    return True


def _facts(record: AuditRecord) -> dict[str, str]:
    resource_id = _parse(record.resource_id)
    return {
        "group": (resource_id.resource_group or "").lower(),
        "resource": record.resource_id.lower(),
        "provider": resource_id.namespace.lower(),
        "correlation_id": record.author.correlation_id.lower(),
        "caller": caller_of(record).lower(),
        "status": record.outcome.value.lower(),
        "operation": record.action.lower(),
    }


def _encode(record: AuditRecord, selected: frozenset[str] | None) -> dict[str, Any]:
    resource_id = _parse(record.resource_id)
    at, identity = encode_moment(record.at), str(event_id(record))
    succeeded = record.outcome is Outcome.SUCCEEDED
    document = {
        "authorization": {"action": record.action, "scope": record.resource_id},
        "caller": caller_of(record),
        "category": _localizable(CATEGORY),
        "claims": claims_of(record),
        "correlationId": record.author.correlation_id,
        "description": "",
        "eventDataId": identity,
        "eventName": _localizable("EndRequest"),
        "eventTimestamp": at,
        "httpRequest": {"clientIpAddress": record.author.client_address},
        "id": f"{record.resource_id.rstrip('/')}/events/{identity}/ticks/{record.sequence}",
        "level": "Informational" if succeeded else "Error",
        "operationId": record.author.correlation_id,
        "operationName": _localizable(record.action),
        "properties": {"entity": record.resource_id, "message": record.action, "eventCategory": CATEGORY},
        "resourceGroupName": resource_id.resource_group or "",
        "resourceId": record.resource_id,
        "resourceProviderName": _localizable(resource_id.namespace),
        "resourceType": _localizable(resource_id.type),
        "status": _localizable(record.outcome.value),
        "subStatus": _localizable(record.code),
        "submissionTimestamp": at,
        "subscriptionId": resource_id.subscription_id or "",
        "tenantId": str(record.tenant_id),
    }
    if selected is None:
        return document
    return {name: value for name, value in document.items() if name.lower() in selected}


def _localizable(text: str) -> dict[str, str]:
    return {"value": text, "localizedValue": text}


def _parse(text: str) -> ResourceId:
    try:
        return ResourceId.parse(text)
    except InvalidResourceId:
        return ResourceId()


_VALUES = f"providers/{_NAMESPACE}/eventtypes/management/values"
_SAYS = giving(
    {200: Body()},
    Parameter("$filter", Text(), "Times and what else limits the events: eventTimestamp ge '...' and ..."),
    Parameter("$select", Text(), "The members that are wanted, separated by commas."),
)
ROUTES = (
    ManagementRoute(
        "GET", f"/subscriptions/{{subscription}}/{_VALUES}", _NAMESPACE, list_of_subscription, _SAYS
    ),
    ManagementRoute("GET", f"/{_VALUES}", _NAMESPACE, list_of_tenant, _SAYS),
    ManagementRoute("GET", f"/providers/{_NAMESPACE}/eventcategories", _NAMESPACE, list_categories),
)
