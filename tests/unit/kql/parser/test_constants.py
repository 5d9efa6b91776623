from __future__ import annotations

import pytest

from kelp.kql.syntax import Literal
from kelp.kql.types import ScalarType
from tests.unit.kql.parser.reading import assert_refuses, read_value


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("5", ScalarType.LONG, 5),
        ("0x10", ScalarType.LONG, 16),
        ("1.5", ScalarType.REAL, 1.5),
        ("1d", ScalarType.TIMESPAN, 864_000_000_000),
        ("true", ScalarType.BOOL, True),
        ("FALSE", ScalarType.BOOL, False),
        ("'a'", ScalarType.STRING, "a"),
        ("'a' @'b' ```c```", ScalarType.STRING, "abc"),
        ("74BE27DE-1e4e-49d9-b579-fe0b331d3642", ScalarType.GUID, "74be27de-1e4e-49d9-b579-fe0b331d3642"),
        ("int(-5)", ScalarType.INT, -5),
        ("int32(5)", ScalarType.INT, 5),
        ("long(5)", ScalarType.LONG, 5),
        ("real(1)", ScalarType.REAL, 1.0),
        ("double(1)", ScalarType.REAL, 1.0),
        ("decimal(1.50)", ScalarType.DECIMAL, "1.50"),
        ("bool(1)", ScalarType.BOOL, True),
        ("datetime(1970-01-02)", ScalarType.DATETIME, 864_000_000_000),
        ("date(1970-01-02)", ScalarType.DATETIME, 864_000_000_000),
        ("timespan( 2h )", ScalarType.TIMESPAN, 72_000_000_000),
        ("time(1.00:00:00)", ScalarType.TIMESPAN, 864_000_000_000),
        ("guid(74be27de1e4e49d9b579fe0b331d3642)", ScalarType.GUID, "74be27de-1e4e-49d9-b579-fe0b331d3642"),
        ("dynamic([1,  2])", ScalarType.DYNAMIC, "[1,  2]"),
        ("int(null)", ScalarType.INT, None),
        ("datetime(null)", ScalarType.DATETIME, None),
        ("dynamic(null)", ScalarType.DYNAMIC, None),
    ],
)
def test_values(text: str, kind: ScalarType, value: float | str | None) -> None:
    literal = read_value(text)
    assert isinstance(literal, Literal)
    assert (literal.type, literal.value, literal.span.end) == (kind, value, len(text))


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("print «datetime»(now())", "expected a constant in `datetime(...)`", "todatetime"),
        ("print «9223372036854775808»", "is no long constant", "tolong"),
        ("print «decimal»(a(1))", "expected a constant in `decimal(...)`", "todecimal"),
    ],
)
def test_refuses(marked: str, message: str, hint: str) -> None:
    assert_refuses(marked, message, hint)
