"""The relation `source`: the records of a body, each property as a text, and perhaps the whole record beside them.

Reading everything as text makes one rule of what converts: KQL's, not that of the engine's parser, which wraps numbers
that are too large and takes "12" for a day of the present month. It costs no more than typed reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.lowering import lower_query
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.clickhouse.printer import print_query
from kelp.clickhouse.verify import verify
from kelp.kql import bound
from kelp.kql.binder.conversion import convert
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, refusal
from kelp.kql.schema import TableReference, TableSymbol
from kelp.kql.text import NOWHERE
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan import nodes
from kelp.plan.builder import build_plan
from kelp.plan.passes import PlanContext, run_passes
from kelp.plan.rewrite import map_inputs
from kelp.plan.scope import QueryScope, ScopedTable
from kelp.plan.segment_operations import operation_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SOURCE = "source"
RECORD = "_KelpRecord"
"""The column with the text of the whole record, where the relation has it."""
SIZE = Column("_BilledSize", ScalarType.REAL)
"""The column that tells what the values of a row count for."""
SOURCE_REFERENCE = TableReference(None, SOURCE)
_TEXTS = frozenset({ScalarType.STRING, ScalarType.DYNAMIC})
_TEXT_ENDING = "~text"
"""Ends the name of a column that holds the text of another; no property that a rule declares has such a name."""
_WHOLE_NUMBERS = frozenset({ScalarType.INT, ScalarType.LONG})


def can_be_unfit(column: Column) -> bool:
    """Tell whether a text may fail to be a value of the column."""
    return column.type not in _TEXTS


def text_of(name: str) -> bound.ColumnReference:
    """Return the text of a property."""
    return bound.ColumnReference(name, ScalarType.STRING)


def read_text(text: bound.Expression, wanted: ScalarType) -> bound.Expression:
    """Return the text as a value that is no dynamic one; null where it does not convert."""
    value = convert(text, wanted)
    if wanted in _WHOLE_NUMBERS:
        return bound.Call("whole_number", (text, value), wanted)
    return value


def require_fit(text: bound.Expression, value: bound.Expression) -> bound.Expression:
    """Return the value, or have the statement fail where there is a text and no value."""
    return bound.Call("require_fit", (text, value), value.type)


def limit_text(text: bound.Expression, limit_bytes: int) -> bound.Expression:
    """Return the text with at most so many bytes."""
    return bound.Call("limit_text", (text, bound.Literal(ScalarType.LONG, limit_bytes)), ScalarType.STRING)


def time_within(time: bound.Expression, limits: tuple[int, int], other: bound.Expression) -> bound.Expression:
    """Return the time, or the other one where it is null, before the first or after the last moment (in ticks)."""
    first, last = (bound.Literal(ScalarType.DATETIME, ticks) for ticks in limits)
    return bound.Call("time_within", (time, first, last, other), ScalarType.DATETIME)


def with_size(operator: bound.Operator, size: Column, limit_bytes: int | None) -> bound.Operator:
    """Return the rows of an operator and, behind its columns, what the values of a row count for.

    With a limit they fail where the texts of a row have more bytes together.
    """
    columns = operator.schema.columns
    kept = tuple(
        bound.Output(column.name, bound.ColumnReference(column.name, column.type)) for column in columns
    )
    values = tuple(output.value for output in kept if not output.name.startswith("_"))
    total: bound.Expression = bound.Call("billed_size", values, size.type)
    if limit_bytes is not None:
        limit = bound.Literal(ScalarType.LONG, limit_bytes)
        total = bound.Call("require_size", (limit, *values, total), size.type)
    return bound.Project(operator, (*kept, bound.Output(size.name, total)), RowSchema((*columns, size)))


def scan_texts(properties: Iterable[str]) -> bound.TableScan:
    """Return the rows of the relation: these properties as texts, and the whole record."""
    columns = tuple(Column(name, ScalarType.STRING) for name in (*properties, RECORD))
    return bound.TableScan(TableSymbol(SOURCE_REFERENCE, RowSchema(columns)), NOWHERE)


def read_records(columns: Sequence[Column], *, is_checked: bool) -> bound.Operator:
    """Return the rows of the relation with the columns as values.

    Checked ones fail for what is not plainly a value of its column: for what does not convert, for a time or truth in
    unusual spelling, and for a dynamic value that only the whole record tells. The others make null of what does not
    convert, and need the whole record where there are dynamic columns.
    """
    if is_checked:
        return _read_plainly(columns)
    outputs = tuple(bound.Output(column.name, _read_property(column)) for column in columns)
    return bound.Project(scan_texts(column.name for column in columns), outputs, RowSchema(tuple(columns)))


def _read_plainly(columns: Sequence[Column]) -> bound.Operator:
    outputs: list[bound.Output] = []
    pairs: list[bound.Expression] = []
    for column in columns:
        text = text_of(column.name)
        if column.type is ScalarType.STRING:
            outputs.append(bound.Output(column.name, text))
            continue
        held = column.name + _TEXT_ENDING
        outputs.append(bound.Output(column.name, bound.Call("plain_value", (text,), column.type)))
        outputs.append(bound.Output(held, text))
        pairs += (bound.ColumnReference(column.name, column.type), text_of(held))
    read = bound.Project(scan_texts(column.name for column in columns), tuple(outputs), _schema_of(outputs))
    if not pairs:
        return read
    return bound.Where(read, bound.Call("require_fits", tuple(pairs), ScalarType.BOOL))


def _schema_of(outputs: Iterable[bound.Output]) -> RowSchema:
    return RowSchema(tuple(Column(output.name, output.value.type) for output in outputs))


def _read_property(column: Column) -> bound.Expression:
    text = text_of(column.name)
    match column.type:
        case ScalarType.STRING:
            return text
        case ScalarType.DYNAMIC:
            name = bound.Literal(ScalarType.STRING, column.name)
            return bound.Call("json_of_text", (text, text_of(RECORD), name), column.type)
        case _:
            return read_text(text, column.type)


def compile_records(
    operator: bound.Operator,
    properties: Iterable[str],
    output: tuple[Column, ...],
    records: bound.Operator | None = None,
    encoding: Encoding = Encoding.NATIVE,
) -> str:
    """Return the SELECT of an operator over the relation that gives the columns `output` by position.

    Where there are `records`, they stand in for the relation in the operator. Raises `QueryRefusedError`.
    """
    stored = dict.fromkeys((*properties, RECORD), ScalarType.STRING)
    relation = ScopedTable("", SOURCE, exists=True, stored_columns=stored, predicate=None)
    scope = QueryScope({SOURCE_REFERENCE: (relation,)})
    context = PlanContext(scope)
    source = build_plan(records) if records is not None else None

    def plan(part: bound.Operator) -> nodes.Plan:
        built = build_plan(part)
        return run_passes(built if source is None else _replace_scan(built, source), context)

    lowered = lower_query(plan(operator), output, encoding=encoding, row_cap=None, plan_inner=plan)
    if lowered.segments:
        name = operation_name(lowered.segments[0].operation)
        raise refusal(NOT_ALLOWED_HERE, f"'{name}' can't stand in a transformation", NOWHERE)
    verify(lowered.statement.select, scope)
    return print_query(lowered.statement.select)


def _replace_scan(plan: nodes.Plan, source: nodes.Plan) -> nodes.Plan:
    if isinstance(plan, nodes.Scan):
        return source
    return map_inputs(plan, lambda part: _replace_scan(part, source))


def compile_misfits(columns: Sequence[Column]) -> str:
    """Return a SELECT over the relation: the record, and for each column whether its text does not convert.

    Of the n-th column, from 0, these are `unfit<n>`, and `text<n>`, the text itself.
    """
    outputs = [bound.Output(RECORD, text_of(RECORD))]
    for index, column in enumerate(columns):
        text = text_of(column.name)
        unfit = bound.Call("does_not_fit", (text, read_text(text, column.type)), ScalarType.BOOL)
        outputs += [bound.Output(f"unfit{index}", unfit), bound.Output(f"text{index}", text)]
    schema = _schema_of(outputs)
    names = [column.name for column in columns]
    return compile_records(bound.Project(scan_texts(names), tuple(outputs), schema), names, schema.columns)
