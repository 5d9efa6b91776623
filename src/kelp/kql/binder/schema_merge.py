"""The plugin `schema_merge`: one schema out of several, as `getschema` shows them (PLUG-16)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder.getschema import DOTNET_NAMES
from kelp.kql.binder.plugin_arguments import arguments_of, constant_of
from kelp.kql.binder.plugin_text import bind_text
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

_TEXT = """
let _within = (_types: dynamic, _wider: dynamic) { array_length(set_difference(_types, _wider)) == 0 };
_rows
| summarize _low = min(ColumnOrdinal), _high = max(ColumnOrdinal), _types = make_set(ColumnType) by ColumnName
| extend _type = case(
    array_length(_types) == 1, tostring(_types[0]),
    _within(_types, dynamic(["int", "long"])), "long",
    _within(_types, dynamic(["int", "long", "real"])), "real",
    _within(_types, dynamic(["int", "long", "real", "decimal"])), "decimal",
    strcat("ERROR(types have nothing in common: ", strcat_array(array_sort_asc(_types), ", "), ")"))
| extend _type = iff(_in_order and _low != _high, "ERROR(columns are out of order)", _type)
| extend _is_wrong = _type startswith "ERROR("
| sort by _is_wrong asc, _high asc, _low asc, ColumnName asc
| project ColumnName, ColumnOrdinal = iff(_is_wrong, toint(-1), toint(row_number(0))),
    DataType = iff(_is_wrong, strcat("ERROR(unknown CSL type:", _type, ")"), tostring(_names[_type])),
    ColumnType = _type
"""


def bind_schema_merge(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return a row for each column; one without a common type or place says so in place of its type."""
    given = arguments_of(node.call, ("PreserveOrder",), required=0)
    in_order = constant_of(context, given["PreserveOrder"], T.BOOL, names) if given else True
    values = {
        "_in_order": bound.Literal(T.BOOL, in_order is True),
        "_names": bound.Literal(T.DYNAMIC, json.dumps(DOTNET_NAMES)),
    }
    return bind_text(context, _TEXT, {"_rows": source}, values, node.span)
