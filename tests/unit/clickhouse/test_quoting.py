from __future__ import annotations

import pytest

from kelp.clickhouse.quoting import quote_identifier, quote_string, quote_strings


@pytest.mark.parametrize(
    "text, literal",
    [
        ("", "''"),
        ("it's", "'it\\'s'"),
        ("a\\b", "'a\\\\b'"),
        ("\0\b\f\n\r\t", "'\\0\\b\\f\\n\\r\\t'"),
        ('`"😀', "'`\"😀'"),
    ],
)
def test_a_text_becomes_a_literal(text: str, literal: str) -> None:
    assert quote_string(text) == literal


def test_texts_become_an_array() -> None:
    assert quote_strings(["a", "b'"]) == "['a', 'b\\'']"
    assert quote_strings([]) == "[]"


def test_a_name_becomes_an_identifier() -> None:
    assert quote_identifier("a`b'c\\d\n") == "`a\\`b'c\\\\d\\n`"


def test_what_has_no_utf8_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        quote_string("\ud800")
    with pytest.raises(UnicodeEncodeError):
        quote_identifier("\ud800")


def test_a_name_is_not_empty() -> None:
    with pytest.raises(ValueError, match="at least one"):
        quote_identifier("")
