"""Pipelines: a source, then operators with pipes between them. The table of operators is here."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import NoReturn

from kelp.kql import tokens
from kelp.kql.diagnostics import UNSUPPORTED
from kelp.kql.parser.advice import NEVER_FIRST, advise, advise_operator
from kelp.kql.parser.as_name import parse_as
from kelp.kql.parser.assert_schema import parse_assert_schema
from kelp.kql.parser.consume import parse_consume, parse_execute_and_cache
from kelp.kql.parser.count import parse_count
from kelp.kql.parser.cursor import Cursor, ProductionFailed
from kelp.kql.parser.datatable import parse_datatable
from kelp.kql.parser.distinct import parse_distinct
from kelp.kql.parser.evaluate import parse_evaluate
from kelp.kql.parser.expressions import PRECEDENCE, parse_expression
from kelp.kql.parser.extend import parse_extend
from kelp.kql.parser.externaldata import parse_externaldata
from kelp.kql.parser.facet import parse_facet
from kelp.kql.parser.find import parse_find
from kelp.kql.parser.fork import parse_fork
from kelp.kql.parser.getschema import parse_getschema
from kelp.kql.parser.graph_mark_components import parse_graph_mark_components
from kelp.kql.parser.graph_match import parse_graph_match, parse_graph_shortest_paths
from kelp.kql.parser.graph_to_table import parse_graph_to_table
from kelp.kql.parser.graph_where import parse_graph_where_edges, parse_graph_where_nodes
from kelp.kql.parser.inline_external_table import parse_inline_external_table
from kelp.kql.parser.invoke import parse_invoke
from kelp.kql.parser.join import parse_join
from kelp.kql.parser.lookup import parse_lookup
from kelp.kql.parser.macro_expand import parse_macro_expand
from kelp.kql.parser.make_graph import parse_make_graph
from kelp.kql.parser.make_series import parse_make_series
from kelp.kql.parser.mv_apply import parse_mv_apply
from kelp.kql.parser.mv_expand import parse_mv_expand
from kelp.kql.parser.parse import parse_parse, parse_parse_where
from kelp.kql.parser.parse_kv import parse_parse_kv
from kelp.kql.parser.partition import parse_partition, parse_partition_by
from kelp.kql.parser.print import parse_print
from kelp.kql.parser.project import (
    parse_project,
    parse_project_away,
    parse_project_by_names,
    parse_project_keep,
    parse_project_rename,
    parse_project_reorder,
)
from kelp.kql.parser.range import parse_range
from kelp.kql.parser.reduce import parse_reduce
from kelp.kql.parser.render import parse_render
from kelp.kql.parser.sample import parse_sample, parse_sample_distinct
from kelp.kql.parser.scan import parse_scan
from kelp.kql.parser.search import parse_search
from kelp.kql.parser.serialize import parse_serialize
from kelp.kql.parser.sort import parse_sort
from kelp.kql.parser.summarize import parse_summarize
from kelp.kql.parser.take import parse_take
from kelp.kql.parser.top import parse_top
from kelp.kql.parser.top_hitters import parse_top_hitters
from kelp.kql.parser.top_nested import parse_top_nested
from kelp.kql.parser.union import parse_union
from kelp.kql.parser.where import parse_where
from kelp.kql.parser.words import peek_word, read_word
from kelp.kql.syntax import (
    Expression,
    ExpressionSource,
    Operator,
    Pipeline,
    PipelineExpression,
    Source,
    UnknownOperator,
)
from kelp.kql.text import Span
from kelp.kql.tokens import Token

OPERATORS: MappingProxyType[str, Callable[[Cursor, int], Operator]] = MappingProxyType(
    {
        "where": parse_where,
        "filter": parse_where,
        "extend": parse_extend,
        "project": parse_project,
        "project-away": parse_project_away,
        "project-keep": parse_project_keep,
        "project-rename": parse_project_rename,
        "project-reorder": parse_project_reorder,
        "project-by-names": parse_project_by_names,
        "summarize": parse_summarize,
        "count": parse_count,
        "distinct": parse_distinct,
        "join": parse_join,
        "lookup": parse_lookup,
        "union": parse_union,
        "sort": parse_sort,
        "order": parse_sort,
        "top": parse_top,
        "take": parse_take,
        "limit": parse_take,
        "top-hitters": parse_top_hitters,
        "top-nested": parse_top_nested,
        "mv-expand": parse_mv_expand,
        "mvexpand": parse_mv_expand,
        "mv-apply": parse_mv_apply,
        "mvapply": parse_mv_apply,
        "parse": parse_parse,
        "parse-where": parse_parse_where,
        "parse-kv": parse_parse_kv,
        "make-series": parse_make_series,
        "serialize": parse_serialize,
        "sample": parse_sample,
        "sample-distinct": parse_sample_distinct,
        "as": parse_as,
        "getschema": parse_getschema,
        "render": parse_render,
        "search": parse_search,
        "find": parse_find,
        "invoke": parse_invoke,
        "evaluate": parse_evaluate,
        "reduce": parse_reduce,
        "facet": parse_facet,
        "fork": parse_fork,
        "partition": parse_partition,
        "__partitionby": parse_partition_by,
        "partition-by": parse_partition_by,
        "scan": parse_scan,
        "assert-schema": parse_assert_schema,
        "consume": parse_consume,
        "execute-and-cache": parse_execute_and_cache,
        "make-graph": parse_make_graph,
        "graph-match": parse_graph_match,
        "graph-shortest-paths": parse_graph_shortest_paths,
        "graph-to-table": parse_graph_to_table,
        "graph-mark-components": parse_graph_mark_components,
        "graph-where-nodes": parse_graph_where_nodes,
        "graph-where-edges": parse_graph_where_edges,
    }
)
"""What may stand after a pipe. Each reads from behind its word; the second argument is where that word starts."""

SOURCES: MappingProxyType[str, Callable[[Cursor, int], Source]] = MappingProxyType(
    {
        "print": parse_print,
        "range": parse_range,
        "union": parse_union,
        "datatable": parse_datatable,
        "externaldata": parse_externaldata,
        "external_data": parse_externaldata,
        "inline_external_table": parse_inline_external_table,
        "search": parse_search,
        "find": parse_find,
        "evaluate": parse_evaluate,
        "macro-expand": parse_macro_expand,
    }
)
REFUSED = frozenset({"graph-merge"})
"""Operators that the language has and that no document describes."""

_FOLLOW = frozenset({"|", ";", ")", "}", "]", ",", tokens.END})


def parse_pipe(cursor: Cursor) -> Expression:
    """Read a pipeline; where nothing is piped and the source is an expression, that expression."""
    start = cursor.token.start
    source = _find_source(cursor)
    if source is None:
        value = parse_expression(cursor)
        if cursor.token.kind != "|" and not _operator_follows(cursor):
            return value
        source = ExpressionSource(value.span, value)
    operators = _parse_piped(cursor)
    span = cursor.span_from(start)
    return PipelineExpression(span, Pipeline(span, source, operators))


def parse_table(cursor: Cursor) -> Expression:
    """Read `datatable` or `externaldata`; the current token is one of these words."""
    source = _find_source(cursor)
    assert source is not None
    return PipelineExpression(source.span, Pipeline(source.span, source, ()))


def parse_operators(cursor: Cursor) -> tuple[Operator, ...]:
    """Read operators with pipes between them, the first without a pipe before it."""
    return (_parse_operator(cursor), *_parse_piped(cursor))


def _parse_piped(cursor: Cursor) -> tuple[Operator, ...]:
    operators: list[Operator] = []
    while cursor.take("|") or _pipe_is_missing(cursor):
        operators.append(_parse_operator(cursor))
    return tuple(operators)


def _pipe_is_missing(cursor: Cursor) -> bool:
    """Report an operator that has no pipe before it; return whether there is one."""
    if not _operator_follows(cursor):
        return False
    cursor.report("`|`", f"write | {peek_word(cursor)}")
    return True


def _operator_follows(cursor: Cursor) -> bool:
    """Whether an operator stands where a pipe should be. Words that also start a source may start a statement."""
    if cursor.token.kind != tokens.NAME or cursor.peek().kind in {"=", ".", ","}:
        return False
    word = peek_word(cursor)
    return word in OPERATORS and word not in SOURCES and word != "as"


def _find_source(cursor: Cursor) -> Source | None:
    token = cursor.token
    if token.kind != tokens.NAME:
        return None
    word = token.text
    if word not in SOURCES and word != "macro":
        return None
    word = peek_word(cursor)
    parse = SOURCES.get(word)
    if parse is None or not _starts_source(cursor, word):
        return None
    read_word(cursor, word)
    return parse(cursor, token.start)


def _starts_source(cursor: Cursor, word: str) -> bool:
    """Whether the word starts a source, and is not the name of a column, a table or a function."""
    following = cursor.peek()
    if word in {"macro-expand", "inline_external_table", "datatable", "externaldata", "external_data"}:
        return True
    if word == "range":
        return cursor.peek(4 if following.kind == "[" else 2).text == "from"
    if word in {"print", "union", "search", "find"} and following.kind in {"|", ";", tokens.END}:
        return True
    if following.kind in {"=", "."} or following.kind in _FOLLOW:
        return False
    return following.text not in PRECEDENCE or following.text in {"in", "*", "-", "+"}


def _parse_operator(cursor: Cursor) -> Operator:
    """Read one operator; where it can't be read, skip to the next pipe."""
    first = cursor.token
    depth = cursor.depth
    word = ""
    try:
        if first.kind != tokens.NAME:
            _refuse_missing_word(cursor)
        word = peek_word(cursor)
        read_word(cursor, word)
        parse = OPERATORS.get(word)
        if parse is None:
            _refuse_word(first, word, cursor)
        operator = parse(cursor, first.start)
        if cursor.token.kind not in _FOLLOW and not _operator_follows(cursor):
            _refuse_rest(cursor)
        return operator
    except ProductionFailed:
        cursor.skip_to("|", depth)
        return UnknownOperator(cursor.span_from(first.start), word)


def _refuse_missing_word(cursor: Cursor) -> NoReturn:
    doubled = cursor.token.kind == "|" and cursor.token.start == cursor.previous_end()
    cursor.report("an operator", "write `or` between conditions" if doubled else None)
    if doubled:
        cursor.advance()
    raise ProductionFailed


def _refuse_rest(cursor: Cursor) -> None:
    """Report what stands behind an operator, unless a statement without `;` ends here: the block reports that."""
    if cursor.first_on_line() and cursor.token.kind == tokens.NAME and cursor.token.text not in NEVER_FIRST:
        return
    cursor.fail("`|` or the end of the query", advise(cursor.token))


def _refuse_word(first: Token, word: str, cursor: Cursor) -> NoReturn:
    span = Span(first.start, cursor.previous_end())
    if word in REFUSED:
        cursor.add(f"the operator `{word}` is not supported", span, code=UNSUPPORTED)
        raise ProductionFailed
    cursor.add(f"there is no operator `{word[:40]}`", span, advise_operator(word, OPERATORS))
    raise ProductionFailed
