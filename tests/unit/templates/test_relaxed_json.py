"""Texts as people and `az` write them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.templates.errors import ExpressionError
from kelp.templates.relaxed_json import decode_relaxed

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.sampled_from([None, 2]))
def test_what_is_json_is_read_as_such(value: Any, indent: int | None) -> None:
    assert decode_relaxed(json.dumps(value, indent=indent)) == value
    assert decode_relaxed(json.dumps(value, indent=indent, ensure_ascii=False)) == value


def test_what_people_write() -> None:
    text = """{ // a comment with a "quote" and an it's
      template: {a: 'one "two"', "b": [1, 2,], /* more */ "url": "https://x//y",
      "text": "over
two lines", 'it\\'s': null, },
    }"""
    assert decode_relaxed(text) == {
        "template": {
            "a": 'one "two"',
            "b": [1, 2],
            "url": "https://x//y",
            "text": "over\ntwo lines",
            "it's": None,
        }
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1,\n "b": #}', "Unexpected '#' at line 2, position 6"),
        ('{"a": 1,\n "b" 2}', "Expecting ':' delimiter at line 2, position 5"),
        ('{"a": 1', "Expecting ',' delimiter at line 1, position 7"),
        ("", "Expecting value at line 1, position 0"),
    ],
)
def test_a_mistake_has_a_place(text: str, told: str) -> None:
    with pytest.raises(ExpressionError, match=told):
        decode_relaxed(text)
