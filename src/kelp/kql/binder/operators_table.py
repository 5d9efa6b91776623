"""Which module binds which operator after a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import syntax
from kelp.kql.binder import (
    assert_schema,
    evaluate,
    getschema,
    invoke,
    join,
    make_series,
    mining,
    mv_apply,
    mv_expand,
    parse,
    parse_kv,
    partition,
    project,
    sample,
    scan,
    search,
    serialize,
    sort,
    summarize,
    top_nested,
    union,
    where,
)
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, SYNTAX, UNSUPPORTED, refusal

if TYPE_CHECKING:
    from kelp.kql import bound
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope
    from kelp.kql.diagnostics import QueryRefusedError

REFUSED: dict[type, str] = {
    syntax.Find: "find",
    syntax.ExecuteAndCache: "execute-and-cache",
}
"""Operators that parse and that Kelp refuses by name."""


def bind_operator(
    context: BindContext, node: syntax.Operator, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return `source` with one operator applied; raises `QueryRefusedError` for one that Kelp does not run."""
    match node:
        case syntax.Where():
            return where.bind_where(context, node, source, names)
        case syntax.Extend() | syntax.Project() | syntax.ProjectByNames():
            return project.bind_columns(context, node, source, names)
        case syntax.ProjectAway() | syntax.ProjectKeep() | syntax.ProjectRename() | syntax.ProjectReorder():
            return project.bind_selection(context, node, source)
        case syntax.Serialize():
            return serialize.bind_serialize(context, node, source, names)
        case syntax.Summarize() | syntax.Distinct() | syntax.Count():
            return summarize.bind_groups(context, node, source, names)
        case syntax.MakeSeries():
            return make_series.bind_make_series(context, node, source, names)
        case syntax.Sort() | syntax.Top() | syntax.Take():
            return sort.bind_ordering(context, node, source, names)
        case syntax.Join() | syntax.Lookup():
            return join.bind_join(context, node, source, names)
        case syntax.Union():
            return union.bind_union(context, node, source, names)
        case syntax.Search():
            return search.bind_search(context, node, source, names)
        case syntax.MvExpand():
            return mv_expand.bind_mv_expand(context, node, source, names)
        case syntax.MvApply():
            return mv_apply.bind_mv_apply(context, node, source, names)
        case syntax.Parse():
            return parse.bind_parse(context, node, source, names)
        case syntax.ParseKv():
            return parse_kv.bind_parse_kv(context, node, source, names)
        case syntax.Sample() | syntax.SampleDistinct() | syntax.TopHitters():
            return sample.bind_sample(context, node, source, names)
        case syntax.TopNested():
            return top_nested.bind_top_nested(context, node, source, names)
        case syntax.Partition() | syntax.PartitionBy():
            return partition.bind_partition(context, node, source, names)
        case syntax.Evaluate():
            return evaluate.bind_evaluate(context, node, source, names)
        case syntax.Scan():
            return scan.bind_scan(context, node, source, names)
        case syntax.Reduce():
            return mining.bind_reduce(context, node, source, names)
        case syntax.AssertSchema():
            return assert_schema.bind_assert_schema(node, source)
        case syntax.Consume():
            return assert_schema.bind_consume(source)
        case syntax.Invoke():
            return invoke.bind_invoke(context, node, source, names)
        case syntax.GetSchema():
            return getschema.bind_getschema(source)
        case _:
            raise _refusal_of(node)


def _refusal_of(node: syntax.Operator) -> QueryRefusedError:
    match node:
        case syntax.UnknownOperator():
            return refusal(SYNTAX, f"'{node.word}' is not an operator", node.span)
        case syntax.Fork() | syntax.Facet():
            word = type(node).__name__.lower()
            message = f"'{word}' gives several tables, so it must stand last"
            return refusal(NOT_ALLOWED_HERE, message, node.span)
        case syntax.GraphMatch() | syntax.GraphToTable() | syntax.GraphMarkComponents() | syntax.GraphWhere():
            hint = "make a graph of it with make-graph"
            return refusal(NOT_ALLOWED_HERE, "this operator works on a graph", node.span, hint)
        case _ if type(node) in REFUSED:
            message = f"the operator '{REFUSED[type(node)]}' is not supported by Kelp"
            return refusal(UNSUPPORTED, message, node.span)
        case _:
            raise AssertionError(f"the pipeline binder keeps this for itself: {node!r}")
