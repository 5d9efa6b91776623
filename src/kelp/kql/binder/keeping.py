"""Which rows are computed once, where several statements of one query read them.

What is read again is the same again where each row depends on one stored row alone, without chance; and then reading it
is cheap. All else is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext

_CHANCE = frozenset({"rand", "new_guid"})


def keep_rows(context: BindContext, operator: bound.Operator) -> bound.Operator:
    """Return rows that are the same for all that reads them."""
    if _is_plain(operator):
        return operator
    return bound.KeptRows(context.unique_name("kept"), operator)


def _is_plain(operator: bound.Operator) -> bool:
    match operator:
        case bound.TableScan() | bound.Rows() | bound.RangeRows() | bound.KeptRows():
            return True
        case bound.Where():
            return _are_plain([operator.predicate]) and _is_plain(operator.input)
        case bound.Extend() | bound.Project():
            return _are_plain(output.value for output in operator.outputs) and _is_plain(operator.input)
        case bound.Shared(is_materialized=False) | bound.Serialize() | bound.Parse():
            return _is_plain(operator.input)
        case bound.Union():
            return all(map(_is_plain, operator.inputs))
        case _:
            return False


def _are_plain(expressions: Iterable[bound.Expression]) -> bool:
    return all(map(_is_plain_value, expressions))


def _is_plain_value(value: bound.Expression) -> bool:
    match value:
        case bound.Literal() | bound.ColumnReference():
            return True
        case bound.Call():
            return value.function not in _CHANCE and _are_plain(value.arguments)
        case _:
            return False
