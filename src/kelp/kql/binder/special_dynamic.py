"""Special forms that make or change dynamic values: they need the row's columns, constant paths, or a table's names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions, pipeline
from kelp.kql.binder.calls import call_aggregate, call_function
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.naming import name_of
from kelp.kql.binder.scope import Scope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, UNSUPPORTED, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.json_path import parse_json_path
from kelp.kql.json_text import elements_of
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.special import SpecialForm
    from kelp.kql.json_path import Step
    from kelp.kql.text import Span
    from kelp.kql.types import Column

Expressions = tuple[bound.Expression, ...]


def special_forms() -> Mapping[str, SpecialForm]:
    """Return the forms by name."""
    return {
        "pack_array": _bind_pack_array,
        "pack_all": _bind_pack_all,
        "bag_pack": _bind_bag_pack,
        "pack": _bind_bag_pack,
        "pack_dictionary": _bind_bag_pack,
        "bag_pack_columns": _bind_bag_pack_columns,
        "bag_has_key": _bind_bag_has_key,
        "bag_set_key": _bind_bag_set_key,
        "bag_remove_keys": _bind_bag_remove_keys,
        "array_sort_asc": _bind_array_sort,
        "array_sort_desc": _bind_array_sort,
        "extract_json": _bind_extract_json,
        "extractjson": _bind_extract_json,
        "column_names_of": _bind_column_names_of,
        "buildschema": _bind_buildschema,
    }


def _count(node: syntax.Call, low: int, high: int) -> None:
    if not low <= len(node.arguments) <= high:
        wanted = f"{low}" if low == high else f"{low} to {high}"
        given = len(node.arguments)
        raise refusal(WRONG_ARGUMENTS, f"'{node.name.text}' takes {wanted} arguments, not {given}", node.span)


def _text(value: str) -> bound.Literal:
    return bound.Literal(T.STRING, value)


def _columns(node: syntax.Call, scope: Scope) -> tuple[Column, ...]:
    if scope.row is None:
        raise refusal(NOT_ALLOWED_HERE, f"'{node.name.text}' needs a row with columns", node.span)
    return scope.row.columns


def _is_star(argument: syntax.Argument) -> bool:
    return isinstance(argument.value, syntax.WildcardName) and argument.value.pattern == "*"


# --- packing ---------------------------------------------------------------------------------------------------------


def _bind_pack_array(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    if len(node.arguments) == 1 and _is_star(node.arguments[0]):
        values: Expressions = tuple(bound.ColumnReference(c.name, c.type) for c in _columns(node, scope))
    else:
        values = expressions.bind_arguments(context, node, scope)
    return bound.Call("pack_array", values, T.DYNAMIC, node.span)


def _pack(pairs: Iterable[tuple[bound.Expression, bound.Expression]], span: Span, name: str) -> bound.Call:
    arguments = tuple(part for key, value in pairs for part in (convert(key, T.STRING), value))
    return bound.Call(name, arguments, T.DYNAMIC, span)


def _bind_pack_all(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """`pack_all()`, and `pack_all(true)` to leave out nulls and empty texts."""
    _count(node, 0, 1)
    ignores = [
        argument.value
        for argument in expressions.bind_arguments(context, node, scope)
        if isinstance(argument, bound.Literal)
    ]
    name = "bag_pack nonempty" if ignores == [True] else "bag_pack"
    pairs = ((_text(c.name), bound.ColumnReference(c.name, c.type)) for c in _columns(node, scope))
    return _pack(pairs, node.span, name)


def _bind_bag_pack(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    arguments = expressions.bind_arguments(context, node, scope)
    if len(arguments) % 2:
        raise refusal(WRONG_ARGUMENTS, f"'{node.name.text}' takes keys and values by turns", node.span)
    for key in arguments[::2]:
        if key.type not in (T.STRING, T.DYNAMIC):
            raise refusal(WRONG_TYPE, f"a key is a string, not {key.type}", key.span, "use tostring()")
    return _pack(zip(arguments[::2], arguments[1::2], strict=True), node.span, "bag_pack")


def _bind_bag_pack_columns(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    arguments = expressions.bind_arguments(context, node, scope)
    names = [name_of(argument.value) for argument in node.arguments]
    for argument, name in zip(node.arguments, names, strict=True):
        if name is None:
            raise refusal(
                WRONG_ARGUMENTS, "'bag_pack_columns' takes columns", argument.span, "use bag_pack()"
            )
    return _pack(zip((_text(name or "") for name in names), arguments, strict=True), node.span, "bag_pack")


# --- changing bags ---------------------------------------------------------------------------------------------------


def _key_path(key: bound.Expression) -> Expressions:
    """Return the names that lead to a key: a constant that starts with `$` is a path, anything else a name."""
    if not isinstance(key, bound.Literal) or not str(key.value).startswith("$"):
        return (convert(key, T.STRING),)
    steps = parse_json_path(str(key.value))
    if not steps or not all(isinstance(step, str) for step in steps):
        raise refusal(
            UNSUPPORTED, f"the path '{key.value}' is not supported by Kelp", key.span, "use $.a.b or $['a']"
        )
    return tuple(_text(str(step)) for step in steps)


def _bind_bag_has_key(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    _count(node, 2, 2)
    bag, key = expressions.bind_arguments(context, node, scope)
    return call_function(context, "bag_has_key", (bag, *_key_path(key)), node.span)


def _bind_bag_set_key(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    _count(node, 3, 3)
    bag, key, value = expressions.bind_arguments(context, node, scope)
    return call_function(context, "bag_set_key", (bag, value, *_key_path(key)), node.span)


def _bind_bag_remove_keys(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """Constant keys that are paths are removed one by one, all others at once."""
    _count(node, 2, 2)
    bag, keys = expressions.bind_arguments(context, node, scope)
    constants = _constant_texts(keys)
    if constants is None:
        return call_function(context, "bag_remove_keys", (bag, keys), node.span)
    paths = [key for key in constants if key.startswith("$")]
    names = [key for key in constants if not key.startswith("$")]
    result = bag
    if names:
        listed = bound.Literal(T.DYNAMIC, json.dumps(names, ensure_ascii=False), keys.span)
        result = call_function(context, "bag_remove_keys", (result, listed), node.span)
    for path in paths:
        steps = _key_path(bound.Literal(T.STRING, path, keys.span))
        result = call_function(context, "bag_remove_keys path", (result, *steps), node.span)
    return result


def _constant_texts(value: bound.Expression) -> list[str] | None:
    items: Expressions | None = None
    if isinstance(value, bound.Literal):
        items = elements_of(value)
    elif isinstance(value, bound.Call) and value.function == "pack_array":
        items = value.arguments
    if items is None:
        return None
    texts = [item.value for item in items if isinstance(item, bound.Literal) and isinstance(item.value, str)]
    return texts if len(texts) == len(items) else None


# --- arrays ----------------------------------------------------------------------------------------------------------


def _bind_array_sort(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """Several arrays come back as an array of them, as far as the text wants one value."""
    arrays = sorted_arrays(context, node, scope)
    return arrays[0] if len(arrays) == 1 else bound.Call("pack_array", arrays, T.DYNAMIC, node.span)


def sorted_arrays(context: BindContext, node: syntax.Call, scope: Scope) -> Expressions:
    """Return each array of `array_sort_asc(a, b, ..., nulls_last)` in the order of the first one."""
    arguments = list(expressions.bind_arguments(context, node, scope))
    nulls_last: bound.Expression = bound.Literal(T.BOOL, value=True)
    if len(arguments) > 1 and arguments[-1].type is T.BOOL:
        nulls_last = arguments.pop()
    if not arguments:
        raise refusal(WRONG_ARGUMENTS, f"'{node.name.text}' takes arrays", node.span)
    return tuple(
        call_function(context, node.name.text, (array, arguments[0], nulls_last), node.span)
        for array in arguments
    )


# --- names and paths -------------------------------------------------------------------------------------------------


def _bind_extract_json(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """`extract_json(path, text [, typeof(type)])` is member access into the parsed text, converted to the type."""
    _count(node, 2, 3)
    path, text = (expressions.bind_expression(context, a.value, scope) for a in node.arguments[:2])
    wanted = T.STRING
    if len(node.arguments) == 3:
        wanted = _type_of(node.arguments[2].value)
    if not isinstance(path, bound.Literal) or not isinstance(path.value, str):
        raise refusal(WRONG_ARGUMENTS, "the path must be a constant string", node.arguments[0].span)
    steps = parse_json_path(path.value)
    if steps is None:
        hint = "use $.name, ['name'] and [0]"
        raise refusal(
            UNSUPPORTED, f"the path '{path.value}' is not supported by Kelp", node.arguments[0].span, hint
        )
    parsed = convert(text, T.DYNAMIC)
    return convert(_walk(parsed, steps, node.span), wanted)


def _walk(value: bound.Expression, steps: tuple[Step, ...], span: Span) -> bound.Expression:
    for step in steps:
        if isinstance(step, str):
            value = expressions.access_member(value, step, span)
        else:
            value = bound.Call("dynamic_index", (value, bound.Literal(T.LONG, step)), T.DYNAMIC, span)
    return value


def _type_of(node: syntax.Expression) -> T:
    if isinstance(node, syntax.TypeLiteral) and len(node.columns) == 1 and not node.columns[0].name:
        return node.columns[0].type
    raise refusal(WRONG_ARGUMENTS, "the type is written typeof(long)", node.span)


def _bind_column_names_of(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    _count(node, 1, 1)
    table = pipeline.bind_tabular(context, node.arguments[0].value, scope.names)
    names = json.dumps(
        [column.name for column in table.schema.columns], ensure_ascii=False, separators=(",", ":")
    )
    return bound.Literal(T.DYNAMIC, names, node.span)


def _bind_buildschema(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """AGG-14: the shapes of documents differ less than they do, so those are gathered."""
    _count(node, 1, 1)
    if not scope.allows_aggregates:
        message = "the aggregation 'buildschema' can only stand in summarize, make-series and the like"
        raise refusal(NOT_ALLOWED_HERE, message, node.span)
    document = expressions.bind_expression(context, node.arguments[0].value, Scope(scope.names, scope.row))
    if document.type is not T.DYNAMIC:
        raise refusal(WRONG_TYPE, "'buildschema' takes dynamic values", node.span, "use parse_json()")
    shape = call_function(context, "$shape_of", (document,), node.span)
    shapes = call_aggregate(context, "make_set", (shape,), node.span, allowed=True)
    return call_function(context, "$schema_of", (shapes,), node.span)
