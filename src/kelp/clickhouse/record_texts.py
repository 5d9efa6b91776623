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
from kelp.kql.schema import TableReference, TableSymbol
from kelp.kql.text import NOWHERE
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan import nodes
from kelp.plan.builder import build_plan
from kelp.plan.passes import PlanContext, run_passes
from kelp.plan.rewrite import map_inputs
from kelp.plan.scope import QueryScope, ScopedTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SOURCE = "source"
RECORD = "_KelpRecord"
"""The column with the text of the whole record, where the relation has it."""
SOURCE_REFERENCE = TableReference(None, SOURCE)
_TEXTS = frozenset({ScalarType.STRING, ScalarType.DYNAMIC})
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


def limit_time(time: bound.Expression, first: bound.Expression, last: bound.Expression) -> bound.Expression:
    """Return the time; null before the first and after the last moment."""
    return bound.Call("limit_time", (time, first, last), ScalarType.DATETIME)


def scan_texts(properties: Iterable[str]) -> bound.TableScan:
    """Return the rows of the relation: these properties as texts, and the whole record."""
    columns = tuple(Column(name, ScalarType.STRING) for name in (*properties, RECORD))
    return bound.TableScan(TableSymbol(SOURCE_REFERENCE, RowSchema(columns)), NOWHERE)


def read_records(columns: Sequence[Column], *, is_checked: bool) -> bound.Operator:
    """Return the rows of the relation with the columns as values.

    Checked ones fail for what does not convert, and for a dynamic value that only the whole record tells. The others
    make null of what does not convert, and need the whole record where there are dynamic columns.
    """
    outputs = tuple(
        bound.Output(column.name, _read_property(column, is_checked=is_checked)) for column in columns
    )
    return bound.Project(scan_texts(column.name for column in columns), outputs, RowSchema(tuple(columns)))


def _read_property(column: Column, *, is_checked: bool) -> bound.Expression:
    text = text_of(column.name)
    match column.type:
        case ScalarType.STRING:
            return text
        case ScalarType.DYNAMIC if is_checked:
            return bound.Call("require_container", (text,), column.type)
        case ScalarType.DYNAMIC:
            name = bound.Literal(ScalarType.STRING, column.name)
            return bound.Call("json_of_text", (text, text_of(RECORD), name), column.type)
        case _:
            value = read_text(text, column.type)
            return require_fit(text, value) if is_checked else value


def compile_records(
    operator: bound.Operator,
    properties: Iterable[str],
    output: tuple[Column, ...],
    records: bound.Operator | None = None,
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

    lowered = lower_query(plan(operator), output, encoding=Encoding.NATIVE, row_cap=None, plan_inner=plan)
    verify(lowered.select, scope)
    return print_query(lowered.select)


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
    schema = RowSchema(tuple(Column(output.name, output.value.type) for output in outputs))
    names = [column.name for column in columns]
    return compile_records(bound.Project(scan_texts(names), tuple(outputs), schema), names, schema.columns)
