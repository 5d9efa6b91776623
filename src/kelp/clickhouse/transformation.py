"""`transformKql` to SQL: the same language and compiler as queries, over the one relation `source`.

A transformation looks at each record by itself, so operators that compare or combine records are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.records import reading, requirement
from kelp.clickhouse.lowering import lower_query
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.clickhouse.printer import print_query
from kelp.clickhouse.verify import verify
from kelp.kql import bound
from kelp.kql.binder import bind
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.expressions import access_member
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, refusal
from kelp.kql.parser import parse
from kelp.kql.schema import StoredFunction, TableReference, TableSymbol
from kelp.kql.text import NOWHERE
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan import nodes
from kelp.plan.builder import build_plan
from kelp.plan.passes import PlanContext, run_passes
from kelp.plan.rewrite import map_inputs
from kelp.plan.scope import QueryScope, ScopedTable

if TYPE_CHECKING:
    from collections.abc import Iterable


SOURCE = "source"
RECORD = "record"
_SOURCE_REFERENCE = TableReference(None, SOURCE)


@dataclass(frozen=True, slots=True)
class Transformation:
    """What to run over records: `input` are the columns of `source`, `output` those of the table that takes the result.

    `defaults` are constants for output columns that the transformation does not give (or gives as null).
    """

    text: str
    input: tuple[Column, ...]
    output: tuple[Column, ...]
    defaults: tuple[tuple[str, bound.Literal], ...] = ()


def check_transformation(text: str, columns: tuple[Column, ...]) -> RowSchema:
    """Return the columns that a transformation gives; raises `QueryRefusedError` for one that can't be used."""
    return _bind(text, columns, now_ticks=0).schema


def compile_transformation(transformation: Transformation, now_ticks: int, *, reads_documents: bool) -> str:
    """Return a SELECT over the relation `source` that gives the output columns by position.

    `now_ticks` is what `now()` gives: when the records were received. The relation has the declared columns as texts;
    the statement fails for a text that is not plainly a value of the declared type, and for a dynamic value that is no
    array or bag. With `reads_documents` the relation has the one column `record`, the text of the
    whole record: it takes any value, and what does not convert becomes null. Raises `QueryRefusedError`.
    """
    operator = _bind(transformation.text, transformation.input, now_ticks)
    outputs = _outputs(operator.schema, transformation)
    projected = bound.Project(operator, outputs, RowSchema(transformation.output))
    scope = _scope(transformation.input, reads_documents=reads_documents)
    context = PlanContext(scope)
    records = (
        _read_documents(transformation.input) if reads_documents else _read_columns(transformation.input)
    )

    def plan(part: bound.Operator) -> nodes.Plan:
        return run_passes(_replace_scan(build_plan(part), records), context)

    lowered = lower_query(
        plan(projected), transformation.output, encoding=Encoding.NATIVE, row_cap=None, plan_inner=plan
    )
    verify(lowered.select, scope)
    return print_query(lowered.select)


def _outputs(schema: RowSchema, transformation: Transformation) -> tuple[bound.Output, ...]:
    defaults = dict(transformation.defaults)
    return tuple(
        bound.Output(column.name, _output(schema.find_column(column.name), column, defaults.get(column.name)))
        for column in transformation.output
    )


def _output(found: Column | None, wanted: Column, default: bound.Literal | None) -> bound.Expression:
    if found is None:
        return default or bound.Literal(wanted.type, None)
    value = convert(bound.ColumnReference(found.name, found.type), wanted.type)
    return bound.Call("coalesce", (value, default), wanted.type) if default is not None else value


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


def _scope(columns: tuple[Column, ...], *, reads_documents: bool) -> QueryScope:
    stored = {RECORD: ScalarType.DYNAMIC} if reads_documents else {c.name: ScalarType.STRING for c in columns}
    relation = ScopedTable("", SOURCE, exists=True, stored_columns=stored, predicate=None)
    return QueryScope({_SOURCE_REFERENCE: (relation,)})


def _read_documents(columns: tuple[Column, ...]) -> nodes.Plan:
    """Return the plan that takes the declared columns out of whole records."""
    record = bound.ColumnReference(RECORD, ScalarType.DYNAMIC)
    outputs = tuple(
        bound.Output(column.name, convert(access_member(record, column.name, NOWHERE), column.type))
        for column in columns
    )
    documents = RowSchema((Column(RECORD, ScalarType.DYNAMIC),))
    return nodes.Project(nodes.Scan(TableSymbol(_SOURCE_REFERENCE, documents)), outputs)


def _read_columns(columns: tuple[Column, ...]) -> nodes.Plan:
    """Return the plan that reads the declared columns from texts, and insists that every text can be read."""
    texts = RowSchema(tuple(Column(column.name, ScalarType.STRING) for column in columns))
    plan: nodes.Plan = nodes.Scan(TableSymbol(_SOURCE_REFERENCE, texts))
    outputs: list[bound.Output] = []
    for column in columns:
        text = bound.ColumnReference(column.name, ScalarType.STRING)
        if column.type is not ScalarType.STRING:
            plan = nodes.Filter(plan, bound.Call(requirement(column.type), (text,), ScalarType.BOOL))
        outputs.append(bound.Output(column.name, bound.Call(reading(column.type), (text,), column.type)))
    return nodes.Project(plan, tuple(outputs))


def _replace_scan(plan: nodes.Plan, records: nodes.Plan) -> nodes.Plan:
    if isinstance(plan, nodes.Scan):
        return records
    return map_inputs(plan, lambda part: _replace_scan(part, records))


def _bind(text: str, columns: tuple[Column, ...], now_ticks: int) -> bound.Operator:
    provider = _Records(TableSymbol(_SOURCE_REFERENCE, RowSchema(columns)))
    query = bind(parse(text), provider, now_ticks)
    if len(query.results) != 1:
        raise refusal(NOT_ALLOWED_HERE, "a transformation is one query over 'source'", NOWHERE)
    _check_row_by_row(query.results[0].operator)
    return query.results[0].operator


def _check_row_by_row(operator: bound.Operator) -> None:
    match operator:
        case bound.TableScan() | bound.Rows() | bound.RangeRows() | bound.ApplyInput():
            return
        case bound.Where() | bound.Extend() | bound.Project() | bound.Parse() | bound.Shared():
            _check_row_by_row(operator.input)
        case _:
            name = type(operator).__name__.lower()
            raise refusal(
                NOT_ALLOWED_HERE,
                f"'{name}' can't stand in a transformation, which looks at each record by itself",
                NOWHERE,
                "use where, extend, project, parse",
            )
