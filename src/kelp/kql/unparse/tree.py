"""Syntax to canonical KQL text: for explanations, and to prove that the parser loses nothing.

What `parse` gives for the text of a tree without errors is that tree again, but for spans. A new kind of node must be
spelled here, or mypy complains.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from kelp.kql import syntax as s
from kelp.kql.parser.chains import split_chain
from kelp.kql.parser.constants import TRUTHS
from kelp.kql.parser.expressions import AND, EQUALITY, OR, PRECEDENCE, RELATIONAL
from kelp.kql.rendering import format_literal
from kelp.kql.unparse.parts import (
    PLAIN_NAME,
    join_words,
    spell_clause,
    spell_column,
    spell_name,
    spell_schema,
    spell_type_schema,
)

_OPERAND = 8


def unparse(node: s.QueryBlock | s.Statement | s.Operator | s.Source | s.Pipeline | s.Expression) -> str:
    """Return the canonical text of a node. Nodes that stand for errors give an empty text, or the word they hold."""
    if isinstance(node, s.QueryBlock):
        return _block(node)
    if isinstance(node, s.Pipeline):
        return _pipeline(node, "\n| ")
    if isinstance(node, s.Statement):
        return _statement(node, "\n| ")
    if isinstance(node, s.Expression):
        return _loose(node)
    if isinstance(node, s.Source):
        return _source(node)
    return _operator(node)


# --- statements and sources ------------------------------------------------------------------------------------------


def _block(block: s.QueryBlock) -> str:
    return ";\n".join(_statement(statement, "\n| ") for statement in block.statements)


def _inner_block(block: s.QueryBlock) -> str:
    return "; ".join(_statement(statement, " | ") for statement in block.statements)


def _statement(node: s.Statement, separator: str) -> str:
    match node:
        case s.Let():
            return f"let {spell_name(node.name.text)} = {_loose(node.value)}"
        case s.SetOption():
            return f"set {spell_name(node.name)}" + (
                f" = {_word(node.value)}" if node.value is not None else ""
            )
        case s.DeclareParameters():
            return f"declare query_parameters{_parameters(node.parameters)}"
        case s.Alias():
            return f"alias database {spell_name(node.name.text)} = {_expression(node.value)}"
        case s.Restrict():
            return f"restrict access to ({_list(node.names)})"
        case s.DeclarePattern():
            return f"declare pattern {spell_name(node.name.text)} {node.text}"
        case s.QueryStatement():
            return _loose(node.value, separator)
        case _:
            assert_never(node)


def _parameters(parameters: tuple[s.Parameter, ...]) -> str:
    return f"({', '.join(_parameter(parameter) for parameter in parameters)})"


def _parameter(node: s.Parameter) -> str:
    name = spell_name(node.name)
    if node.type is None:
        return f"{name}: (*)" if node.any_columns else f"{name}: {spell_schema(node.columns)}"
    default = f" = {_expression(node.default)}" if node.default is not None else ""
    return f"{name}: {node.type}{default}"


def _pipeline(node: s.Pipeline, separator: str = " | ") -> str:
    return separator.join([_source(node.source), *(_operator(operator) for operator in node.operators)])


def _table(node: s.Pipeline) -> str:
    """A table as an argument: in brackets unless it is a single operand."""
    if not node.operators and isinstance(node.source, s.ExpressionSource):
        return _expression(node.source.value, _OPERAND)
    return f"({_pipeline(node)})"


def _source(node: s.Source) -> str:
    match node:
        case s.Print():
            return f"print {_named_list(node.columns)}"
        case s.RangeSource():
            start, stop, step = (_expression(value) for value in (node.start, node.stop, node.step))
            return f"range {spell_name(node.column.text)} from {start} to {stop} step {step}"
        case s.DataTable():
            return f"datatable{spell_schema(node.columns)} [{_list(node.values)}]"
        case s.ExternalData():
            properties = f" with ({_options(node.properties, ', ')})" if node.properties else ""
            return f"externaldata{spell_schema(node.columns)} [{_list(node.uris)}]{properties}"
        case s.InlineExternalTable():
            return f"inline_external_table {spell_schema(node.columns) if node.columns else ''} {node.text}"
        case s.ExpressionSource():
            return _expression(node.value)
        case s.MacroExpand():
            head = join_words("macro-expand", _options(node.options), _expression(node.group, _OPERAND))
            return f"{head} as {spell_name(node.alias.text)} ({_inner_block(node.body)})"
        case s.Union() | s.Search() | s.Find() | s.Evaluate():
            return _operator(node)
        case _:
            assert_never(node)


# --- expressions -----------------------------------------------------------------------------------------------------


def _loose(node: s.Expression, separator: str = " | ") -> str:
    """An expression where a pipeline needs no brackets."""
    if isinstance(node, s.PipelineExpression):
        return _pipeline(node.pipeline, separator)
    return _expression(node)


def _expression(node: s.Expression, least: int = OR) -> str:
    match node:
        case s.Unary():
            # `--` at the start of a query would look like the comment of another language.
            text, precedence = f"{node.operator}{_target(node.operand)}", _OPERAND
        case s.Binary():
            precedence = PRECEDENCE.get(node.operator.partition(" ")[0], EQUALITY)
            text = _binary(node, precedence)
        case s.Between():
            word = "!between" if node.negated else "between"
            low, high = _expression(node.low), _expression(node.high)
            text, precedence = f"{_expression(node.subject, EQUALITY)} {word} ({low} .. {high})", EQUALITY
        case s.Membership():
            items = _loose(node.items[0]) if len(node.items) == 1 else _list(node.items)
            text, precedence = f"{_expression(node.subject, EQUALITY)} {node.operator} ({items})", EQUALITY
        case _:
            return _operand(node)
    return text if precedence >= least else f"({text})"


def _operand(node: s.Expression) -> str:
    match node:
        case s.Literal():
            return format_literal(node.type, node.value)
        case s.NameExpression():
            return spell_name(node.name)
        case s.WildcardName():
            return node.pattern
        case s.Member():
            return f"{_target(node.target)}.{node.name.text}"
        case s.Index():
            return f"{_target(node.target)}[{_expression(node.index)}]"
        case s.Call():
            return _call(node)
        case s.QualifiedCall():
            return f"{_target(node.target)}.{node.call.name.text}{_arguments(node.call)}"
        case s.TypeLiteral():
            return f"typeof{spell_type_schema(node)}"
        case s.PipelineExpression():
            return f"({_pipeline(node.pipeline)})"
        case s.FunctionLiteral():
            head = "view " if node.is_view else ""
            return f"{head}{_parameters(node.parameters)} {{ {_inner_block(node.body)} }}"
        case s.DeclareEntityGroup():
            return f"entity_group [{_list(node.members)}]"
        case s.MalformedLiteral():
            return node.text
        case s.ErrorExpression():
            return ""
        case s.Unary() | s.Binary() | s.Between() | s.Membership():
            return f"({_expression(node)})"
        case _:
            assert_never(node)


def _target(node: s.Expression) -> str:
    """What a `.` or `[` follows: brackets around whatever has a sign or an operator."""
    return f"({_expression(node)})" if isinstance(node, s.Unary) else _operand(node)


def _binary(node: s.Binary, precedence: int) -> str:
    terms = split_chain(node) if precedence <= AND else None
    if terms is not None:
        return f" {node.operator} ".join(_expression(term, precedence + 1) for term in terms)
    least = OR if node.operator == "=" else precedence + 1
    left, right = _expression(node.left, precedence), _expression(node.right, least)
    separator = "" if node.operator == ":" else " "
    return f"{left}{separator}{node.operator}{separator}{right}"


def _call(node: s.Call) -> str:
    name = node.name.text
    return (name if name in {"toscalar", "totable"} else spell_name(name)) + _arguments(node)


def _arguments(node: s.Call) -> str:
    if len(node.arguments) == 1:
        return f"({_argument(node.arguments[0], _loose(node.arguments[0].value))})"
    # A pipeline beside other arguments needs brackets: the commas behind it would be its own.
    return f"({', '.join(_argument(argument, _expression(argument.value)) for argument in node.arguments)})"


def _argument(node: s.Argument, value: str) -> str:
    return f"{node.name.text} = {value}" if node.name is not None else value


# --- small parts -----------------------------------------------------------------------------------------------------


def _list(values: Iterable[s.Expression]) -> str:
    return ", ".join(_expression(value) for value in values)


def _named(node: s.NamedExpression, least: int = OR) -> str:
    value = _expression(node.value, least)
    if not node.names:
        return value
    names = ", ".join(spell_name(name.text) for name in node.names)
    return f"{names} = {value}" if len(node.names) == 1 else f"({names}) = {value}"


def _named_list(values: Iterable[s.NamedExpression]) -> str:
    return ", ".join(_named(value) for value in values)


def _key(node: s.OrderingKey) -> str:
    direction = "" if node.descending is None else "desc" if node.descending else "asc"
    nulls = "" if node.nulls_first is None else "nulls first" if node.nulls_first else "nulls last"
    return join_words(_named(node.value), direction, nulls)


def _keys(keys: Iterable[s.OrderingKey]) -> str:
    return ", ".join(_key(key) for key in keys)


def _word(node: s.Expression) -> str:
    """The value of an option: a word is left as it is."""
    if isinstance(node, s.NameExpression) and PLAIN_NAME.fullmatch(node.name) and node.name not in TRUTHS:
        return node.name
    return _expression(node, _OPERAND)


def _options(options: Iterable[s.Option], separator: str = " ") -> str:
    return separator.join(f"{option.name}={_word(option.value)}" for option in options)


def _body(operators: tuple[s.Operator, ...]) -> str:
    return f"({' | '.join(_operator(operator) for operator in operators)})"


def _with(options: tuple[s.Option, ...]) -> str:
    return f"with ({_options(options, ', ')})" if options else ""


def _names(columns: Iterable[s.NameExpression | s.WildcardName]) -> str:
    return ", ".join(_operand(column) for column in columns)


# --- operators -------------------------------------------------------------------------------------------------------


_RowOperator = (
    s.Where | s.Extend | s.Project | s.ProjectAway | s.ProjectKeep | s.ProjectRename | s.ProjectReorder
    | s.ProjectByNames | s.Distinct | s.Serialize | s.AssertSchema | s.GetSchema | s.ExecuteAndCache
    | s.UnknownOperator | s.Count | s.As | s.Consume | s.Invoke
)  # fmt: skip
_SetOperator = (
    s.Take | s.Sort | s.Top | s.TopHitters | s.TopNested | s.Sample | s.SampleDistinct | s.Summarize
    | s.MakeSeries | s.Reduce | s.MvExpand | s.MvApply
)  # fmt: skip
_TableOperator = (
    s.Join
    | s.Lookup
    | s.Union
    | s.Search
    | s.Find
    | s.Evaluate
    | s.Facet
    | s.Fork
    | s.Partition
    | s.PartitionBy
)
_SpecialOperator = s.Parse | s.ParseKv | s.Render | s.Scan
_GraphOperator = s.MakeGraph | s.GraphMatch | s.GraphToTable | s.GraphMarkComponents | s.GraphWhere


def _operator(node: s.Operator) -> str:
    if isinstance(node, _RowOperator):
        return _row_operator(node)
    if isinstance(node, _SetOperator):
        return _set_operator(node)
    if isinstance(node, _TableOperator):
        return _table_operator(node)
    if isinstance(node, _GraphOperator):
        return _graph_operator(node)
    return _special_operator(node)


def _row_operator(node: _RowOperator) -> str:
    match node:
        case s.Where():
            return f"where {_expression(node.predicate)}"
        case s.Extend():
            return f"extend {_named_list(node.columns)}"
        case s.Project():
            return join_words("project", _named_list(node.columns))
        case s.ProjectAway():
            return join_words("project-away", _names(node.columns))
        case s.ProjectKeep():
            return join_words("project-keep", _names(node.columns))
        case s.ProjectRename():
            return join_words("project-rename", _named_list(node.columns))
        case s.ProjectReorder():
            ordered = (join_words(_operand(name), order or "") for name, order in node.columns)
            return join_words("project-reorder", ", ".join(ordered))
        case s.ProjectByNames():
            return join_words("project-by-names", _list(node.columns))
        case s.Distinct():
            return f"distinct {_named_list(node.columns)}"
        case s.Serialize():
            return join_words("serialize", _named_list(node.columns))
        case s.AssertSchema():
            return f"assert-schema {spell_schema(node.columns)}"
        case s.GetSchema():
            return "getschema"
        case s.ExecuteAndCache():
            return "execute-and-cache"
        case s.UnknownOperator():
            return node.word
        case s.Count():
            return f"count as {spell_name(node.name.text)}" if node.name is not None else "count"
        case s.As():
            return join_words("as", _options(node.options), spell_name(node.name.text))
        case s.Consume():
            return join_words("consume", _options(node.options))
        case s.Invoke():
            return f"invoke {_operand(node.call)}"
        case _:
            assert_never(node)


def _set_operator(node: _SetOperator) -> str:
    match node:
        case s.Take():
            return f"take {_expression(node.count)}"
        case s.Sort():
            return f"sort by {_keys(node.keys)}"
        case s.Top():
            return f"top {_expression(node.count)} by {_keys(node.keys)}"
        case s.TopHitters():
            by = f" by {_named(node.by)}" if node.by is not None else ""
            return f"top-hitters {_expression(node.count)} of {_named(node.of)}{by}"
        case s.TopNested():
            return ", ".join(_top_nested(clause) for clause in node.clauses)
        case s.Sample():
            return f"sample {_expression(node.count)}"
        case s.SampleDistinct():
            return f"sample-distinct {_expression(node.count)} of {_named(node.of)}"
        case s.Summarize():
            keys = spell_clause("by", _named_list(node.keys))
            return join_words("summarize", _options(node.options), _named_list(node.aggregates), keys)
        case s.MakeSeries():
            return _make_series(node)
        case s.Reduce():
            properties = spell_clause("with", _options(node.properties, ", "))
            return join_words("reduce", _options(node.options), f"by {_named(node.by)}", properties)
        case s.MvExpand():
            return join_words("mv-expand", _options(node.options), _expanded(node))
        case s.MvApply():
            context = f"id {node.context_id.text}" if node.context_id is not None else ""
            return join_words(
                "mv-apply", _options(node.options), _expanded(node), context, f"on {_body(node.body)}"
            )
        case _:
            assert_never(node)


def _top_nested(node: s.TopNestedClause) -> str:
    count = _expression(node.count) if node.count is not None else ""
    others = f"with others = {_expression(node.others)}" if node.others is not None else ""
    return join_words("top-nested", count, f"of {_named(node.of)}", others, f"by {_key(node.by)}")


def _make_series(node: s.MakeSeries) -> str:
    aggregates = ", ".join(
        join_words(
            _named(part.value), f"default = {_expression(part.default)}" if part.default is not None else ""
        )
        for part in node.aggregates
    )
    start, stop = (_expression(value) if value is not None else "" for value in (node.start, node.stop))
    step = _expression(node.step)
    if node.in_range:
        extent = f"in range({start}, {stop}, {step})"
    else:
        extent = join_words(spell_clause("from", start), spell_clause("to", stop), f"step {step}")
    axis, keys = f"on {_named(node.axis, RELATIONAL)}", spell_clause("by", _named_list(node.keys))
    return join_words("make-series", _options(node.options), aggregates, axis, extent, keys)


def _expanded(node: s.MvExpand | s.MvApply) -> str:
    columns = ", ".join(
        _named(column.value)
        + (f" to typeof{spell_type_schema(column.to_type)}" if column.to_type is not None else "")
        for column in node.columns
    )
    return join_words(columns, f"limit {_expression(node.limit)}" if node.limit is not None else "")


def _table_operator(node: _TableOperator) -> str:
    match node:
        case s.Join() | s.Lookup():
            word = "join" if isinstance(node, s.Join) else "lookup"
            return join_words(
                word, _options(node.options), _table(node.right), f"on {_list(node.conditions)}"
            )
        case s.Union():
            return join_words(
                "union", _options(node.options), ", ".join(_union_source(part) for part in node.sources)
            )
        case s.Search():
            predicate = _expression(node.predicate)
            return join_words("search", _options(node.options), _in_tables(node.tables), predicate)
        case s.Find():
            return _find(node)
        case s.Evaluate():
            schema = f": {spell_type_schema(node.schema)}" if node.schema is not None else ""
            return join_words("evaluate", _options(node.options), _call(node.call), schema)
        case s.Facet():
            return join_words(
                "facet by", _names(node.columns), f"with {_body(node.body)}" if node.body else ""
            )
        case s.Fork():
            branches = (
                (f"{spell_name(name.text)} = " if name else "") + _body(body) for name, body in node.branches
            )
            return join_words("fork", *branches)
        case s.Partition():
            values = f"in {_expression(node.values, _OPERAND)}" if node.values is not None else ""
            body = f"{{ {_pipeline(node.source)} }}" if node.source is not None else _body(node.body)
            return join_words("partition", _options(node.options), f"by {_operand(node.by)}", values, body)
        case s.PartitionBy():
            context = f"id {node.context_id.text}" if node.context_id is not None else ""
            return join_words(
                "__partitionby", _options(node.options), _operand(node.by), context, _body(node.body)
            )
        case _:
            assert_never(node)


def _union_source(node: s.Pipeline | s.WildcardName) -> str:
    return node.pattern if isinstance(node, s.WildcardName) else _table(node)


def _in_tables(tables: tuple[s.NameExpression | s.WildcardName | s.Pipeline, ...]) -> str:
    names = (_table(table) if isinstance(table, s.Pipeline) else _operand(table) for table in tables)
    return f"in ({', '.join(names)})" if tables else ""


def _find(node: s.Find) -> str:
    project = ""
    if node.project is not None:
        columns = [
            spell_column(part) if isinstance(part, s.ColumnDeclaration) else _named(part)
            for part in node.project
        ]
        project = "project " + ", ".join([*columns, "pack_all()"] if node.pack_all else columns)
    head = join_words(
        "find", _options(node.options), _in_tables(node.tables), f"where {_expression(node.predicate)}"
    )
    return join_words(head, project, spell_clause("project-away", _names(node.project_away)))


def _special_operator(node: _SpecialOperator) -> str:
    match node:
        case s.Parse():
            word = "parse-where" if node.is_filter else "parse"
            pattern = " ".join(_pattern(part) for part in node.pattern)
            return join_words(word, _options(node.options), _expression(node.subject), "with", pattern)
        case s.ParseKv():
            return join_words(
                "parse-kv", _expression(node.subject), "as", spell_schema(node.columns), _with(node.options)
            )
        case s.Render():
            properties = ", ".join(_property(option) for option in node.properties)
            return join_words("render", node.visualization, f"with ({properties})" if properties else "")
        case s.Scan():
            return _scan(node)
        case _:
            assert_never(node)


def _pattern(node: s.ParsePattern) -> str:
    if node.star:
        return "*"
    if node.text is not None:
        return _expression(node.text)
    return spell_name(node.column or "") + (f": {node.type}" if node.type is not None else "")


def _property(option: s.Option) -> str:
    value = option.value
    if isinstance(value, s.Call) and value.name.text == "list":
        return f"{option.name}={_list(argument.value for argument in value.arguments)}"
    return f"{option.name}={_word(value)}"


def _scan(node: s.Scan) -> str:
    declarations = ", ".join(
        spell_column(part.column) + (f" = {_expression(part.default)}" if part.default is not None else "")
        for part in node.declarations
    )
    return join_words(
        "scan",
        _options(node.options),
        spell_clause("order by", _keys(node.order_by)),
        spell_clause("partition by", _named_list(node.partition_by)),
        f"declare ({declarations})" if declarations else "",
        f"with ({' '.join(_step(step) for step in node.steps)})",
    )


def _step(node: s.ScanStep) -> str:
    output = f"output={node.output}" if node.output is not None else ""
    head = join_words("step", spell_name(node.name), "optional" if node.optional else "", output)
    assignments = f" => {_named_list(node.assignments)}" if node.assignments else ""
    return f"{head}: {_expression(node.condition)}{assignments};"


def _graph_operator(node: _GraphOperator) -> str:
    match node:
        case s.MakeGraph():
            return _make_graph(node)
        case s.GraphMatch():
            word = "graph-shortest-paths" if node.is_shortest_paths else "graph-match"
            patterns = ", ".join("".join(_graph_part(part) for part in pattern) for pattern in node.patterns)
            predicate = f"where {_expression(node.predicate)}" if node.predicate is not None else ""
            project = spell_clause("project", _named_list(node.project))
            return join_words(word, _options(node.options), patterns, predicate, project)
        case s.GraphToTable():
            outputs = (
                join_words(part, f"as {spell_name(name.text)}" if name else "", _options(options))
                for part, name, options in node.outputs
            )
            return f"graph-to-table {', '.join(outputs)}"
        case s.GraphMarkComponents():
            return join_words("graph-mark-components", _options(node.options))
        case s.GraphWhere():
            return f"graph-where-{node.part} {_expression(node.predicate)}"
        case _:
            assert_never(node)


def _make_graph(node: s.MakeGraph) -> str:
    nodes = ", ".join(f"{_table(table)} on {_operand(key)}" for table, key in node.nodes)
    partitioned = ""
    if node.partitioned_by is not None:
        partitioned = f"partitioned-by {_operand(node.partitioned_by)} {_body(node.body)}"
    return join_words(
        "make-graph",
        _options(node.options),
        f"{_operand(node.source)} --> {_operand(node.target)}",
        f"with_node_id={spell_name(node.node_id.text)}" if node.node_id is not None else "",
        spell_clause("with", nodes),
        partitioned,
    )


def _graph_part(node: s.GraphNode | s.GraphEdge) -> str:
    if isinstance(node, s.GraphNode):
        return f"({spell_name(node.name) if node.name else ''})"
    hops = ""
    if node.min_hops is not None or node.max_hops is not None:
        low, high = (_expression(part) if part is not None else "" for part in (node.min_hops, node.max_hops))
        hops = f"*{low}..{high}"
    inner = f"{spell_name(node.name) if node.name else ''}{hops}"
    left, right = ("<-" if node.direction == "<-" else "-"), ("->" if node.direction == "->" else "-")
    return f"{left}[{inner}]{right}" if inner else f"{left}{right}"
