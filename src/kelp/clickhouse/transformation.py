"""`transformKql` to SQL: the same language and compiler as queries, over the one relation `source`.

A transformation looks at each record by itself, so operators that compare or combine records are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, assert_never

from kelp.base.clock import to_ticks
from kelp.clickhouse.ddl import TIME_COLUMN
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.clickhouse.record_texts import (
    SIZE,
    SOURCE_REFERENCE,
    compile_records,
    limit_text,
    read_records,
    time_within,
    with_size,
)
from kelp.kql import bound
from kelp.kql.binder import bind
from kelp.kql.binder.conversion import convert
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, refusal
from kelp.kql.parser import parse
from kelp.kql.schema import StoredFunction, TableReference, TableSymbol
from kelp.kql.text import NOWHERE
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan.passes.hoist_segments import find_segment_call

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAUSIBLE_TIMES = (0, to_ticks(datetime(2200, 1, 1, tzinfo=UTC)) - 1)
"""Unset clocks and programs say "the year 1"; a table has partitions for the times in between."""


@dataclass(frozen=True, slots=True)
class Transformation:
    """What to run over records: `input` are the columns of `source`, `output` those of the table that takes the result.

    `defaults` are constants for output columns that the transformation does not give (or gives as null). TimeGenerated
    counts as null before 1970 and from 2200 on, strings are cut at `text_limit_bytes`. `stamps` are constants whatever
    the transformation gives. `size` is an output column too, the last one: how many bytes the others count for.
    """

    text: str
    input: tuple[Column, ...]
    output: tuple[Column, ...]
    defaults: tuple[tuple[str, bound.Literal], ...] = ()
    stamps: tuple[tuple[str, bound.Literal], ...] = ()
    text_limit_bytes: int = 64 * 1024
    size: Column = field(default=SIZE)

    @property
    def given(self) -> tuple[Column, ...]:
        """All columns that the statement gives, in order."""
        return (*self.output, self.size)


def check_transformation(text: str, columns: tuple[Column, ...]) -> RowSchema:
    """Return the columns that a transformation gives; raises `QueryRefusedError` for one that can't be used."""
    return bind_over_records(text, columns, now_ticks=0).schema


def compile_transformation(transformation: Transformation, now_ticks: int, *, is_checked: bool) -> str:
    """Return a SELECT over the relation `source` that gives the output columns by position.

    `now_ticks` is what `now()` gives: when the records were received. The relation has the input columns as texts
    (see `record_texts`), and without `is_checked` also the whole record. A checked statement fails where a value does
    not convert, where a text may have to be cut, and where only the whole record tells what a dynamic value is; the
    other one takes any record, and what does not convert becomes null. Raises `QueryRefusedError`.
    """
    operator = bind_over_records(transformation.text, transformation.input, now_ticks)
    outputs = _outputs(operator.schema, transformation, is_checked=is_checked)
    projected = bound.Project(operator, outputs, RowSchema(transformation.output))
    limit_bytes = transformation.text_limit_bytes if is_checked else None
    return compile_records(
        with_size(projected, transformation.size, limit_bytes),
        [column.name for column in transformation.input],
        transformation.given,
        read_records(transformation.input, is_checked=is_checked),
    )


def compile_trial(text: str, columns: tuple[Column, ...], now_ticks: int) -> tuple[RowSchema, str]:
    """Return the columns that a transformation gives, and a SELECT of them over the relation `source`, as on the wire.

    It takes any record; what does not convert becomes null. The relation has the columns as texts and the whole
    record. Raises `QueryRefusedError`.
    """
    operator = bind_over_records(text, columns, now_ticks)
    select = compile_records(
        operator,
        [column.name for column in columns],
        operator.schema.columns,
        read_records(columns, is_checked=False),
        Encoding.WIRE,
    )
    return operator.schema, select


