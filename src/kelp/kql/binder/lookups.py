"""Plugins that look for the ranges of addresses, the polygons or the lines that something is in (PLUG-12, PLUG-13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions, pipeline
from kelp.kql.binder.context import nearest
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.naming import unique
from kelp.kql.binder.plugin_text import bind_text
from kelp.kql.binder.project import project_columns, reference
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.binder.summarize import schema_of
from kelp.kql.diagnostics import UNKNOWN_NAME, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import Column, RowSchema
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext

_BY_IPV4 = """
let _nets = _table
    | extend _size = ipv4_netmask_suffix(_k0)
    | extend _bits = binary_shift_right(parse_ipv4(_k0), 32 - _size)
    | where isnotnull(_bits);
let _sizes = _nets | summarize by _size | extend _one = 1;
_values
| extend _address = parse_ipv4(_value), _own_size = ipv4_netmask_suffix(_value)
| where isnotnull(_address)
| extend _one = 1
| join kind=inner _sizes on _one
| where _size <= _own_size
| extend _bits = binary_shift_right(_address, 32 - _size)
| join kind=inner _nets on _size, _bits{extra}
"""

_BY_IPV6 = """
let _suffix = (_text: string) {{ coalesce(tolong(extract(@"/(\\d+)$", 1, _text)) + iff(_text has ":", 0, 96), 128) }};
let _nets = _table
    | extend _size = _suffix(_k0)
    | extend _bits = parse_ipv6_mask(_k0, _size)
    | where isnotempty(_bits);
