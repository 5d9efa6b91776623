"""Asks a service what a period cost, and prints it as a table or as CSV."""

from __future__ import annotations

import csv
from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from kelp.cli.exit_codes import CommandFailed
from kelp.cli.service_client import ServiceClient, describe_failure, exit_code_of

if TYPE_CHECKING:
    from kelp.cli.credentials import Credentials

_VERSION = "2023-11-01"


class Grouping(StrEnum):
    """What the costs are told by."""

    WORKSPACE = "workspace"
    CLUSTER = "cluster"
    SUBSCRIPTION = "subscription"
    CUSTOMER = "customer"
    METER = "meter"


_DIMENSIONS = {
    Grouping.WORKSPACE: "ResourceId",
    Grouping.CLUSTER: "ClusterId",
    Grouping.SUBSCRIPTION: "SubscriptionId",
    Grouping.CUSTOMER: "CustomerId",
    Grouping.METER: "Meter",
}


class _Column(msgspec.Struct):
    name: str


class _Costs(msgspec.Struct):
    columns: list[_Column]
    rows: list[list[Any]]


class _Answer(msgspec.Struct):
    properties: _Costs


def report_costs(
    credentials: Credentials,
    groupings: list[Grouping],
    *,
    scope: str,
    first: str | None,
    last: str | None,
    daily: bool,
) -> tuple[list[str], list[list[Any]]]:
    """Return the names of the columns and the rows. Raises `CommandFailed`."""
    grouped = [{"type": "Dimension", "name": _DIMENSIONS[one]} for one in dict.fromkeys(groupings)]
    body: dict[str, Any] = {
        "type": "Usage",
        "timeframe": "MonthToDate",
        "dataset": {"granularity": "Daily" if daily else "None", "grouping": grouped},
    }
    if first or last:
        period = {name: value for name, value in (("from", first), ("to", last)) if value}
        body |= {"timeframe": "Custom", "timePeriod": {"from": first or last, "to": last or first} | period}
    path = f"{scope.rstrip('/')}/providers/Microsoft.CostManagement/query?api-version={_VERSION}"
    with closing(ServiceClient(credentials)) as client:
        answer = client.request("POST", path, msgspec.json.encode(body))
    if not answer.is_success:
        raise CommandFailed(exit_code_of(answer), describe_failure(answer))
    costs = msgspec.json.decode(answer.body, type=_Answer).properties
    return [column.name for column in costs.columns], costs.rows


def write_csv(names: list[str], rows: list[list[Any]], out: TextIO) -> None:
    """Write the rows under their names."""
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows(rows)


def write_table(names: list[str], rows: list[list[Any]], out: TextIO) -> None:
    """Write aligned columns, amounts with two digits, and their sum."""
    texts = [[_print_cell(name, value) for name, value in zip(names, row, strict=True)] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *texts, strict=True)]
    for line in (names, *texts):
        cells = [text.ljust(width) for text, width in zip(line, widths, strict=True)]
        print("  ".join(cells).rstrip(), file=out)
    total = sum(row[names.index("Cost")] for row in rows)
    currency = rows[0][-1] if rows else ""
    print(f"{len(rows)} rows, {total:,.2f} {currency}".rstrip(), file=out)


def _print_cell(name: str, value: object) -> str:
    if name == "Cost" and isinstance(value, int | float):
        return f"{value:,.2f}"
    if name == "UsageQuantity" and isinstance(value, int | float):
        return f"{value:,.3f}"
    return str(value) if value != "" else "-"
