"""Scalar expressions: names, operators, members, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound, syntax
from kelp.kql.binder import any_column, entities, saved, scan, special
from kelp.kql.binder.calls import call_aggregate, call_function, unknown_function
from kelp.kql.binder.context import BindContext, Mending, nearest
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.graph_functions import find_graph_function
from kelp.kql.binder.operators import bind_arithmetic, bind_comparison, bind_negation
from kelp.kql.binder.scope import (
    EntityBinding,
    EntityGroupBinding,
    FunctionBinding,
    GraphBinding,
    PatternBinding,
    ScalarBinding,
    Scope,
    TabularBinding,
)
from kelp.kql.binder.windows import bind_window
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, SYNTAX, UNKNOWN_NAME, UNSUPPORTED, WRONG_TYPE, refusal
from kelp.kql.json_text import compact
from kelp.kql.parser.constants import advise_constant
from kelp.kql.text import Span
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.diagnostics import QueryRefusedError
    from kelp.kql.types import RowSchema

_COMPARISONS = frozenset({"==", "!=", "<>", "<", "<=", ">", ">="})
_OF_ENTITY = frozenset({"$current_database", "$current_cluster_endpoint"})
_ARITHMETIC = frozenset({"+", "-", "*", "/", "%"})


def bind_expression(context: BindContext, node: syntax.Expression, scope: Scope) -> bound.Expression:
    """Return the typed expression; raises `QueryRefusedError` at the first part that has no meaning."""
    if context.mending is not None and _is_mended(context.mending, node):
        return bound.Literal(T.DYNAMIC, None, node.span)
    match node:
        case syntax.Literal():
            if node.type is T.DYNAMIC and isinstance(node.value, str):
                return bound.Literal(node.type, compact(node.value), node.span)
            return bound.Literal(node.type, node.value, node.span)
        case syntax.NameExpression():
            return _bind_name(context, node, scope)
        case syntax.Member():
            return _bind_member(context, node, scope)
        case syntax.Index():
            return _bind_index(context, node, scope)
        case syntax.Call():
            return _bind_call(context, node, scope)
        case syntax.Unary():
            operand = bind_expression(context, node.operand, scope)
            return bind_negation(operand, node.span) if node.operator == "-" else operand
        case syntax.Binary():
            return _bind_binary(context, node, scope)
        case syntax.Between():
            return _bind_between(context, node, scope)
        case syntax.Membership(subject=syntax.WildcardName()):
            return any_column.bind_any_membership(context, node, scope)
        case syntax.Membership():
            return special.bind_membership(context, node, scope)
        case syntax.PipelineExpression():
            return special.bind_scalar_pipeline(context, node, scope)
        case (
            syntax.WildcardName()
            | syntax.TypeLiteral()
            | syntax.FunctionLiteral()
            | syntax.DeclareEntityGroup()
        ):
            raise refusal(NOT_ALLOWED_HERE, "a scalar expression is expected here", node.span)
        case syntax.QualifiedCall():
            raise refusal(NOT_ALLOWED_HERE, "a function of another database gives no scalar here", node.span)
        case syntax.MalformedLiteral(type=T.DATETIME) if node.text.endswith("()"):
            return bound.Literal(T.DATETIME, context.now_ticks, node.span)
        case syntax.MalformedLiteral():
            raise _refuse_constant(node)
        case syntax.ErrorExpression():
            raise refusal(SYNTAX, "an expression is missing here", node.span)
        case _:
            assert_never(node)


def _is_mended(mending: Mending, node: syntax.Expression) -> bool:
    """Tell whether an error is known here already; that of an unknown function is where its name stands."""
    return node.span in mending.spans or (isinstance(node, syntax.Call) and node.name.span in mending.spans)


def _refuse_constant(node: syntax.MalformedLiteral) -> QueryRefusedError:
    shown = node.text if len(node.text) <= 60 else f"{node.text[:57]}..."
    return refusal(WRONG_TYPE, f"`{shown}` is no {node.type} constant", node.span, advise_constant(node.type))


def bind_as(
    context: BindContext, node: syntax.Expression, scope: Scope, wanted: T, what: str
) -> bound.Expression:
    """Return the expression as the type wanted; refused when it is of another type than that or dynamic.

    `what` names its place.
    """
    value = bind_expression(context, node, scope)
    if value.type == wanted:
        return value
    integral = wanted is T.LONG and value.type is T.INT
    if value.type is T.DYNAMIC or integral or (isinstance(value, bound.Literal) and value.value is None):
        return convert(value, wanted)
    raise refusal(WRONG_TYPE, f"{what} must be of type {wanted}, not {value.type}", node.span)


def _column(row_name: str, scope: Scope, name: str, span: Span) -> bound.ColumnReference:
    row = scope.right if row_name == "$right" else scope.row
    column = row.find_column(name) if row else None
    if row is None or column is None:
        names = [found.name for found in row.columns] if row else []
        raise refusal(UNKNOWN_NAME, f"{row_name} has no column '{name}'", span, nearest(name, names))
    return bound.ColumnReference(column.name, column.type, span)


def _bind_name(context: BindContext, node: syntax.NameExpression, scope: Scope) -> bound.Expression:
    column = scope.row.find_column(node.name) if scope.row else None
    if column is not None:
        return bound.ColumnReference(column.name, column.type, node.span)
    if scope.elements is not None and scope.elements.names(node.name):
        return scope.elements.bind_whole(node.name)
    binding = scope.names.find(node.name)
    match binding:
        case ScalarBinding():
            if scope.row is not None and _reads_another_row(binding.value, scope.row):
                message = f"'{node.name}' is a value of another row, which a query has no access to"
                raise refusal(NOT_ALLOWED_HERE, message, node.span, "use join or lookup")
            return binding.value
        case TabularBinding() | GraphBinding() | EntityBinding() | EntityGroupBinding():
            raise refusal(
                NOT_ALLOWED_HERE,
                f"'{node.name}' is a table, and a scalar is expected here",
                node.span,
                "use toscalar()",
            )
        case FunctionBinding():
            return special.call_scalar_function(context, binding, (), node.span, scope)
        case PatternBinding():
            raise refusal(
                NOT_ALLOWED_HERE, f"'{node.name}' is a pattern, and a scalar is expected here", node.span
            )
        case None:
            known = [found.name for found in scope.row.columns] if scope.row else []
            hint = nearest(node.name, (*known, *scope.names.bindings))
            raise refusal(UNKNOWN_NAME, f"there is no column or value named '{node.name}'", node.span, hint)
        case _:
            assert_never(binding)


def _reads_another_row(value: bound.Expression, row: RowSchema) -> bool:
    """Tell whether a value was computed from columns of a row, as the arguments of a function may be.

    A hidden column that this row has too is carried along for it.
    """
    waiting: list[bound.Expression] = [value]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, bound.ColumnReference):
            if not part.name.startswith("$") or row.find_column(part.name) is None:
                return True
            continue
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, bound.InQuery):
            waiting.append(part.subject)
        elif isinstance(part, (bound.Call, bound.AggregateCall, bound.WindowCall)):
            waiting.extend(part.arguments)
    return False


def _bind_member(context: BindContext, node: syntax.Member, scope: Scope) -> bound.Expression:
    if isinstance(node.target, syntax.NameExpression) and node.target.name in ("$left", "$right"):
        return _column(node.target.name, scope, node.name.text, node.span)
    if node.name.text in _OF_ENTITY and entities.is_database_path(node.target, scope.names):
        return _bind_entity_name(context, node, scope)
    found = scan.find_step_column(node, scope) if scope.steps else None
    if found is not None:
        return found
    variable = _variable(node.target, scope)
    if scope.elements is not None and variable is not None:
        return scope.elements.bind_property(variable, node.name.text, node.span)
    target = bind_expression(context, node.target, scope)
    return access_member(target, node.name.text, node.span)


def _variable(node: syntax.Expression, scope: Scope) -> str | None:
    """Return the variable of a graph pattern that the name stands for, unless the row has such a column."""
    if scope.elements is None or not isinstance(node, syntax.NameExpression):
        return None
    if not scope.elements.names(node.name) or (scope.row and scope.row.find_column(node.name)):
        return None
    return node.name


def _bind_entity_name(context: BindContext, node: syntax.Member, scope: Scope) -> bound.Literal:
    """`X.$current_database` is the workspace that the text names, empty for the query's own (LANG-5)."""
    if node.name.text != "$current_database":
        message = f"'{node.name.text}' is not supported by Kelp: there are no clusters to name"
        raise refusal(UNSUPPORTED, message, node.span)
    workspace = entities.find_workspace(context, node.target, scope.names)
    return bound.Literal(T.STRING, workspace or "", node.span)


