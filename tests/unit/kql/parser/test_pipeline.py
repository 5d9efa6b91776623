from __future__ import annotations

import pytest

from kelp.kql import syntax
from kelp.kql.diagnostics import UNSUPPORTED
from kelp.kql.parser import parse
from kelp.kql.parser.pipeline import OPERATORS
from kelp.kql.text import Span
from tests.unit.kql.parser.reading import assert_refuses, read_operator, read_source, read_value

EXAMPLES: dict[str, tuple[str, type[syntax.Operator]]] = {
    "where": ("where a", syntax.Where),
    "filter": ("filter a", syntax.Where),
    "extend": ("extend a = 1", syntax.Extend),
    "project": ("project a", syntax.Project),
    "project-away": ("project-away a", syntax.ProjectAway),
    "project-keep": ("project-keep a", syntax.ProjectKeep),
    "project-rename": ("project-rename a = b", syntax.ProjectRename),
    "project-reorder": ("project-reorder a", syntax.ProjectReorder),
    "project-by-names": ("project-by-names 'a'", syntax.ProjectByNames),
    "summarize": ("summarize count()", syntax.Summarize),
    "count": ("count", syntax.Count),
    "distinct": ("distinct a", syntax.Distinct),
    "join": ("join U on a", syntax.Join),
    "lookup": ("lookup U on a", syntax.Lookup),
    "union": ("union U", syntax.Union),
    "sort": ("sort by a", syntax.Sort),
    "order": ("order by a", syntax.Sort),
    "top": ("top 1 by a", syntax.Top),
    "take": ("take 1", syntax.Take),
    "limit": ("limit 1", syntax.Take),
    "top-hitters": ("top-hitters 1 of a", syntax.TopHitters),
    "top-nested": ("top-nested of a by count()", syntax.TopNested),
    "mv-expand": ("mv-expand a", syntax.MvExpand),
    "mvexpand": ("mvexpand a", syntax.MvExpand),
    "mv-apply": ("mv-apply a on (take 1)", syntax.MvApply),
    "mvapply": ("mvapply a on (take 1)", syntax.MvApply),
    "parse": ("parse a with 'b' c", syntax.Parse),
    "parse-where": ("parse-where a with 'b' c", syntax.Parse),
    "parse-kv": ("parse-kv a as (b: long)", syntax.ParseKv),
    "make-series": ("make-series count() on a step 1", syntax.MakeSeries),
    "serialize": ("serialize", syntax.Serialize),
    "sample": ("sample 1", syntax.Sample),
    "sample-distinct": ("sample-distinct 1 of a", syntax.SampleDistinct),
    "as": ("as a", syntax.As),
    "getschema": ("getschema", syntax.GetSchema),
    "render": ("render table", syntax.Render),
    "search": ("search 'a'", syntax.Search),
    "find": ("find where a", syntax.Find),
    "invoke": ("invoke f()", syntax.Invoke),
    "evaluate": ("evaluate f()", syntax.Evaluate),
    "reduce": ("reduce by a", syntax.Reduce),
    "facet": ("facet by a", syntax.Facet),
    "fork": ("fork (take 1)", syntax.Fork),
    "partition": ("partition by a (take 1)", syntax.Partition),
    "__partitionby": ("__partitionby a (take 1)", syntax.PartitionBy),
    "partition-by": ("partition-by a (take 1)", syntax.PartitionBy),
    "scan": ("scan with (step a: b;)", syntax.Scan),
    "assert-schema": ("assert-schema (a: long)", syntax.AssertSchema),
    "consume": ("consume", syntax.Consume),
    "execute-and-cache": ("execute-and-cache", syntax.ExecuteAndCache),
    "make-graph": ("make-graph a --> b", syntax.MakeGraph),
    "graph-match": ("graph-match (a) project a", syntax.GraphMatch),
    "graph-shortest-paths": ("graph-shortest-paths (a)-->(b) project a", syntax.GraphMatch),
    "graph-to-table": ("graph-to-table nodes", syntax.GraphToTable),
    "graph-mark-components": ("graph-mark-components", syntax.GraphMarkComponents),
    "graph-where-nodes": ("graph-where-nodes a", syntax.GraphWhere),
    "graph-where-edges": ("graph-where-edges a", syntax.GraphWhere),
}


