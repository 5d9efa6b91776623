from __future__ import annotations

import json

import pytest

from kelp.kql.parser import parse
from kelp.kql.syntax import Literal
from kelp.kql.types import ScalarType
from tests.unit.kql.parser.reading import assert_refuses, read_value


def read_dynamic(content: str) -> str | None:
    literal = read_value(f"dynamic({content})")
    assert isinstance(literal, Literal)
    assert literal.type is ScalarType.DYNAMIC
    assert literal.value is None or isinstance(literal.value, str)
    return literal.value


@pytest.mark.parametrize(
    "text", ['{"a": 1,"a":2}', "[1.0, 2e5,\n null]", '"x"', "true", "[]", "12345678901234567890"]
)
def test_json_is_kept_as_it_came(text: str) -> None:
    assert read_dynamic(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("['a', \"b\"]", '["a","b"]'),
        ("{'a': 'b\"c'}", '{"a":"b\\"c"}'),
        ("{'a': [1, -2.5, 1.], 'b': {}}", '{"a":[1,-2.5,1.0],"b":{}}'),
        ("[@'a\\b', 'x' 'y']", '["a\\\\b","xy"]'),
        ("[datetime(2020-01-01), 1h, datetime(null)]", '["2020-01-01T00:00:00.0000000Z","01:00:00",null]'),
        ("[int(5), real(nan), decimal(1.5), bool(true)]", '[5,"NaN","1.5",true]'),
        (
            "[guid(74be27de-1e4e-49d9-b579-fe0b331d3642), true, null]",
            '["74be27de-1e4e-49d9-b579-fe0b331d3642",true,null]',
        ),
        ("['a', dynamic([1, 'b']), dynamic(null)]", '["a",[1,"b"],null]'),
        ("['a', dynamic([1,  2])]", '["a",[1,  2]]'),
        ("'é'", '"é"'),
        ("datetime(null)", None),
    ],
)
def test_other_spellings_become_json(text: str, expected: str | None) -> None:
    value = read_dynamic(text)
    assert value == expected
    if value is not None:
        json.loads(value)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("print dynamic(«a»)", "expected a JSON value", "bag_pack()"),
        ("print dynamic(['a', «f»(1)])", "expected a JSON value", "pack_array()"),
        ("print dynamic({«a»: 1})", "expected a property name in quotes", None),
        ("print dynamic({'a' «1»})", "expected `:` after the property name", None),
        ("print dynamic([1, 2«)»", "expected `]`", "close the `[`"),
        ("print dynamic([1,«]»)", "expected a JSON value", None),
        ("print dynamic({'a': 1,«}»)", "expected a property name", None),
        ("print dynamic({'a' «'b'»: 1})", "expected `:`", None),
        ("print dynamic(- «'a'»)", "expected a number after `-`", None),
        ("print dynamic([«NaN»])", "expected a JSON value", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_deep_json_is_read_or_refused_but_never_fails() -> None:
    for depth in (50, 500, 5000):
        parse(f"print dynamic({'[' * depth}{']' * depth})")