def access_member(target: bound.Expression, name: str, span: Span) -> bound.Expression:
    """Return `target.name`; a text target is refused with the advice to parse it."""
    if target.type is not T.DYNAMIC:
        hint = "parse it first, with parse_json()" if target.type is T.STRING else None
        raise refusal(WRONG_TYPE, f"a value of type {target.type} has no property '{name}'", span, hint)
    return bound.Call("dynamic_member", (target, bound.Literal(T.STRING, name)), T.DYNAMIC, span)


def _bind_index(context: BindContext, node: syntax.Index, scope: Scope) -> bound.Expression:
    variable = _variable(node.target, scope)
    if scope.elements is not None and variable is not None and isinstance(node.index, syntax.Literal):
        if isinstance(node.index.value, str):
            return scope.elements.bind_property(variable, node.index.value, node.span)
    target = bind_expression(context, node.target, scope)
    index = bind_expression(context, node.index, scope)
    if isinstance(index, bound.Literal) and isinstance(index.value, str) and index.type is T.STRING:
        return access_member(target, index.value, node.span)
    if target.type is not T.DYNAMIC:
        raise refusal(WRONG_TYPE, f"a value of type {target.type} cannot be indexed", node.span)
    if index.type is T.BOOL:
        index = convert(index, T.LONG)
    if index.type not in (T.INT, T.LONG, T.STRING, T.DYNAMIC):
        raise refusal(
            WRONG_TYPE, f"an index must be an integer or a string, not {index.type}", node.index.span
        )
    return bound.Call("dynamic_index", (target, index), T.DYNAMIC, node.span)