def _outputs(
    schema: RowSchema, transformation: Transformation, *, is_checked: bool
) -> tuple[bound.Output, ...]:
    defaults, stamps = dict(transformation.defaults), dict(transformation.stamps)
    outputs = []
    for column in transformation.output:
        if column.name in stamps:
            outputs.append(bound.Output(column.name, stamps[column.name]))
            continue
        value = _output(schema.find_column(column.name), column, defaults.get(column.name))
        if column.type is ScalarType.STRING and not is_checked:
            value = limit_text(value, transformation.text_limit_bytes)
        outputs.append(bound.Output(column.name, value))
    return tuple(outputs)


def _output(found: Column | None, wanted: Column, default: bound.Literal | None) -> bound.Expression:
    if found is None:
        return default or bound.Literal(wanted.type, None)
    value = convert(bound.ColumnReference(found.name, found.type), wanted.type)
    if default is None:
        return value
    if wanted.name == TIME_COLUMN:
        return time_within(value, _PLAUSIBLE_TIMES, default)
    return bound.Call("coalesce", (value, default), wanted.type)


@dataclass(frozen=True, slots=True)
class _Records:
    """The schema provider of a transformation: one relation and nothing else."""

    symbol: TableSymbol

    def find_table(self, reference: TableReference) -> TableSymbol | None:
        """Return the relation."""
        return self.symbol if reference == self.symbol.reference else None

    def has_workspace(self, workspace: str) -> bool:
        """No workspace can be reached."""
        del workspace
        return False

    def iter_tables(self, workspace: str | None) -> Iterable[TableSymbol]:
        """No table matches a wildcard."""
        del workspace
        return ()

    def table_names(self) -> Iterable[str]:
        """Return the one name, for hints."""
        return (self.symbol.reference.name,)

    def find_function(self, name: str) -> StoredFunction | None:
        """Return None: there are no saved functions."""
        del name
        return None


def bind_over_records(text: str, columns: tuple[Column, ...], now_ticks: int) -> bound.Operator:
    """Return what a query over the relation `source` means. Raises `QueryRefusedError` unless it goes row by row."""
    provider = _Records(TableSymbol(SOURCE_REFERENCE, RowSchema(columns)))
    query = bind(parse(text), provider, now_ticks)
    if len(query.results) != 1:
        raise refusal(NOT_ALLOWED_HERE, "a transformation is one query over 'source'", NOWHERE)
    require_row_by_row(query.results[0].operator, "a transformation")
    return query.results[0].operator


def require_row_by_row(operator: bound.Operator, where: str) -> None:
    """Raise `QueryRefusedError` unless the operator looks at each row by itself, by the engine alone.

    `where` says what it stands in, such as "a transformation".
    """
    match operator:
        case bound.TableScan() | bound.Rows() | bound.RangeRows() | bound.ApplyInput():
            return
        case bound.Where() | bound.Extend() | bound.Project() | bound.Parse() | bound.Shared():
            for expression in _expressions(operator):
                _check_engine_computes(expression, where)
            require_row_by_row(operator.input, where)
        case _:
            name = type(operator).__name__.lower()
            raise refusal(
                NOT_ALLOWED_HERE,
                f"'{name}' can't stand in {where}, which looks at each record by itself",
                NOWHERE,
                "use where, extend, project, parse",
            )


def _expressions(
    operator: bound.Where | bound.Extend | bound.Project | bound.Parse | bound.Shared,
) -> tuple[bound.Expression, ...]:
    match operator:
        case bound.Where():
            return (operator.predicate,)
        case bound.Extend() | bound.Project():
            return tuple(output.value for output in operator.outputs)
        case bound.Parse():
            return (operator.subject,)
        case bound.Shared():
            return ()
        case _:
            assert_never(operator)


def _check_engine_computes(expression: bound.Expression, where: str) -> None:
    call = find_segment_call(expression)
    if call is not None:
        raise refusal(
            NOT_ALLOWED_HERE,
            f"'{call.function.removeprefix('$')}' can't stand in {where}, which the engine computes alone",
            call.span,
            "use it in queries",
        )
