"""Where rows come from: tables, let names, functions, literals."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kelp.kql import bound, syntax
from kelp.kql.binder import (
    entities,
    evaluate,
    expressions,
    external_data,
    find,
    macro_expand,
    patterns,
    pipeline,
    query_options,
    search,
    statements,
    union,
)
from kelp.kql.binder.context import BindContext, nearest
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.functions import bind_parameters
from kelp.kql.binder.naming import output_names
from kelp.kql.binder.saved import bind_stored, find_foreign, inside
from kelp.kql.binder.scope import (
    EntityBinding,
    EntityGroupBinding,
    FunctionBinding,
    GraphBinding,
    NameScope,
    PatternBinding,
    ScalarBinding,
    Scope,
    TabularBinding,
)
from kelp.kql.diagnostics import (
    NOT_ALLOWED_HERE,
    UNKNOWN_NAME,
    UNSUPPORTED,
    WRONG_ARGUMENTS,
    WRONG_TYPE,
    QueryRefusedError,
    refusal,
)
from kelp.kql.functions.signature import widen
from kelp.kql.schema import TableReference, TableSymbol
from kelp.kql.text import Span
from kelp.kql.types import Column, RowSchema, ScalarType

_NO_COLUMNS = RowSchema(())
ENRICHMENTS = frozenset({"AssignedIPAddresses", "DeviceFromIP", "FileProfile", "SeenBy"})
"""Functions of Microsoft Defender, unless the workspace has saved one of that name."""
_SERVICE = "what it tells is known to a service of Microsoft only"
_ELSEWHERE = {
    "external_table": "there are no external tables; read files with externaldata",
    "materialized_view": "there are no materialized views",
    "stored_query_result": "there are no stored query results",
}


def bind_source(context: BindContext, source: syntax.Source, names: NameScope) -> bound.Operator:
    """Return the operator that a pipeline starts with."""
    match source:
        case syntax.ExpressionSource():
            return bind_expression_source(context, source.value, names)
        case syntax.Print():
            return _bind_print(context, source, names)
        case syntax.RangeSource():
            return _bind_range(context, source, names)
        case syntax.DataTable():
            return _bind_datatable(context, source, names)
        case syntax.Union():
            return union.bind_union(context, source, None, names)
        case syntax.Search():
            return search.bind_search(context, source, None, names)
        case syntax.Find():
            return find.bind_find(context, source, names)
        case syntax.InlineExternalTable():
            raise refusal(UNSUPPORTED, "'inline_external_table' is not supported by Kelp", source.span)
        case syntax.ExternalData():
            return external_data.bind_external_data(context, source, names)
        case syntax.Evaluate():
            return evaluate.bind_evaluate_source(context, source, names)
        case syntax.MacroExpand():
            return macro_expand.bind_macro_expand(context, source, names)
        case _:
            assert_never(source)


def find_table(context: BindContext, name: str, workspace: str | None = None) -> TableSymbol | None:
    """Return the table of that name in a workspace, or in the query's own scope."""
    return context.provider.find_table(TableReference(workspace, name))


def bind_expression_source(context: BindContext, node: syntax.Expression, names: NameScope) -> bound.Operator:
    """Return the table that a name, call or member access stands for."""
    if context.mending is not None and node.span in context.mending.spans:
        context.mending.tables.add(node.span)
        return bound.Rows(RowSchema(()), ())
    match node:
        case syntax.PipelineExpression():
            return pipeline.bind_pipeline(context, node.pipeline, names)
        case syntax.NameExpression():
            return _bind_name(context, node, names)
        case syntax.Call():
            return _bind_call(context, node, names)
        case syntax.Member(target=syntax.Call() as call) if isinstance(
            names.find(call.name.text), PatternBinding
        ):
            return _call_pattern(context, call, node.name.text, names)
        case syntax.Index(target=syntax.Call() as call, index=syntax.Literal(value=str(path))) if isinstance(
            names.find(call.name.text), PatternBinding
        ):
            return _call_pattern(context, call, path, names)
        case syntax.Member() if entities.is_database_path(node.target, names):
            return _bind_qualified(context, node.target, node.name, names)
        case syntax.QualifiedCall():
            return _bind_qualified_call(context, node, names)
        case syntax.WildcardName():
            return union.bind_wildcard(context, node, names)
        case _:
            raise refusal(NOT_ALLOWED_HERE, "a table or a query is expected here", node.span)