def _bind_call(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    name = node.name.text
    binding = scope.names.find(name)
    if isinstance(binding, FunctionBinding):
        return special.call_scalar_function(context, binding, node.arguments, node.span, scope)
    if scope.elements is not None and (found := find_graph_function(name)) is not None:
        return found(context, node, scope)
    found = special.find_special_form(name)
    if found is not None:
        return found(context, node, scope)
    if name in context.functions.scalars and not _is_aggregation(context, node, scope):
        return call_function(context, name, bind_arguments(context, node, scope), node.span)
    if name in context.functions.aggregates:
        inner = Scope(scope.names, scope.row, scope.right)
        arguments = bind_arguments(context, node, inner)
        return call_aggregate(context, name, arguments, node.span, allowed=scope.allows_aggregates)
    if name in context.functions.windows:
        return bind_window(context, name, bind_arguments(context, node, scope), node.span, scope)
    stored = context.provider.find_function(name) if scope.names.shows(None, name) else None
    if stored is not None:
        return special.call_scalar_function(
            context, saved.bind_stored(stored, node.span), node.arguments, node.span, scope
        )
    raise unknown_function(context, name, node.name.span)


def _is_aggregation(context: BindContext, node: syntax.Call, scope: Scope) -> bool:
    """Tell what a name means that is both: `hll_merge(x)` merges rows, `hll_merge(x, y)` merges values."""
    aggregation = context.functions.aggregates.get(node.name.text)
    return (
        scope.allows_aggregates
        and aggregation is not None
        and any(signature.accepts_count(len(node.arguments)) for signature in aggregation.signatures)
    )


def bind_arguments(context: BindContext, node: syntax.Call, scope: Scope) -> tuple[bound.Expression, ...]:
    """Return the arguments of a built-in function, in order; a name before one is refused."""
    for argument in node.arguments:
        if argument.name is not None:
            raise refusal(NOT_ALLOWED_HERE, f"'{node.name.text}' takes no named arguments", argument.span)
    return tuple(bind_expression(context, argument.value, scope) for argument in node.arguments)


def _bind_binary(context: BindContext, node: syntax.Binary, scope: Scope) -> bound.Expression:
    operator = node.operator
    if isinstance(node.left, syntax.WildcardName):
        return any_column.bind_any_column(context, operator, node.right, scope, node.span)
    if operator == "=":
        hint = "compare with `==`, or with `=~` to ignore case"
        raise refusal(
            NOT_ALLOWED_HERE,
            "expected `==`, found `=`",
            Span(node.left.span.end, node.right.span.start),
            hint,
        )
    left = bind_expression(context, node.left, scope)
    right = bind_expression(context, node.right, scope)
    if operator in ("and", "or"):
        return _bind_logic(operator, left, right, node.span)
    if operator in _COMPARISONS:
        return bind_comparison("!=" if operator == "<>" else operator, left, right, node.span)
    if operator in _ARITHMETIC:
        return bind_arithmetic(operator, left, right, node.span)
    if operator.startswith("!") and operator != "!~":
        positive = call_function(context, operator[1:], (left, right), node.span)
        return bound.Call("not", (positive,), T.BOOL, node.span)
    if operator not in context.functions.scalars:
        raise unknown_function(context, operator, node.span)
    return call_function(context, operator, (left, right), node.span)


def _bind_logic(operator: str, left: bound.Expression, right: bound.Expression, span: Span) -> bound.Call:
    sides: list[bound.Expression] = []
    for side in (left, right):
        if side.type not in (T.BOOL, T.DYNAMIC):
            raise refusal(
                WRONG_TYPE, f"'{operator}' joins conditions, and this is of type {side.type}", side.span
            )
        value = convert(side, T.BOOL)
        sides.extend(
            value.arguments if isinstance(value, bound.Call) and value.function == operator else (value,)
        )
    return bound.Call(operator, tuple(sides), T.BOOL, span)


def _bind_between(context: BindContext, node: syntax.Between, scope: Scope) -> bound.Expression:
    subject = bind_expression(context, node.subject, scope)
    low = bind_expression(context, node.low, scope)
    high = bind_expression(context, node.high, scope)
    if subject.type is T.DATETIME and high.type is T.TIMESPAN:
        high = bind_arithmetic("+", low, high, node.high.span)
    above = bind_comparison(">=", subject, low, node.span)
    below = bind_comparison("<=", subject, high, node.span)
    inside = bound.Call("and", (above, below), T.BOOL, node.span)
    return bound.Call("not", (inside,), T.BOOL, node.span) if node.negated else inside