let _sizes = _nets | summarize by _size | extend _one = 1;
_values
| extend _own_size = _suffix(_value)
| extend _one = 1
| join kind=inner _sizes on _one
| where _size <= _own_size
| extend _bits = parse_ipv6_mask(_value, _size)
| where isnotempty(_bits)
| join kind=inner _nets on _size, _bits{extra}
"""

_BY_PLACE = """
_values
| where isnotnull(_longitude) and isnotnull(_latitude)
| extend _one = 1
| join kind=inner (_table | extend _one = 1) on _one
| where {condition}
"""


@dataclass(slots=True)
class _Lookup:
    """A call of such a plugin: the lookup table, the arguments behind it, and those that are named."""

    context: BindContext
    node: syntax.Evaluate
    source: bound.Operator
    names: NameScope
    table: bound.Operator
    places: list[syntax.Expression]
    named: dict[str, syntax.Expression]

    def argument(self, index: int, what: str) -> syntax.Expression:
        """Return the argument at a place behind the table."""
        if index >= len(self.places):
            name = self.node.call.name.text
            raise refusal(WRONG_ARGUMENTS, f"'{name}' needs {what}", self.node.call.span)
        return self.places[index]

    def option(self, name: str, index: int) -> syntax.Expression | None:
        """Return an argument that is given by name or at a place, or not at all."""
        return self.named.get(name) or (self.places[index] if index < len(self.places) else None)

    def value(self, node: syntax.Expression) -> bound.Expression:
        """Return a value of the rows of the input."""
        return expressions.bind_expression(self.context, node, Scope(self.names, self.source.schema))

    def number(self, node: syntax.Expression) -> bound.Expression:
        """Return a value of the rows of the input as a real."""
        value = self.value(node)
        if not value.type.is_numeric and value.type is not T.DYNAMIC:
            raise refusal(WRONG_TYPE, f"a number is expected here, not {value.type}", node.span)
        return convert(value, T.REAL)

    def column(self, node: syntax.Expression) -> Column:
        """Return the column of the table that an argument names."""
        name = node.name if isinstance(node, syntax.NameExpression) else ""
        found = self.table.schema.find_column(name)
        if found is None:
            hint = nearest(name, (column.name for column in self.table.schema.columns))
            raise refusal(UNKNOWN_NAME, f"the lookup table has no column '{name}'", node.span, hint)
        return found

    def flag(self, node: syntax.Expression | None) -> bool:
        """Return a constant truth value; false where there is none."""
        if node is None:
            return False
        value = expressions.bind_as(self.context, node, Scope(self.names), T.BOOL, "this argument")
        if not isinstance(value, bound.Literal):
            raise refusal(WRONG_TYPE, "a constant truth value is expected here", node.span)
        return value.value is True

    def match(
        self, text: str, sought: list[bound.Output], keys: list[Column], *, keeps_all: bool, table_first: bool
    ) -> bound.Join:
        """Return the input joined with the rows of the table that the text finds for each distinct `sought`.

        `keys` are columns of the table that the text knows as `_k0` and on, of which those behind the first are not
        part of the result.
        """
        own = tuple(
            bound.Output(f"_c{index}", bound.ColumnReference(column.name, column.type))
            for index, column in enumerate(self.table.schema.columns)
        )
        known = tuple(
            bound.Output(f"_k{index}", bound.ColumnReference(key.name, key.type))
            for index, key in enumerate(keys)
        )
        tables: dict[str, bound.Operator] = {
            "_values": bound.Summarize(self.source, tuple(sought), (), schema_of(sought)),
            "_table": project_columns(self.table, (*own, *known)),
        }
        found = bind_text(self.context, text, tables, {}, self.node.span)
        pairs = tuple(
            (output.value, bound.ColumnReference(output.name, output.value.type)) for output in sought
        )
        left = [
            bound.JoinOutput(column.name, column.name, is_left=True) for column in self.source.schema.columns
        ]
        taken = {output.name for output in left}
        hidden = {key.name for key in keys[1:]}
        right: list[bound.JoinOutput] = []
        for output, column in zip(own, self.table.schema.columns, strict=True):
            if column.name not in hidden:
                right.append(bound.JoinOutput(unique(column.name, taken), output.name, is_left=False))
                taken.add(right[-1].name)
        outputs = (*right, *left) if table_first else (*left, *right)
        columns = tuple(
            _column(output, self.source.schema if output.is_left else found.schema) for output in outputs
        )
        kind = "leftouter" if keeps_all else "inner"
        return bound.Join(kind, self.source, found, pairs, outputs, RowSchema(columns))


def _column(output: bound.JoinOutput, schema: RowSchema) -> Column:
    found = schema.find_column(output.source)
    assert found is not None
    return Column(output.name, found.type)


def _open(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope, *known: str
) -> _Lookup:
    arguments, name = node.call.arguments, node.call.name.text
    if not arguments or arguments[0].name is not None:
        raise refusal(WRONG_ARGUMENTS, f"'{name}' needs the lookup table", node.call.span)
    named: dict[str, syntax.Expression] = {}
    for argument in arguments:
        if argument.name is not None:
            if argument.name.text not in known:
                hint = nearest(argument.name.text, known)
                message = f"'{name}' has no place for '{argument.name.text}'"
                raise refusal(WRONG_ARGUMENTS, message, argument.span, hint)
            named[argument.name.text] = argument.value
    table = pipeline.bind_tabular(context, arguments[0].value, names)
    places = [argument.value for argument in arguments[1:] if argument.name is None]
    return _Lookup(context, node, source, names, table, places, named)


def bind_ip_lookup(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Join:
    """Return the rows, each with the ranges of the table that its address is in (PLUG-12)."""
    call = _open(context, node, source, names, "return_unmatched")
    is_ipv4 = node.call.name.text == "ipv4_lookup"
    address = convert(call.value(call.argument(0, "the column of the addresses")), T.STRING)
    keys = [call.column(call.argument(1, "the column of the ranges"))]
    extra = call.places[2:]
    keeps_all = call.named.get("return_unmatched")
    if extra and not isinstance(extra[-1], syntax.NameExpression):
        keeps_all = extra.pop()
    if extra and not is_ipv4:
        raise refusal(WRONG_ARGUMENTS, f"'{node.call.name.text}' takes no more columns", extra[0].span)
    sought = [bound.Output("_value", address)]
    for index, item in enumerate(extra, 1):
        keys.append(call.column(item))
        sought.append(bound.Output(f"_k{index}", _aligned(call.value(item), keys[-1], item)))
    text = (_BY_IPV4 if is_ipv4 else _BY_IPV6).format(extra="".join(f", _k{i}" for i in range(1, len(keys))))
    return call.match(text, sought, keys, keeps_all=call.flag(keeps_all), table_first=not is_ipv4)


def _aligned(value: bound.Expression, key: Column, node: syntax.Expression) -> bound.Expression:
    if value.type is not key.type and not (value.type.is_numeric and key.type.is_numeric):
        message = f"'{key.name}' is of type {key.type} in the lookup table, and here {value.type}"
        raise refusal(WRONG_TYPE, message, node.span)
    return convert(value, key.type)


def bind_geo_lookup(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the rows, each with the shapes of the table that its place is in, or near enough to (PLUG-13)."""
    options = ("radius", "return_unmatched", "lookup_area_radius", "return_lookup_key")
    call = _open(context, node, source, names, *options)
    first, *rest = (call.argument(index, "the shapes, the longitude and the latitude") for index in range(3))
    key = call.column(first)
    if key.type is not T.DYNAMIC:
        raise refusal(WRONG_TYPE, f"shapes are dynamic values, not {key.type}", first.span)
    radius, keeps_all, _, keeps_key = (call.option(name, 3 + index) for index, name in enumerate(options))
    shape = "polygon" if node.call.name.text == "geo_polygon_lookup" else "line"
    condition = "geo_point_in_polygon(_longitude, _latitude, _k0)"
    sought = [
        bound.Output(name, call.number(item))
        for name, item in zip(("_longitude", "_latitude"), rest, strict=True)
    ]
    if radius is not None:
        sought.append(bound.Output("_radius", call.number(radius)))
        condition = f"geo_distance_point_to_{shape}(_longitude, _latitude, _k0) <= _radius"
    elif shape == "line":
        raise refusal(WRONG_ARGUMENTS, "'geo_line_lookup' needs the radius", node.call.span)
    text = _BY_PLACE.format(condition=condition)
    joined = call.match(text, sought, [key], keeps_all=call.flag(keeps_all), table_first=False)
    if call.flag(keeps_key):
        return joined
    place = len(source.schema.columns) + call.table.schema.columns.index(key)
    kept = (*joined.schema.columns[:place], *joined.schema.columns[place + 1 :])
    return project_columns(joined, tuple(map(reference, kept)))
