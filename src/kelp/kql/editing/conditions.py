"""The condition, or the operator, that an action on a cell stands for."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from enum import StrEnum

from kelp.kql.editing.spelling import (
    CellValue,
    NotOfType,
    is_json,
    spell_name,
    spell_place,
    spell_text,
    spell_value,
)
from kelp.kql.types import ScalarType as T

_ORDERED = (T.INT, T.LONG, T.REAL, T.DECIMAL, T.DATETIME, T.TIMESPAN)
_CONVERSIONS = {
    T.STRING: "tostring",
    T.BOOL: "tobool",
    T.INT: "toint",
    T.LONG: "tolong",
    T.REAL: "toreal",
    T.DECIMAL: "todecimal",
    T.DATETIME: "todatetime",
    T.TIMESPAN: "totimespan",
    T.GUID: "toguid",
}
_NO_NAME = re.compile(r"\W+")


class CellAction(StrEnum):
    """What to do with the value of a cell."""

    FILTER_TO = "filterTo"
    FILTER_OUT = "filterOut"
    CONTAINS = "contains"
    HAS = "has"
    BEFORE = "before"
    AFTER = "after"
    EXTEND = "extend"
    COUNT_BY = "countBy"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in a result: of a column, or of what lies under a path in a dynamic one.

    `value` is text as a result in JSON has it (times also as numbers of ticks), a number or a truth value; None is
    null. `type` is that of the value; of a dynamic one `value` is the text of its JSON.
    """

    column: str
    path: tuple[str | int, ...]
    value: CellValue | None
    type: T

    @property
    def place(self) -> str:
        """The value's place in a row."""
        return spell_place(self.column, self.path)


def write_operators(action: CellAction, cell: Cell) -> tuple[str, ...]:
    """Return what is to be put behind pipes. Raises `NotOfType` where it makes no sense."""
    match action:
        case CellAction.EXTEND:
            name = _NO_NAME.sub("_", "_".join([cell.column, *map(str, cell.path)])) or "value"
            return (f"extend {spell_name(name)} = {_typed_place(cell)}",)
        case CellAction.COUNT_BY:
            by = f"tostring({cell.place})" if cell.type is T.DYNAMIC else _typed_place(cell)
            named = by if by == cell.place else f"{spell_name(_leaf_name(cell))} = {by}"
            return f"summarize count_ = count() by {named}", "sort by count_ desc"
        case _:
            return (f"where {_write_condition(action, cell)}",)


def _leaf_name(cell: Cell) -> str:
    return _NO_NAME.sub("_", str(cell.path[-1] if cell.path else cell.column)) or "value"


def _typed_place(cell: Cell) -> str:
    """Return the value's place; what lies in a dynamic column as the type that the value has."""
    if not cell.path or cell.type is T.DYNAMIC:
        return cell.place
    return f"{_CONVERSIONS[cell.type]}({cell.place})"


def _write_condition(action: CellAction, cell: Cell) -> str:
    match action:
        case CellAction.FILTER_TO:
            return _write_equality(cell, is_equal=True)
        case CellAction.FILTER_OUT:
            return _write_equality(cell, is_equal=False)
        case CellAction.CONTAINS | CellAction.HAS:
            text = _text_of(cell)
            place = _typed_place(cell) if cell.type is T.STRING else f"tostring({cell.place})"
            return f"{place} {action.value} {spell_text(text)}"
        case CellAction.BEFORE | CellAction.AFTER:
            if cell.type not in _ORDERED or cell.value is None:
                raise NotOfType(
                    f"a {cell.type.value} that is null, or has no order, has nothing before or after it"
                )
            sign = "<" if action is CellAction.BEFORE else ">"
            return f"{_typed_place(cell)} {sign} {spell_value(cell.value, cell.type)}"
        case _:
            raise AssertionError(action)


def _text_of(cell: Cell) -> str:
    text = "" if cell.value is None else str(cell.value)
    if isinstance(cell.value, bool):
        text = text.lower()
    if cell.type is T.DYNAMIC and is_json(text):
        held = json.loads(text)
        text = held if isinstance(held, str) else text
    if not text:
        raise NotOfType("an empty value is in every text")
    return text


def _write_equality(cell: Cell, *, is_equal: bool) -> str:
    place, value = _typed_place(cell), cell.value
    if cell.type is T.STRING:
        if value is None or value == "":
            return f"{'isempty' if is_equal else 'isnotempty'}({place})"
        return f"{place} {'==' if is_equal else '!='} {spell_text(str(value))}"
    if value is None:
        return f"{'isnull' if is_equal else 'isnotnull'}({cell.place})"
    if cell.type is T.DYNAMIC:
        return _write_dynamic_equality(cell, is_equal=is_equal)
    if cell.type is T.REAL and _is_nan(value):
        # Null is no NaN, and stays.
        return f"isnan({place})" if is_equal else f"not(isnan({place})) or isnull({place})"
    return f"{place} {'==' if is_equal else '!='} {spell_value(value, cell.type)}"


def _is_nan(value: CellValue) -> bool:
    try:
        return math.isnan(float(value))
    except ValueError:
        return False


def _write_dynamic_equality(cell: Cell, *, is_equal: bool) -> str:
    """Values that hold others are compared by their JSON, which Kelp writes the same way on both sides."""
    text = str(cell.value)
    if not is_json(text):
        raise NotOfType(f"{text[:60]!r} is no JSON")
    held = json.loads(text)
    if held is None:
        return f"{'isnull' if is_equal else 'isnotnull'}({cell.place})"
    other = spell_text(held) if isinstance(held, str) else f"tostring(dynamic({text}))"
    return f"tostring({cell.place}) {'==' if is_equal else '!='} {other}"
