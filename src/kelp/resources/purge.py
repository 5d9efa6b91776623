"""A purge: the order to remove rows of a table for good, such as a person's.

Filters name what they look for, so they are kept sealed with the workspace's data key. Orders stay after they are
carried out: a table that is made anew from raw data applies them again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import delete, insert, select, update

from kelp.base.clock import as_utc
from kelp.base.ids import WorkspaceId
from kelp.base.sealing import open_sealed, seal, sealed_key_version
from kelp.kql.literals import read_datetime
from kelp.kql.rendering import quote
from kelp.kql.types import ScalarType
from kelp.resources.errors import Problem
from kelp.resources.schema import PURGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row

    from kelp.base.keys import KeyProvider

MAXIMUM_FILTERS = 100
_CONTEXT = b"kelp purge\x00"

Value: TypeAlias = str | int | float | bool


class PurgeOperator(StrEnum):
    """As in KQL."""

    EQUAL = "=="
    EQUAL_IN_ANY_CASE = "=~"
    IN = "in"
    IN_IN_ANY_CASE = "in~"
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    BETWEEN = "between"
    CONTAINS = "contains"
    CONTAINS_CASED = "contains_cs"
    HAS = "has"
    HAS_CASED = "has_cs"
    STARTS_WITH = "startswith"
    STARTS_WITH_CASED = "startswith_cs"
    ENDS_WITH = "endswith"
    ENDS_WITH_CASED = "endswith_cs"


_LISTS = frozenset({PurgeOperator.IN, PurgeOperator.IN_IN_ANY_CASE})
_OF_ALL_TYPES = frozenset({PurgeOperator.EQUAL, PurgeOperator.IN})
_OF_ORDERED_TYPES = _OF_ALL_TYPES | {
    PurgeOperator.GREATER,
    PurgeOperator.GREATER_OR_EQUAL,
    PurgeOperator.LESS,
    PurgeOperator.LESS_OR_EQUAL,
    PurgeOperator.BETWEEN,
}
_LONG_LIMIT = 1 << 63
_NUMBERS = frozenset({ScalarType.INT, ScalarType.LONG, ScalarType.REAL, ScalarType.DECIMAL})


@dataclass(frozen=True, slots=True)
class PurgeFilter:
    """A condition on a column, or on the property `key` of a dynamic one; `value` is a list for `in` and `between`."""

    column: str
    operator: PurgeOperator
    value: Value | tuple[Value, ...] = field(repr=False)
    key: str = ""

    @property
    def values(self) -> tuple[Value, ...]:
        """The values, also where there is one."""
        return self.value if isinstance(self.value, tuple) else (self.value,)


@dataclass(frozen=True, slots=True)
class PurgeOrder:
    """All rows that were received before `requested_at` and fulfil all filters; without filters all of these rows."""

    id: UUID
    workspace_id: WorkspaceId
    tenant_id: UUID
    resource_id: str
    table: str
    requested_at: datetime
    sealed: bytes = field(repr=False)
    completed_at: datetime | None = None
    rows: int = 0


def check_filters(filters: Sequence[PurgeFilter], types: Mapping[str, ScalarType]) -> list[Problem]:
    """Check the filters of a document against the columns of its table."""
    problems = []
    if not filters:
        problems.append(
            Problem("filters", "A purge needs at least one filter; to remove all rows, delete the table.")
        )
    if len(filters) > MAXIMUM_FILTERS:
        problems.append(
            Problem("filters", f"{len(filters)} filters are more than the {MAXIMUM_FILTERS} allowed.")
        )
    for index, one in enumerate(filters):
        kind = types.get(one.column)
        if kind is None:
            problems.append(
                Problem(
                    f"filters[{index}].column", f"The table has no column '{one.column[:120]}'; case counts."
                )
            )
            continue
        problems += _check_filter(f"filters[{index}]", one, kind)
    return problems


def print_filters(filters: Sequence[PurgeFilter], types: Mapping[str, ScalarType]) -> str:
    """Return the KQL predicate of checked filters: all of them hold."""
    return " and ".join(_print_filter(one, types[one.column]) for one in filters) or "true"


def put_order(
    connection: Connection,
    keys: KeyProvider,
    workspace: tuple[WorkspaceId, UUID, str],
    table: str,
    filters: Sequence[PurgeFilter],
    now: datetime,
) -> PurgeOrder:
    """Record an order for a workspace (its id, tenant and resource id)."""
    workspace_id, tenant_id, resource_id = workspace
    order_id = uuid4()
    key = keys.current_data_key(workspace_id)
    sealed = seal(key, msgspec.json.encode(tuple(filters)), _CONTEXT + order_id.bytes)
    order = PurgeOrder(order_id, workspace_id, tenant_id, resource_id, table, now, sealed)
    connection.execute(
        insert(PURGE).values(
            id=order_id,
            workspace_id=workspace_id,
            tenant_id=tenant_id,
            resource_id=resource_id,
            table_name=table,
            requested_at=now,
            sealed=sealed,
            row_count=0,
        )
    )
    return order


def complete_order(connection: Connection, order: PurgeOrder, rows: int, now: datetime) -> None:
    """Record that an order is carried out."""
    done = update(PURGE).where(PURGE.c.id == order.id)
    connection.execute(done.values(completed_at=now, row_count=rows))


def delete_orders(connection: Connection, workspace_id: WorkspaceId) -> None:
    """Forget the orders of a workspace."""
    connection.execute(delete(PURGE).where(PURGE.c.workspace_id == workspace_id))


def open_filters(order: PurgeOrder, keys: KeyProvider) -> tuple[PurgeFilter, ...]:
    """Return the filters of an order. Raises what the key provider does, `SealBroken`."""
    key = keys.get_data_key(order.workspace_id, sealed_key_version(order.sealed))
    plain = open_sealed(key, order.sealed, _CONTEXT + order.id.bytes)
    return msgspec.json.decode(plain, type=tuple[PurgeFilter, ...])


def iter_orders(connection: Connection, workspace_id: WorkspaceId | None = None) -> Iterator[PurgeOrder]:
    """Yield the orders of a workspace, or those of all that are pending, oldest first."""
    wanted = PURGE.c.completed_at.is_(None) if workspace_id is None else PURGE.c.workspace_id == workspace_id
    statement = select(PURGE).where(wanted).order_by(PURGE.c.requested_at, PURGE.c.id)
    for row in connection.execute(statement):
        yield _read(row)


def _read(row: Row[tuple[object, ...]]) -> PurgeOrder:
    return PurgeOrder(
        row.id,
        WorkspaceId(row.workspace_id),
        row.tenant_id,
        row.resource_id,
        row.table_name,
        as_utc(row.requested_at),
        row.sealed,
        as_utc(row.completed_at) if row.completed_at else None,
        row.row_count,
    )


def _check_filter(target: str, one: PurgeFilter, kind: ScalarType) -> list[Problem]:
    problems = []
    if one.key and kind is not ScalarType.DYNAMIC:
        problems.append(
            Problem(
                f"{target}.key", f"'{one.column}' is {kind}; only a dynamic column has properties to name."
            )
        )
    if one.operator not in _operators_of(kind):
        allowed = ", ".join(operator.value for operator in PurgeOperator if operator in _operators_of(kind))
        problems.append(
            Problem(
                f"{target}.operator",
                f"'{one.operator}' is not for a column of type {kind}; allowed: {allowed}.",
            )
        )
    is_list = isinstance(one.value, tuple)
    if one.operator in _LISTS and not is_list:
        problems.append(Problem(f"{target}.value", f"'{one.operator}' takes an array of values."))
    elif one.operator is PurgeOperator.BETWEEN and (not is_list or len(one.values) != 2):
        problems.append(
            Problem(f"{target}.value", "'between' takes an array of two values, the first and the last.")
        )
    elif one.operator not in (*_LISTS, PurgeOperator.BETWEEN) and is_list:
        problems.append(Problem(f"{target}.value", f"'{one.operator}' takes one value, not an array."))
    if not one.values:
        problems.append(Problem(f"{target}.value", "There is no value."))
    problems += [
        Problem(f"{target}.value", f"'{str(value)[:120]}' is no {kind}, which '{one.column}' is.")
        for value in one.values
        if not _fits(value, kind)
    ]
    return problems


def _operators_of(kind: ScalarType) -> frozenset[PurgeOperator]:
    if kind in (ScalarType.STRING, ScalarType.DYNAMIC):
        return frozenset(PurgeOperator)
    if kind in _NUMBERS or kind is ScalarType.DATETIME:
        return _OF_ORDERED_TYPES
    return _OF_ALL_TYPES


def _fits(value: Value, kind: ScalarType) -> bool:
    try:
        _print_value(value, kind)
    except (ValueError, OverflowError):
        return False
    return True


def _print_filter(one: PurgeFilter, kind: ScalarType) -> str:
    subject = f"['{one.column}']"
    if kind is ScalarType.DYNAMIC:
        subject = f"{subject}[{quote(one.key)}]" if one.key else subject
        subject = f"{_conversion_of(one)}({subject})"
    values = [_print_value(value, kind) for value in one.values]
    if one.operator is PurgeOperator.BETWEEN:
        return f"{subject} between ({values[0]} .. {values[1]})"
    if one.operator in _LISTS:
        return f"{subject} {one.operator} ({', '.join(values)})"
    return f"{subject} {one.operator} {values[0]}"


def _conversion_of(one: PurgeFilter) -> str:
    """Return as what a property is compared: as the values are."""
    if all(isinstance(value, bool) for value in one.values):
        return "tobool"
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in one.values):
        return "toreal"
    return "tostring"


def _print_value(value: Value, kind: ScalarType) -> str:
    """Return the value as KQL. Raises `ValueError` where it is none of the type."""
    match kind:
        case ScalarType.STRING:
            return quote(_require_text(value))
        case ScalarType.DYNAMIC:
            if isinstance(value, str):
                return quote(value)
            return str(value).lower() if isinstance(value, bool) else _print_real(value)
        case ScalarType.BOOL:
            text = str(value).lower()
            if text not in ("true", "false"):
                raise ValueError(text)
            return text
        case ScalarType.DATETIME:
            if read_datetime(_require_text(value)) is None:
                raise ValueError(value)
            return f"todatetime({quote(_require_text(value))})"
        case ScalarType.GUID:
            return f"guid({UUID(_require_text(value))})"
        case ScalarType.INT | ScalarType.LONG:
            if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
                raise ValueError(value)
            if not -_LONG_LIMIT <= int(value) < _LONG_LIMIT:
                raise ValueError(value)
            return f"long({int(value)})"
        case _:
            return _print_real(value)


def _print_real(value: Value) -> str:
    if isinstance(value, bool) or not math.isfinite(float(value)):
        raise ValueError(value)
    return f"real({float(value)!r})"


def _require_text(value: Value) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value
