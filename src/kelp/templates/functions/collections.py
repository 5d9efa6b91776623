"""Functions over arrays and objects."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cmp_to_key
from types import MappingProxyType
from typing import Any

from kelp.templates.errors import ExpressionError
from kelp.templates.functions.arguments import (
    describe_scalar,
    list_at,
    number_at,
    object_at,
    refuse,
    text_at,
)
from kelp.templates.functions.contract import Arguments, Function
from kelp.templates.scope import find_named

_MAXIMUM_RANGE = 10_000


def _array(given: Arguments) -> list[Any]:
    value = given.values[0]
    return value if isinstance(value, list) else [value]


def _contains(given: Arguments) -> bool:
    container, item = given.values
    match container:
        case list():
            return any(_is_same(one, item) for one in container)
        case dict():
            return str(item).lower() in {name.lower() for name in container}
        case str():
            return describe_scalar(item) in container
        case _:
            return refuse(given, 0, "an array, an object or a string")


def _is_same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and bool(left == right)


def _create_object(given: Arguments) -> dict[str, Any]:
    if len(given.values) % 2:
        raise ExpressionError(
            "'createObject' takes names and values in turn, so an even number of arguments."
        )
    return {text_at(given, place): given.values[place + 1] for place in range(0, len(given.values), 2)}


def _empty(given: Arguments) -> bool:
    value = given.values[0]
    if value is None:
        return True
    return (
        not value
        if isinstance(value, list | dict | str)
        else refuse(given, 0, "an array, an object or a string")
    )


def _length(given: Arguments) -> int:
    value = given.values[0]
    return (
        len(value)
        if isinstance(value, list | dict | str)
        else refuse(given, 0, "an array, an object or a string")
    )


def _sequence(given: Arguments) -> Any:
    value = given.values[0]
    return value if isinstance(value, list | str) else refuse(given, 0, "an array or a string")


def _first(given: Arguments) -> Any:
    found = _sequence(given)
    return found[0] if found else ("" if isinstance(found, str) else None)


def _last(given: Arguments) -> Any:
    found = _sequence(given)
    return found[-1] if found else ("" if isinstance(found, str) else None)


def _skip(given: Arguments) -> Any:
    return _sequence(given)[max(number_at(given, 1), 0) :]


def _take(given: Arguments) -> Any:
    return _sequence(given)[: max(number_at(given, 1), 0)]


def _union(given: Arguments) -> Any:
    if all(isinstance(value, list) for value in given.values):
        found: list[Any] = []
        for value in given.values:
            found += [item for item in value if not any(_is_same(item, one) for one in found)]
        return found
    merged: dict[str, Any] = {}
    for position in range(len(given.values)):
        merged = merge_objects(merged, object_at(given, position))
    return merged


def merge_objects(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of both, of which the second's win; objects in both are merged the same way."""
    merged = dict(first)
    for name, value in second.items():
        known = merged.get(name)
        merged[name] = (
            merge_objects(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
        )
    return merged


def _intersection(given: Arguments) -> Any:
    if isinstance(given.values[0], list):
        others = [list_at(given, position) for position in range(1, len(given.values))]
        found: list[Any] = []
        for item in given.values[0]:
            if all(any(_is_same(item, one) for one in other) for other in others) and item not in found:
                found.append(item)
        return found
    objects = [object_at(given, position) for position in range(len(given.values))]
    return {
        name: value
        for name, value in objects[0].items()
        if all(name in other and _is_same(other[name], value) for other in objects[1:])
    }


def _items(given: Arguments) -> list[dict[str, Any]]:
    return [{"key": name, "value": value} for name, value in sorted(object_at(given, 0).items())]


def _range(given: Arguments) -> list[int]:
    first, count = number_at(given, 0), number_at(given, 1)
    if not 0 <= count <= _MAXIMUM_RANGE:
        raise ExpressionError(
            f"The second argument of 'range' must be from 0 to {_MAXIMUM_RANGE}, not {count}."
        )
    return list(range(first, first + count))


def _flatten(given: Arguments) -> list[Any]:
    return [item for part in list_at(given, 0) for item in (part if isinstance(part, list) else [part])]


def _shallow_merge(given: Arguments) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in list_at(given, 0):
        if not isinstance(part, dict):
            refuse(given, 0, "an array of objects")
        merged |= part
    return merged


def _try_get(given: Arguments) -> Any:
    value = given.values[0]
    for key in given.values[1:]:
        match value, key:
            case dict(), str():
                try:
                    value = find_named(value, key)
                except KeyError:
                    return None
            case list(), int() if 0 <= key < len(value):
                value = value[key]
            case _:
                return None
    return value


def _map(given: Arguments) -> list[Any]:
    return [given.apply(given.values[1], (item, index)) for index, item in enumerate(list_at(given, 0))]


def _filter(given: Arguments) -> list[Any]:
    return [item for index, item in enumerate(list_at(given, 0)) if _is_true(given, (item, index))]


def _reduce(given: Arguments) -> Any:
    value = given.values[1]
    for index, item in enumerate(list_at(given, 0)):
        value = given.apply(given.values[2], (value, item, index))
    return value


def _sort(given: Arguments) -> list[Any]:
    def compare(left: Any, right: Any) -> int:
        return -1 if _is_true(given, (left, right)) else 1 if _is_true(given, (right, left)) else 0

    return sorted(list_at(given, 0), key=cmp_to_key(compare))


def _to_object(given: Arguments) -> dict[str, Any]:
    made = {}
    for item in list_at(given, 0):
        name = given.apply(given.values[1], (item,))
        if not isinstance(name, str):
            refuse(given, 1, "a lambda that gives a string")
        made[name] = given.apply(given.values[2], (item,)) if len(given.values) > 2 else item
    return made


def _is_true(given: Arguments, values: tuple[Any, ...]) -> bool:
    result = given.apply(given.values[1], values)
    return result if isinstance(result, bool) else refuse(given, 1, "a lambda that gives a bool")


COLLECTION_FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "array": Function(1, 1, _array),
        "contains": Function(2, 2, _contains),
        "createarray": Function(0, None, lambda given: list(given.values)),
        "createobject": Function(0, None, _create_object),
        "empty": Function(1, 1, _empty),
        "filter": Function(2, 2, _filter),
        "first": Function(1, 1, _first),
        "flatten": Function(1, 1, _flatten),
        "intersection": Function(2, None, _intersection),
        "items": Function(1, 1, _items),
        "last": Function(1, 1, _last),
        "length": Function(1, 1, _length),
        "map": Function(2, 2, _map),
        "objectkeys": Function(1, 1, lambda given: sorted(object_at(given, 0))),
        "range": Function(2, 2, _range),
        "reduce": Function(3, 3, _reduce),
        "shallowmerge": Function(1, 1, _shallow_merge),
        "skip": Function(2, 2, _skip),
        "sort": Function(2, 2, _sort),
        "take": Function(2, 2, _take),
        "toobject": Function(2, 3, _to_object),
        "tryget": Function(2, None, _try_get),
        "union": Function(1, None, _union),
    }
)
"""By lower-case name."""