def test_every_operator_has_an_example() -> None:
    assert EXAMPLES.keys() == OPERATORS.keys()


@pytest.mark.parametrize(("text", "kind"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_each_word_gives_its_operator(text: str, kind: type[syntax.Operator]) -> None:
    operator = read_operator(f"T | {text}")
    assert type(operator) is kind
    assert operator.span == Span(4, 4 + len(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("T | take 1", syntax.ExpressionSource),
        ("['T U'] | take 1", syntax.ExpressionSource),
        ("f(1) | take 1", syntax.ExpressionSource),
        ("workspace('a').T | take 1", syntax.ExpressionSource),
        ("(T | take 1) | take 2", syntax.ExpressionSource),
        ("print 1", syntax.Print),
        ("range a from 1 to 2 step 1", syntax.RangeSource),
        ("range(1, 2) | take 1", syntax.ExpressionSource),
        ("datatable(a: long) [1]", syntax.DataTable),
        ("externaldata(a: long) ['b']", syntax.ExternalData),
        ("inline_external_table (a: long) kind=delta ('b')", syntax.InlineExternalTable),
        ("union T, U", syntax.Union),
        ("search 'a'", syntax.Search),
        ("search in (T) 'a'", syntax.Search),
        ("['search'] | take 1", syntax.ExpressionSource),
        ("find where a", syntax.Find),
        ("evaluate f()", syntax.Evaluate),
        ("macro-expand a as b (b.T)", syntax.MacroExpand),
    ],
)
def test_sources(text: str, kind: type[syntax.Source]) -> None:
    assert type(read_source(text)) is kind


@pytest.mark.parametrize("text", ["T", "a + 1", "f(x)", "search == 1", "find.a"])
def test_an_expression_alone_stays_an_expression(text: str) -> None:
    assert not isinstance(read_value(text), syntax.PipelineExpression)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | «wher» a", "there is no operator `wher`", "`where`"),
        ("T | «WHERE» a", "there is no operator `WHERE`", "`where`"),
        ("T | «mv-expnd» a", "there is no operator `mv-expnd`", "`mv-expand`"),
        ("T | «having» a", "there is no operator", "`where`"),
        ("T | «&&»", "`&&` (U+0026) means nothing here", "`and`"),
        ("T | «qqq» a", "there is no operator `qqq`", None),
        ("print«»", "expected an expression, found the end", None),
        ("T; union«»", "expected an expression, found the end", None),
        ("T |«»", "expected an operator, found the end of the query", None),
        ("T | «'a'»", "expected an operator, found a string", None),
        ("T | where a |«|» b", "expected an operator", "`or`"),
        ("T\n«where» a == 1\n| take 1", "expected `|`, found `where`", "| where"),
        ("T «mv»-expand a", "expected `|`, found `mv`", "| mv-expand"),
        ("T | where a\n«summarize» count()", "expected `|`, found `summarize`", "| summarize"),
        ("T | where (U | «foo» | take 1) | take 2", "there is no operator `foo`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_an_operator_without_documentation_is_refused_by_name() -> None:
    (found,) = parse("G | graph-merge (H) on a | take 1").diagnostics
    assert (found.code, found.span) == (UNSUPPORTED, Span(4, 15))
    assert "`graph-merge` is not supported" in found.message


def test_each_operator_is_read_on_its_own() -> None:
    parsed = parse("T | where a == b = 1 | foo | project b c | take 5 | sort by | where f(a | count")
    assert [(tuple(one.span), one.message) for one in parsed.diagnostics] == [
        ((17, 18), "expected `==`, found `=`"),
        ((23, 26), "there is no operator `foo`"),
        ((39, 40), "expected `|` or the end of the query, found `c`"),
        ((60, 61), "expected an expression, found `|`"),
        ((79, 79), "expected `)`, found the end of the query"),
    ]
    (statement,) = parsed.block.statements
    assert isinstance(statement, syntax.QueryStatement)
    assert isinstance(statement.value, syntax.PipelineExpression)
    assert [type(one) for one in statement.value.pipeline.operators] == [
        syntax.Where,
        syntax.UnknownOperator,
        syntax.UnknownOperator,
        syntax.Take,
        syntax.Sort,
        syntax.Where,
    ]
