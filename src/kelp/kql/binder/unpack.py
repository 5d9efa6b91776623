"""The plugins `bag_unpack`, making columns of the properties of bags, and `narrow`, making rows of columns."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.plugin_arguments import arguments_of, column_of, constant_of, texts_of
from kelp.kql.binder.project import extend_columns, project_columns, reference
from kelp.kql.binder.summarize import schema_of
from kelp.kql.diagnostics import DUPLICATE_NAME, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import Column, RowSchema
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope
    from kelp.kql.questions import Answer

_TYPES = {"bool": T.BOOL, "int": T.LONG, "long": T.LONG, "real": T.REAL, "string": T.STRING}
_CONFLICTS = ("error", "replace_source", "keep_source")


def bind_bag_unpack(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the columns but the unpacked one, then one for each property, in the order of their names (PLUG-1)."""
    given = arguments_of(
        node.call, ("column", "OutputColumnPrefix", "columnsConflict", "ignoredProperties"), required=1
    )
    column = column_of(context, given["column"], source, names)
    if column.type is not T.DYNAMIC:
        raise refusal(WRONG_TYPE, f"'bag_unpack' unpacks dynamic values, not {column.type}", node.span)
    prefix = (
        str(constant_of(context, given["OutputColumnPrefix"], T.STRING, names))
        if "OutputColumnPrefix" in given
        else ""
    )
    conflict = "error"
    if "columnsConflict" in given:
        conflict = str(constant_of(context, given["columnsConflict"], T.STRING, names))
        if conflict not in _CONFLICTS:
            message = f"'columnsConflict' is {', '.join(_CONFLICTS)}"
            raise refusal(WRONG_ARGUMENTS, message, given["columnsConflict"].span)
    ignored = texts_of(context, given["ignoredProperties"], names) if "ignoredProperties" in given else ()
    kept = [found for found in source.schema.columns if found.name != column.name]
    if node.schema is not None:
        replaced = {wanted.name for wanted in node.schema.columns} if conflict == "replace_source" else set()
        kept = [found for found in kept if found.name not in replaced]
        return _with_schema(source, column, prefix, node.schema, kept)
    found = _properties(context.ask(_question(context, source, column), node.span))
    unpacked = {f"{prefix}{key}": _property(column, key, kind) for key, kind in found if key not in ignored}
    taken = [existing for existing in kept if existing.name in unpacked]
    if taken and conflict == "error":
        message = f"there is a column '{taken[0].name}' already"
        raise refusal(
            DUPLICATE_NAME, message, node.span, "say columnsConflict='replace_source' or 'keep_source'"
        )
    for existing in taken:
        if conflict == "keep_source":
            del unpacked[existing.name]
        else:
            kept.remove(existing)
    outputs = (*map(reference, kept), *(bound.Output(name, value) for name, value in unpacked.items()))
    return project_columns(source, outputs)


def _question(context: BindContext, source: bound.Operator, column: bound.ColumnReference) -> bound.Operator:
    """Return the query for the keys of all bags with the types of their values."""
    pair = bound.ColumnReference(context.unique_name("pair"), T.DYNAMIC)
    schema = RowSchema((*source.schema.columns, Column(pair.name, pair.type)))
    is_bag = bound.Call("==", (_kind_of(column), bound.Literal(T.STRING, "dictionary")), T.BOOL)
    bags = bound.Where(source, is_bag)
    pairs = bound.MvExpand(bags, (bound.Expansion(pair.name, column, T.DYNAMIC),), True, None, None, schema)
    key, value = (
        bound.Call("dynamic_index", (pair, bound.Literal(T.LONG, index)), T.DYNAMIC) for index in (0, 1)
    )
    outputs = (
        bound.Output("key", convert(key, T.STRING)),
        bound.Output("type", _kind_of(value)),
    )
    groups = bound.Summarize(pairs, outputs, (), schema_of(outputs))
    ordered = (bound.ColumnReference(output.name, T.STRING) for output in outputs)
    return bound.Sort(
        groups, tuple(bound.SortKey(part, descending=False, nulls_first=True) for part in ordered)
    )


def _kind_of(value: bound.Expression) -> bound.Call:
    return bound.Call("gettype", (value,), T.STRING)


def _properties(answer: Answer) -> Iterable[tuple[str, T]]:
    """Yield the keys in order, each with the type that all its values have, or dynamic; nulls have no say."""
    for key, rows in groupby(answer, lambda row: row[0]):
        kinds = {_TYPES.get(kind, T.DYNAMIC) for _, kind in rows if kind != "null"}
        yield key, kinds.pop() if len(kinds) == 1 else T.DYNAMIC


def _property(column: bound.ColumnReference, key: str, kind: T) -> bound.Expression:
    member = bound.Call("dynamic_member", (column, bound.Literal(T.STRING, key)), T.DYNAMIC)
    return convert(member, kind)


def _with_schema(
    source: bound.Operator,
    column: bound.ColumnReference,
    prefix: str,
    schema: syntax.TypeLiteral,
    kept: list[Column],
) -> bound.Project:
    """Return the columns written after the call: those of the input, and properties as the type that is written."""
    existing = {found.name: found for found in kept}
    outputs = {found.name: reference(found) for found in kept} if schema.extends else {}
    for wanted in schema.columns:
        found = existing.get(wanted.name)
        if found is None:
            value = _property(column, wanted.name.removeprefix(prefix), wanted.type)
            outputs[wanted.name] = bound.Output(wanted.name, value)
        elif found.type is wanted.type:
            outputs[wanted.name] = reference(found)
        else:
            raise refusal(WRONG_TYPE, f"the column '{found.name}' is of type {found.type}", wanted.span)
    return project_columns(source, tuple(outputs.values()))


def bind_narrow(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return a row for each value: the number of its row, counted from 0, its column, and its text (PLUG-3)."""
    del names
    arguments_of(node.call, (), required=0)
    row = bound.Output("Row", bound.WindowCall("row_number", (bound.Literal(T.LONG, 0),), T.LONG))
    numbered = extend_columns(bound.Serialize(source), (row,))
    parts = tuple(
        bound.Call(
            "pack_array",
            (
                bound.Literal(T.STRING, column.name),
                convert(bound.ColumnReference(column.name, column.type), T.STRING),
            ),
            T.DYNAMIC,
        )
        for column in source.schema.columns
    )
    pair = bound.ColumnReference(context.unique_name("pair"), T.DYNAMIC)
    expansion = bound.Expansion(pair.name, bound.Call("pack_array", parts, T.DYNAMIC), T.DYNAMIC)
    schema = RowSchema((*numbered.schema.columns, Column(pair.name, pair.type)))
    pairs = bound.MvExpand(numbered, (expansion,), False, None, None, schema)
    texts = (
        convert(bound.Call("dynamic_index", (pair, bound.Literal(T.LONG, index)), T.DYNAMIC), T.STRING)
        for index in (0, 1)
    )
    outputs = zip(("Column", "Value"), texts, strict=True)
    return project_columns(
        pairs, (reference(Column("Row", T.LONG)), *(bound.Output(name, text) for name, text in outputs))
    )