def _bind_name(context: BindContext, node: syntax.NameExpression, names: NameScope) -> bound.Operator:
    binding = names.find(node.name)
    match binding:
        case TabularBinding():
            return binding.operator
        case FunctionBinding():
            return _call_function(context, binding, (), node.span, names)
        case PatternBinding():
            return patterns.call_pattern(context, binding, (), None, node.span, names)
        case ScalarBinding():
            raise refusal(
                NOT_ALLOWED_HERE, f"'{node.name}' is a scalar, and a table is expected here", node.span
            )
        case GraphBinding():
            return pipeline.require_table(binding.graph, node.span)
        case None:
            return _scan(context, TableReference(None, node.name), node.span, names)
        case EntityBinding() | EntityGroupBinding():
            hint = f"name one of its tables: {node.name}.Table"
            raise refusal(NOT_ALLOWED_HERE, f"'{node.name}' is no table", node.span, hint)
        case _:
            assert_never(binding)


def _bind_table_call(context: BindContext, node: syntax.Call, names: NameScope) -> bound.Operator:
    """Return the table of that name, or else what a statement of the query binds it to (TAB-10)."""
    name = entities.constant_text(context, node, names)
    if find_table(context, name) is None:
        for scope in (names, context.query_names):
            binding = scope.find(name)
            if isinstance(binding, TabularBinding):
                return binding.operator
    return _scan(context, TableReference(None, name), node.span, names)


def _scan(context: BindContext, reference: TableReference, span: Span, names: NameScope) -> bound.Operator:
    is_shown = names.shows(reference.workspace, reference.name)
    symbol = context.provider.find_table(reference) if is_shown else None
    if symbol is not None:
        return query_options.scan_table(context, symbol, span)
    found = _find_saved(context, reference, span) if is_shown else None
    if found is not None:
        return _call_function(context, found, (), span, names)
    where = f" in workspace '{reference.workspace}'" if reference.workspace else ""
    known = (name for name in context.provider.table_names() if names.shows(reference.workspace, name))
    hint = nearest(reference.name, known)
    raise refusal(UNKNOWN_NAME, f"there is no table named '{reference.name}'{where}", span, hint)


def _call_pattern(
    context: BindContext, node: syntax.Call, path: str | None, names: NameScope
) -> bound.Operator:
    binding = names.find(node.name.text)
    assert isinstance(binding, PatternBinding)
    return patterns.call_pattern(context, binding, node.arguments, path, node.span, names)


def _bind_call(context: BindContext, node: syntax.Call, names: NameScope) -> bound.Operator:
    name = node.name.text
    binding = names.find(name)
    if isinstance(binding, PatternBinding):
        return _call_pattern(context, node, None, names)
    if isinstance(binding, FunctionBinding):
        return _call_function(context, binding, node.arguments, node.span, names)
    if name == "materialize":
        if len(node.arguments) != 1:
            raise refusal(WRONG_ARGUMENTS, "'materialize' takes one query", node.span)
        # Named after it was bound: what is materialized inside of it has a lower number.
        table = pipeline.bind_tabular(context, node.arguments[0].value, names)
        return bound.Shared(context.unique_name("materialized_"), table, is_materialized=True)
    if name == "table":
        return _bind_table_call(context, node, names)
    if name in _ELSEWHERE:
        raise _refuse_elsewhere(node)
    return _call_stored(context, node, names)


def _refuse_elsewhere(node: syntax.Call) -> QueryRefusedError:
    message = f"'{node.name.text}' is not supported by Kelp: {_ELSEWHERE[node.name.text]}"
    return refusal(UNSUPPORTED, message, node.span)


def _call_stored(context: BindContext, node: syntax.Call, names: NameScope) -> bound.Operator:
    name = node.name.text
    found = _find_saved(context, TableReference(None, name), node.span) if names.shows(None, name) else None
    if found is not None:
        return _call_function(context, found, node.arguments, node.span, names)
    if name in ENRICHMENTS:
        raise refusal(UNSUPPORTED, f"'{name}' is not supported by Kelp: {_SERVICE}", node.span)
    hint = nearest(name, names.bindings)
    raise refusal(UNKNOWN_NAME, f"there is no function named '{name}' that gives a table", node.span, hint)


def _call_function(
    context: BindContext,
    binding: FunctionBinding,
    arguments: tuple[syntax.Argument, ...],
    span: Span,
    names: NameScope,
    piped: bound.Operator | None = None,
) -> bound.Operator:
    statements.check_depth(binding.name, names, span)
    inner = bind_parameters(context, binding, arguments, span, Scope(names), piped)
    with inside(context, binding, span):
        return statements.bind_tabular_block(context, binding.literal.body, inner)


def _find_saved(context: BindContext, reference: TableReference, span: Span) -> FunctionBinding | None:
    """Return the saved function of that name, of the query's own workspace or of the one that is named."""
    if reference.workspace is None:
        stored = context.provider.find_function(reference.name)
        return None if stored is None else bind_stored(stored, span)
    stored = find_foreign(context, reference.workspace, reference.name)
    return None if stored is None else replace(bind_stored(stored, span), workspace=reference.workspace)


