"""`parse` and `parse-where` (rules PARSE-1 to PARSE-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.scope import Scope
from kelp.kql.diagnostics import DUPLICATE_NAME, NOT_ALLOWED_HERE, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

MODES = ("simple", "relaxed", "regex")
FLAGS = frozenset("imsUx")


def bind_parse(
    context: BindContext, node: syntax.Parse, source: bound.Operator, names: NameScope
) -> bound.Parse:
    """Return the input with the columns that the pattern fills; one that exists already is replaced."""
    mode, flags = _read_options(node)
    subject = expressions.bind_expression(context, node.subject, Scope(names, source.schema))
    items = tuple(_bind_part(context, part, names) for part in node.pattern)
    _check_pattern(node, items)
    filled = [Column(item.column, item.type) for item in items if item.column is not None]
    schema = extend_schema(source.schema, filled)
    return bound.Parse(
        source, convert(subject, ScalarType.STRING), mode, flags, items, node.is_filter, schema
    )


def extend_schema(schema: RowSchema, filled: Iterable[Column]) -> RowSchema:
    """Return the schema with columns added, or replaced in their place."""
    made = {column.name: column for column in filled}
    kept = tuple(made.pop(column.name, column) for column in schema.columns)
    return RowSchema((*kept, *made.values()))


def option_text(value: syntax.Expression) -> str | None:
    """Return the word or constant string of an option."""
    if isinstance(value, syntax.NameExpression):
        return value.name
    if isinstance(value, syntax.Literal) and isinstance(value.value, str):
        return value.value
    return None


def _read_options(node: syntax.Parse) -> tuple[str, str]:
    mode, flags = "simple", ""
    for option in node.options:
        text = option_text(option.value)
        match option.name:
            case "kind":
                if text not in MODES:
                    raise refusal(
                        WRONG_ARGUMENTS, "the kind of 'parse' is simple, relaxed or regex", option.span
                    )
                mode = text
            case "flags":
                if text is None or not set(text) <= FLAGS:
                    raise refusal(
                        WRONG_ARGUMENTS, f"flags are letters of {''.join(sorted(FLAGS))}", option.span
                    )
                flags = text
            case _:
                pass
    return mode, flags if mode == "regex" else ""


def _bind_part(context: BindContext, part: syntax.ParsePattern, names: NameScope) -> bound.ParseItem:
    if part.column is not None:
        return bound.ParseItem(None, part.column, part.type or ScalarType.STRING)
    if part.star or part.text is None:
        return bound.ParseItem(None, None, ScalarType.STRING)
    text = expressions.bind_expression(context, part.text, Scope(names))
    if not isinstance(text, bound.Literal) or not isinstance(text.value, str):
        raise refusal(WRONG_TYPE, "the pattern's texts are constant strings", part.span)
    return bound.ParseItem(text.value, None, ScalarType.STRING)


def _check_pattern(node: syntax.Parse, items: tuple[bound.ParseItem, ...]) -> None:
    columns: set[str] = set()
    for index, item in enumerate(items):
        span = node.pattern[index].span
        if item.column is None:
            continue
        if item.column in columns:
            raise refusal(DUPLICATE_NAME, f"the pattern fills the column '{item.column}' twice", span)
        columns.add(item.column)
        following = items[index + 1] if index + 1 < len(items) else None
        if item.type is ScalarType.STRING and following is not None and following.text is None:
            message = f"after '{item.column}', which takes all text, a text must come that ends it"
            raise refusal(
                NOT_ALLOWED_HERE,
                message,
                node.pattern[index + 1].span,
                "put the text that follows it in quotes",
            )
