"""The whole query: options, let statements, and a result for each tabular statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import pipeline, statements
from kelp.kql.binder.complexity import check_complexity, too_deep
from kelp.kql.binder.context import BindContext
from kelp.kql.binder.render import bind_visualization
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, SYNTAX, QueryRefusedError, Severity, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql.parser import ParsedQuery
    from kelp.kql.schema import SchemaProvider


def bind(
    parsed: ParsedQuery,
    provider: SchemaProvider,
    now_ticks: int,
    parameters: Mapping[str, syntax.Expression] | None = None,
) -> bound.BoundQuery:
    """Return the bound query.

    `now_ticks` is the time that `now()` gives throughout, in 100 ns since 1970. Raises `QueryRefusedError`
    with every syntax error, or with the first part that has no meaning.
    """
    if any(found.severity is Severity.ERROR for found in parsed.diagnostics):
        raise QueryRefusedError(parsed.diagnostics)
    context = BindContext(provider, now_ticks, dict(parameters or {}))
    try:
        return _bind_block(context, parsed)
    except RecursionError:
        raise too_deep(parsed.block.span) from None


def _bind_block(context: BindContext, parsed: ParsedQuery) -> bound.BoundQuery:
    names = NameScope()
    options: dict[str, str] = {}
    results: list[bound.BoundResult] = []
    for statement in parsed.block.statements:
        if isinstance(statement, syntax.QueryStatement):
            results.append(_bind_result(context, statement, names, len(results)))
            check_complexity(results[-1].operator, statement.span)
            continue
        if isinstance(statement, syntax.SetOption):
            options[statement.name.lower()] = (
                parsed.source.slice(statement.value.span) if statement.value else ""
            )
            if statement.value is not None:
                context.options[statement.name.lower()] = statement.value
        names = statements.bind_statement(context, statement, Scope(names))
    if not results:
        raise refusal(
            SYNTAX, "the text holds no query: a let statement needs an expression after it", parsed.block.span
        )
    return bound.BoundQuery(tuple(results), options, tuple(context.warnings))


def _bind_result(
    context: BindContext, statement: syntax.QueryStatement, names: NameScope, index: int
) -> bound.BoundResult:
    name = "PrimaryResult" if index == 0 else f"PrimaryResult_{index}"
    value = statement.value
    if not pipeline.is_tabular(context, value, names) and not isinstance(value, syntax.PipelineExpression):
        if isinstance(value, (syntax.NameExpression, syntax.Call, syntax.Member)):
            return bound.BoundResult(name, pipeline.bind_tabular(context, value, names), None)
        raise refusal(NOT_ALLOWED_HERE, "a query gives a table; to show a scalar use print", value.span)
    if not isinstance(value, syntax.PipelineExpression):
        return bound.BoundResult(name, pipeline.bind_tabular(context, value, names), None)
    operators = value.pipeline.operators
    visualization = None
    if operators and isinstance(operators[-1], syntax.Render):
        visualization = bind_visualization(operators[-1])
        value = syntax.PipelineExpression(
            value.span, syntax.Pipeline(value.pipeline.span, value.pipeline.source, operators[:-1])
        )
    return bound.BoundResult(name, pipeline.bind_tabular(context, value, names), visualization)