def invoke_function(
    context: BindContext, node: syntax.Call, piped: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return what a user function makes of the table that is piped into it."""
    binding = names.find(node.name.text)
    if not isinstance(binding, FunctionBinding):
        is_shown = names.shows(None, node.name.text)
        stored = context.provider.find_function(node.name.text) if is_shown else None
        if stored is None and node.name.text in ENRICHMENTS:
            raise refusal(UNSUPPORTED, f"'{node.name.text}' is not supported by Kelp: {_SERVICE}", node.span)
        if stored is None:
            hint = nearest(node.name.text, names.bindings)
            raise refusal(
                UNKNOWN_NAME, f"there is no function named '{node.name.text}' to invoke", node.span, hint
            )
        binding = bind_stored(stored, node.span)
    return _call_function(context, binding, node.arguments, node.span, names, piped)


def _bind_qualified(
    context: BindContext, target: syntax.Expression, name: syntax.Name, names: NameScope
) -> bound.Operator:
    """Return the table, or the tables, of a workspace: `workspace("w").Table`, `database("d").T*`."""
    workspace = entities.find_workspace(context, target, names)
    if "*" in name.text:
        return union.bind_wildcard(context, syntax.WildcardName(name.span, name.text), names, workspace)
    return _scan(context, TableReference(workspace, name.text), name.span, names)


def _bind_qualified_call(
    context: BindContext, node: syntax.QualifiedCall, names: NameScope
) -> bound.Operator:
    """Return what `database("d").table("T")` stands for, or `workspace("w").Function()`."""
    if not entities.is_database_path(node.target, names):
        raise refusal(NOT_ALLOWED_HERE, "a table or a query is expected here", node.span)
    workspace = entities.find_workspace(context, node.target, names)
    called = node.call
    if called.name.text == "table":
        name = entities.constant_text(context, called, names)
        return _scan(context, TableReference(workspace, name), called.span, names)
    if called.name.text in _ELSEWHERE:
        raise _refuse_elsewhere(called)
    if workspace is None:
        return _call_stored(context, called, names)
    name = called.name.text
    reference = TableReference(workspace, name)
    found = _find_saved(context, reference, called.span) if names.shows(workspace, name) else None
    if found is None:
        message = f"workspace '{workspace}' has no function named '{name}' that gives a table"
        raise refusal(UNKNOWN_NAME, message, called.span)
    return _call_function(context, found, called.arguments, called.span, names)


def _bind_print(context: BindContext, node: syntax.Print, names: NameScope) -> bound.Operator:
    scope = Scope(names, _NO_COLUMNS)
    outputs = output_names(context, node.columns, scope, stem="print_", first=0)
    schema = RowSchema(tuple(Column(output.name, output.value.type) for output in outputs))
    return bound.Extend(bound.Rows(_NO_COLUMNS, ((),)), outputs, schema)


def _bind_range(context: BindContext, node: syntax.RangeSource, names: NameScope) -> bound.Operator:
    scope = Scope(names)
    start, stop, step = (
        expressions.bind_expression(context, part, scope) for part in (node.start, node.stop, node.step)
    )
    kind = start.type if start.type is ScalarType.DATETIME else widen(widen(start.type, stop.type), step.type)
    if kind is ScalarType.DATETIME:
        stop, step = convert(stop, kind), convert(step, ScalarType.TIMESPAN)
    elif kind.is_numeric or kind is ScalarType.TIMESPAN:
        start, stop, step = (convert(part, kind) for part in (start, stop, step))
    else:
        raise refusal(
            WRONG_TYPE, f"'range' counts numbers, datetimes or timespans, not {start.type}", node.span
        )
    return bound.RangeRows(RowSchema((Column(node.column.text, kind),)), start, stop, step)


def _bind_datatable(context: BindContext, node: syntax.DataTable, names: NameScope) -> bound.Operator:
    width = len(node.columns)
    if width == 0 or len(node.values) % width:
        message = f"'datatable' has {len(node.values)} values, which do not fill rows of {width} columns"
        raise refusal(WRONG_ARGUMENTS, message, node.span)
    values = [expressions.bind_expression(context, value, Scope(names)) for value in node.values]
    typed = [convert(value, node.columns[index % width].type) for index, value in enumerate(values)]
    rows = tuple(tuple(typed[start : start + width]) for start in range(0, len(typed), width))
    return bound.Rows(RowSchema(tuple(Column(column.name, column.type) for column in node.columns)), rows)
