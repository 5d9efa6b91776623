"""The whole query: options, let statements, and a result for each tabular statement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import pipeline, query_options, statements
from kelp.kql.binder.branches import bind_branches, gives_several
from kelp.kql.binder.complexity import check_complexity, too_deep
from kelp.kql.binder.context import BindContext, Mending
from kelp.kql.binder.errors import find_errors
from kelp.kql.binder.graphs import bind_named_tables
from kelp.kql.binder.render import bind_visualization
from kelp.kql.binder.scope import NameScope, Scope, TabularBinding
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, QueryRefusedError, Severity, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kelp.kql.asker import Asker
    from kelp.kql.parser import ParsedQuery
    from kelp.kql.questions import Answer
    from kelp.kql.schema import SchemaProvider


def bind(
    parsed: ParsedQuery,
    provider: SchemaProvider,
    now_ticks: int,
    parameters: Mapping[str, syntax.Expression] | None = None,
    answers: tuple[Answer, ...] | None = None,
    asker: Asker | None = None,
) -> bound.BoundQuery:
    """Return the bound query.

    `now_ticks` is the time that `now()` gives throughout, in 100 ns since 1970. Raises `QueryRefusedError`
    with every syntax error, or with the parts that have no meaning, and `QuestionAsked` where more must be
    known about data than `answers` tell; without them nothing can be asked.
    """
    if any(found.severity is Severity.ERROR for found in parsed.diagnostics):
        raise QueryRefusedError(parsed.diagnostics)

    def bind_anew(mending: Mending | None) -> bound.BoundQuery:
        context = BindContext(
            provider, now_ticks, dict(parameters or {}), mending=mending, asker=asker, answers=answers
        )
        try:
            return _bind_block(context, parsed)
        except RecursionError:
            raise too_deep(parsed.block.span) from None

    try:
        return bind_anew(None)
    except QueryRefusedError as refused:
        first = refused.diagnostics[0]
    raise QueryRefusedError(find_errors(first, bind_anew))


def _bind_block(context: BindContext, parsed: ParsedQuery) -> bound.BoundQuery:
    names = NameScope()
    options: dict[str, str] = {}
    results: list[bound.BoundResult] = []
    for statement in parsed.block.statements:
        context.query_names = names
        if isinstance(statement, syntax.QueryStatement):
            tables = bind_named_tables(context, statement.value, names)
            for name, operator in tables:
                names = names.define(name, TabularBinding(bound.Shared(name, operator)))
            if tables and statement is not parsed.block.statements[-1]:
                continue
            for result in _bind_results(context, statement, names, len(results), tables):
                check_complexity(result.operator, statement.span)
                results.append(replace(result, operator=query_options.limit_result(context, result.operator)))
            continue
        if isinstance(statement, syntax.SetOption):
            options[statement.name.lower()] = (
                parsed.source.slice(statement.value.span) if statement.value else ""
            )
            query_options.bind_option(context, statement)
        names = statements.bind_statement(context, statement, Scope(names))
    if not results:
        message = "the text holds no query: a let statement needs an expression after it"
        raise refusal(NOT_ALLOWED_HERE, message, parsed.block.span)
    return bound.BoundQuery(tuple(results), options, tuple(context.warnings), context.reads_clock)


def _bind_results(
    context: BindContext,
    statement: syntax.QueryStatement,
    names: NameScope,
    index: int,
    tables: tuple[tuple[str, bound.Operator], ...],
) -> Iterator[bound.BoundResult]:
    """Yield the results of a statement: one, unless it ends in an operator that gives several (TAB-9).

    `tables` are those of a graph that it names, if it does (GRAPH-10).
    """
    if tables:
        yield from (bound.BoundResult(name, operator, None) for name, operator in tables)
        return
    value = statement.value
    operators = value.pipeline.operators if isinstance(value, syntax.PipelineExpression) else ()
    if not operators or not isinstance(value, syntax.PipelineExpression) or not gives_several(operators[-1]):
        yield _bind_result(context, value, names, _name_of(index))
        return
    front = syntax.Pipeline(value.pipeline.span, value.pipeline.source, operators[:-1])
    source = pipeline.bind_pipeline(context, front, names)
    for place, (name, operator) in enumerate(bind_branches(context, operators[-1], source, names), index):
        yield bound.BoundResult(name or _name_of(place), operator, None)


def _name_of(index: int) -> str:
    return f"PrimaryResult_{index}" if index else "PrimaryResult"


def _bind_result(
    context: BindContext, value: syntax.Expression, names: NameScope, name: str
) -> bound.BoundResult:
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
