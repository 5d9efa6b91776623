"""Functions over strings. Those that compare do not mind case, as in Azure, unless it is said."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote, urljoin
from uuid import UUID, uuid5

from kelp.templates.errors import ExpressionError
from kelp.templates.functions.arguments import (
    describe_scalar,
    list_at,
    number_at,
    refuse,
    text_at,
    texts_of,
)
from kelp.templates.functions.contract import Arguments, Function
from kelp.templates.functions.murmur import unique_text

_GUID_NAMESPACE = UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")
"""That of Azure's `guid`; cf. "String functions for ARM templates"."""
_HOLE = re.compile(r"\{\{|\}\}|\{(?P<index>\d+)(?:,(?P<width>-?\d+))?(?::(?P<form>[^{}]*))?\}|[{}]")
_PADDED = re.compile(r"[Dd](\d*)")
_HEXADECIMAL = re.compile(r"([Xx])(\d*)")


def _concat(given: Arguments) -> Any:
    if all(isinstance(value, list) for value in given.values):
        return [item for value in given.values for item in value]
    for position, value in enumerate(given.values):
        if isinstance(value, list | dict):
            refuse(given, position, "a string, a number or a bool, or all must be arrays")
    return "".join(map(describe_scalar, given.values))


def _format(given: Arguments) -> str:
    values = given.values[1:]

    def fill(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if found["index"] is None:
            raise ExpressionError(f"'{found[0]}' stands alone in the text of 'format'; write it twice.")
        index = int(found["index"])
        if index >= len(values):
            raise ExpressionError(
                f"The text of 'format' asks for {{{index}}}, but there are {len(values)} values."
            )
        text = _format_value(values[index], found["form"] or "")
        width = int(found["width"] or 0)
        return text.ljust(-width) if width < 0 else text.rjust(width)

    return _HOLE.sub(fill, text_at(given, 0))


def _format_value(value: Any, form: str) -> str:
    if not form:
        return describe_scalar(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if found := _PADDED.fullmatch(form):
            return f"{value:0{int(found[1] or 1) + (value < 0)}d}"
        if found := _HEXADECIMAL.fullmatch(form):
            return f"{value:0{int(found[2] or 1)}{found[1]}}"
        if set(form) == {"0"}:
            return f"{value:0{len(form) + (value < 0)}d}"
        if form.upper() in ("N", "N0"):
            return f"{value:,}"
    raise ExpressionError(
        f"'{form}' is not a format that 'format' has here: D, X, N0 or zeros, of whole numbers."
    )


def _index_of(given: Arguments) -> int:
    if isinstance(given.values[0], list):
        return given.values[0].index(given.values[1]) if given.values[1] in given.values[0] else -1
    return text_at(given, 0).lower().find(text_at(given, 1).lower())


def _last_index_of(given: Arguments) -> int:
    if isinstance(given.values[0], list):
        found = [index for index, item in enumerate(given.values[0]) if item == given.values[1]]
        return found[-1] if found else -1
    return text_at(given, 0).lower().rfind(text_at(given, 1).lower())


def _split(given: Arguments) -> list[str]:
    marks = given.values[1]
    wanted = [marks] if isinstance(marks, str) else list_at(given, 1)
    if not all(isinstance(mark, str) for mark in wanted):
        refuse(given, 1, "a string or an array of strings")
    pattern = "|".join(re.escape(mark) for mark in sorted(wanted, key=len, reverse=True) if mark)
    return re.split(pattern, text_at(given, 0)) if pattern else [text_at(given, 0)]


def _substring(given: Arguments) -> str:
    text, start = text_at(given, 0), number_at(given, 1)
    length = number_at(given, 2, len(text) - start)
    if start < 0 or length < 0 or start + length > len(text):
        raise ExpressionError(
            f"'substring' asks for {length} characters from {start} on of a string of {len(text)}."
        )
    return text[start : start + length]


def _pad_left(given: Arguments) -> str:
    value, fill = given.values[0], text_at(given, 2, " ")
    if len(fill) != 1:
        refuse(given, 2, "one character")
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else text_at(given, 0)
    return text.rjust(number_at(given, 1), fill)


def _guid(given: Arguments) -> str:
    return str(uuid5(_GUID_NAMESPACE, "-".join(texts_of(given))))


def _new_guid(given: Arguments) -> str:
    if not given.scope.is_default:
        raise ExpressionError("'newGuid' can be used in the default value of a parameter only.")
    return given.scope.place.new_guid()


def _from_base64(given: Arguments) -> str:
    try:
        return base64.b64decode(text_at(given, 0), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ExpressionError(f"The argument of '{given.function}' is not text in base64.") from error


def _from_data_uri(given: Arguments) -> str:
    found = re.fullmatch(r"data:[^,]*?(;base64)?,(.*)", text_at(given, 0), re.DOTALL)
    if found is None:
        raise ExpressionError("The argument of 'dataUriToString' is not a data URI.")
    return base64.b64decode(found[2]).decode() if found[1] else unquote(found[2])


def _json(given: Arguments) -> Any:
    return parse_json(text_at(given, 0), given.function)


def parse_json(text: str, function: str) -> Any:
    """Return the value of a JSON text. Raises `ExpressionError`."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise ExpressionError(f"The argument of '{function}' is not JSON: {error}.") from error


def _string(given: Arguments) -> str:
    value = given.values[0]
    return value if isinstance(value, str) else describe_scalar(value)


def _join(given: Arguments) -> str:
    return text_at(given, 1).join(map(describe_scalar, list_at(given, 0)))


def _data_uri(given: Arguments) -> str:
    packed = base64.b64encode(text_at(given, 0).encode()).decode()
    return f"data:text/plain;charset=utf8;base64,{packed}"


TEXT_FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "base64": Function(1, 1, lambda given: base64.b64encode(text_at(given, 0).encode()).decode()),
        "base64tostring": Function(1, 1, _from_base64),
        "base64tojson": Function(1, 1, lambda given: parse_json(_from_base64(given), given.function)),
        "concat": Function(1, None, _concat),
        "datauri": Function(1, 1, _data_uri),
        "datauritostring": Function(1, 1, _from_data_uri),
        "endswith": Function(
            2, 2, lambda given: text_at(given, 0).lower().endswith(text_at(given, 1).lower())
        ),
        "format": Function(1, None, _format),
        "guid": Function(1, None, _guid),
        "indexof": Function(2, 2, _index_of),
        "join": Function(2, 2, _join),
        "json": Function(1, 1, _json),
        "lastindexof": Function(2, 2, _last_index_of),
        "newguid": Function(0, 0, _new_guid),
        "padleft": Function(2, 3, _pad_left),
        "replace": Function(
            3, 3, lambda given: text_at(given, 0).replace(text_at(given, 1), text_at(given, 2))
        ),
        "split": Function(2, 2, _split),
        "startswith": Function(
            2, 2, lambda given: text_at(given, 0).lower().startswith(text_at(given, 1).lower())
        ),
        "string": Function(1, 1, _string),
        "substring": Function(2, 3, _substring),
        "tolower": Function(1, 1, lambda given: text_at(given, 0).lower()),
        "toupper": Function(1, 1, lambda given: text_at(given, 0).upper()),
        "trim": Function(1, 1, lambda given: text_at(given, 0).strip()),
        "uniquestring": Function(1, None, lambda given: unique_text(texts_of(given))),
        "uri": Function(2, 2, lambda given: urljoin(text_at(given, 0), text_at(given, 1))),
        "uricomponent": Function(1, 1, lambda given: quote(text_at(given, 0), safe="~()*!.'")),
        "uricomponenttostring": Function(1, 1, lambda given: unquote(text_at(given, 0))),
    }
)
"""By lower-case name."""
