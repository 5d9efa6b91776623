"""Summary rules of a workspace (`Microsoft.OperationalInsights/workspaces/summaryLogs`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment
from kelp.api.management.kind_description import giving, taking
from kelp.api.management.plain_kind import PlainKind
from kelp.api.management.reader import DocumentReader
from kelp.base.ids import ResourceId
from kelp.resources.errors import InvalidDocument, Problem
from kelp.resources.plain import put_plain
from kelp.resources.resource import Resource
from kelp.resources.shape import Moment, Named, Record
from kelp.resources.summary_rule import DEFAULT_DELAY_MINUTES, SummaryRule
from kelp.resources.transaction import Transaction

_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = SummaryRule.TYPE
_QUERY = "properties.ruleDefinition.query"


def start(call: Call) -> Answer:
    """Start a rule again, with the bin of now."""
    return _switch(call, is_active=True)


def stop(call: Call) -> Answer:
    """Stop a rule."""
    return _switch(call, is_active=False)


def retry_bin(call: Call) -> Answer:
    """Have a bin that was run, and perhaps failed, run again."""
    rule_id = _rule_id(call)
    call.require(f"{_TYPE}/retrybin/action", rule_id)
    rule = call.store.get(SummaryRule, rule_id)
    reader = call.reader()
    with reader.reporting():
        moment = reader.section("properties").find_moment("retryBinStartTime")
        if moment is None and not reader.problems:
            reader.section("properties").refuse("retryBinStartTime", "The start of the bin is missing.")
    assert moment is not None
    call.services.require_metering().retry_bin(rule, moment)
    return Answer(202)


def _rule_id(call: Call) -> ResourceId:
    return call.workspace.child("summaryLogs", call.parameters["summaryLogs"])


def _switch(call: Call, *, is_active: bool) -> Answer:
    rule_id = _rule_id(call)
    verb = "start" if is_active else "stop"
    call.require(f"{_TYPE}/{verb}/action", rule_id)
    with call.write() as transaction:
        rule = transaction.get(SummaryRule, rule_id)
        if rule.properties.is_active != is_active:
            since = transaction.now if is_active else rule.properties.active_since
            transaction.put(rule_id, replace(rule.properties, is_active=is_active, active_since=since))
    return Answer(202 if is_active else 200)


def _put(
    call: Call, transaction: Transaction, resource_id: ResourceId, draft: SummaryRule
) -> Resource[SummaryRule]:
    rule = put_plain(transaction, resource_id, draft)
    check = call.services.check_query
    workspace = transaction.snapshot.workspaces_by_key.get(str(resource_id.parent).lower())
    if check is not None and workspace is not None:
        found = check(call.principal, workspace, draft.query)
        if found:
            raise InvalidDocument([Problem(_QUERY, text, "InvalidQuery") for text in found])
    return rule


def _decode(_call: Call, reader: DocumentReader) -> SummaryRule:
    properties = reader.section("properties")
    definition = properties.section("ruleDefinition")
    delay = definition.find_integer("binDelay")
    selector = definition.text("timeSelector", "TimeGenerated")
    if selector != "TimeGenerated":
        definition.refuse("timeSelector", f"Bins are of 'TimeGenerated', not of '{selector}'.")
    kind = properties.text("ruleType", "User")
    if kind.lower() != "user":
        properties.refuse("ruleType", f"A rule is of type 'User', not '{kind}'.")
    return SummaryRule(
        query=definition.text("query"),
        bin_size_minutes=definition.find_integer("binSize") or 0,
        bin_delay_minutes=DEFAULT_DELAY_MINUTES if delay is None else delay,
        bin_start_at=definition.find_moment("binStartTime"),
        destination_table=definition.text("destinationTable"),
        display_name=properties.text("displayName"),
        description=properties.text("description"),
    )


def _encode(_call: Call, rule: Resource[SummaryRule]) -> dict[str, Any]:
    found = rule.properties
    definition = {
        "query": found.query,
        "binSize": found.bin_size_minutes,
        "binDelay": found.bin_delay_minutes,
        "binStartTime": encode_moment(found.bin_start_at) if found.bin_start_at else None,
        "timeSelector": "TimeGenerated",
        "destinationTable": found.destination_table,
    }
    return {
        "ruleType": "User",
        "displayName": found.display_name or None,
        "description": found.description or None,
        "isActive": found.is_active,
        "statusCode": None if found.is_active else "UserAction",
        "provisioningState": "Succeeded",
        "ruleDefinition": {name: value for name, value in definition.items() if value is not None},
    }


SUMMARY_RULES = PlainKind(
    kind=SummaryRule,
    path="workspaces/{workspace}/summaryLogs/{summaryLogs}",
    noun="summary rule",
    decode=_decode,
    encode=_encode,
    put=_put,
    removed=204,
)
_ONE = (
    f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}"
    "/workspaces/{workspace}/summaryLogs/{summaryLogs}"
)


def _delete_as_long(route: ManagementRoute) -> ManagementRoute:
    """Answer a DELETE as its clients want it: 202 and 204 only."""
    if route.method != "DELETE":
        return route

    def answer(call: Call) -> Answer:
        return replace(route.endpoint(call), status=204, document=None)

    answer.__doc__ = route.endpoint.__doc__
    return replace(route, endpoint=answer)


_BIN = Named(
    "SummaryBin",
    Record({"properties": Record({"retryBinStartTime": Moment()}, required=("retryBinStartTime",))}),
)
ROUTES = (
    *map(_delete_as_long, SUMMARY_RULES.routes()),
    ManagementRoute("POST", f"{_ONE}/start", _NAMESPACE, start, giving({202: None})),
    ManagementRoute("POST", f"{_ONE}/stop", _NAMESPACE, stop, giving({200: None})),
    ManagementRoute("POST", f"{_ONE}/retrybin", _NAMESPACE, retry_bin, taking(_BIN, gives={202: None})),
)
