"""`scan`: rows in order, matched against steps that remember what they matched before (rules SCAN-1 to SCAN-6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions, sort
from kelp.kql.binder.context import nearest
from kelp.kql.binder.conversion import adapt
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.bound import step_column
from kelp.kql.diagnostics import (
    DUPLICATE_NAME,
    NOT_ALLOWED_HERE,
    UNKNOWN_NAME,
    UNSUPPORTED,
    WRONG_ARGUMENTS,
    WRONG_TYPE,
    refusal,
)
from kelp.kql.row_order import is_serialized
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext


def bind_scan(
    context: BindContext, node: syntax.Scan, source: bound.Operator, names: NameScope
) -> bound.StepScan:
    """Return the scan over rows in order; refused where they have none, or a step looks ahead at a later one."""
    if node.order_by:
        source = bound.Sort(source, sort.bind_keys(context, node.order_by, source, names))
    if not is_serialized(source):
        hint = "put sort by, or serialize, before it"
        raise refusal(
            NOT_ALLOWED_HERE, "'scan' goes from row to row, and here they are not in order", node.span, hint
        )
    scope = Scope(names, source.schema, is_serialized=True)
    keys = tuple(expressions.bind_expression(context, key.value, scope) for key in node.partition_by)
    declared = tuple(_bind_declaration(context, item, names) for item in node.declarations)
    match_id, step_name = (_find_name(node, option) for option in ("with_match_id", "with_step_name"))
    extended = (*source.schema.columns, *(Column(o.name, o.value.type) for o in declared))
    more = (
        *((Column(match_id, ScalarType.LONG),) if match_id else ()),
        *((Column(step_name, ScalarType.STRING),) if step_name else ()),
    )
    schema = RowSchema((*extended, *more))
    _refuse_twice([column.name for column in schema.columns], node)
    _refuse_twice([step.name for step in node.steps], node)
    row = RowSchema(extended)
    steps = tuple(
        _bind_step(context, step, replace(scope, row=row), [s.name for s in node.steps[: index + 1]])
        for index, step in enumerate(node.steps)
    )
    return bound.StepScan(source, keys, declared, steps, match_id, step_name, schema)


def _bind_declaration(context: BindContext, node: syntax.ScanDeclaration, names: NameScope) -> bound.Output:
    """Return a declared column with its default, null where none is written."""
    name, kind = node.column.name, node.column.type
    if node.default is None:
        return bound.Output(name, bound.Literal(kind, "" if kind is ScalarType.STRING else None))
    given = expressions.bind_expression(context, node.default, Scope(names))
    value = adapt(given, kind)
    if value is None:
        message = f"the default of '{name}' is of type {given.type}, not {kind}"
        raise refusal(WRONG_TYPE, message, node.default.span)
    return bound.Output(name, value)


def _find_name(node: syntax.Scan, option: str) -> str | None:
    for found in node.options:
        if found.name.lower() != option:
            continue
        if not isinstance(found.value, syntax.NameExpression):
            raise refusal(WRONG_ARGUMENTS, f"'{option}' is the name of a column", found.span)
        return found.value.name
    return None


def _refuse_twice(names: list[str], node: syntax.Scan) -> None:
    for name in names:
        if names.count(name) > 1:
            raise refusal(
                DUPLICATE_NAME, f"'{name}' is the name of two columns or steps of 'scan'", node.span
            )


def _bind_step(
    context: BindContext, node: syntax.ScanStep, scope: Scope, known: list[str]
) -> bound.MatchStep:
    if node.optional:
        raise refusal(UNSUPPORTED, "an 'optional' step of 'scan' is not supported by Kelp", node.span)
    assert scope.row is not None
    scope = replace(scope, steps=tuple(known))
    condition = expressions.bind_as(
        context, node.condition, scope, ScalarType.BOOL, "the condition of a step"
    )
    assignments: dict[str, bound.Output] = {}
    for item in node.assignments:
        output = _bind_assignment(context, item, scope)
        if output.name in assignments:
            raise refusal(DUPLICATE_NAME, f"'{output.name}' is assigned twice in a step", item.span)
        assignments[output.name] = output
    return bound.MatchStep(node.name, condition, tuple(assignments.values()), node.output or "all")


def _bind_assignment(context: BindContext, node: syntax.NamedExpression, scope: Scope) -> bound.Output:
    assert scope.row is not None
    if len(node.names) != 1:
        raise refusal(WRONG_ARGUMENTS, "a step assigns to a column: Column = value", node.span)
    name = node.names[0]
    column = scope.row.find_column(name.text)
    if column is None:
        hint = (
            nearest(name.text, [found.name for found in scope.row.columns]) or f"declare ({name.text}: type)"
        )
        raise refusal(UNKNOWN_NAME, f"'{name.text}' is no column of the rows, nor declared", name.span, hint)
    given = expressions.bind_expression(context, node.value, scope)
    value = adapt(given, column.type)
    if value is None:
        message = f"'{name.text}' is of type {column.type}, and what is assigned of type {given.type}"
        raise refusal(WRONG_TYPE, message, node.span)
    return bound.Output(column.name, value)


def find_step_column(node: syntax.Member, scope: Scope) -> bound.ColumnReference | None:
    """Return what `step.column` stands for, if the text before the point is a step that is known here."""
    target = node.target
    if not isinstance(target, syntax.NameExpression) or target.name not in scope.steps or scope.row is None:
        return None
    column = scope.row.find_column(node.name.text)
    if column is None:
        hint = nearest(node.name.text, [found.name for found in scope.row.columns])
        message = f"the step '{target.name}' has no column '{node.name.text}'"
        raise refusal(UNKNOWN_NAME, message, node.span, hint)
    return bound.ColumnReference(step_column(target.name, column.name), column.type, node.span)
