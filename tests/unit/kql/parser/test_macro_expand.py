from __future__ import annotations

import pytest

from kelp.kql.syntax import Let, MacroExpand, QueryStatement
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_source


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            'macro-expand entity_group [cluster("a").database("b"), c] as X (let y = 1; X.T | where z == y)',
            'macro-expand entity_group [cluster("a").database("b"), c] as X (let y = 1; X.T | where z == y)',
        ),
        ("macro-expand isfuzzy=true G as X (X.T)", "macro-expand isfuzzy=true G as X (X.T)"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("macro-expand G «X» (X.T)", "expected `as`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_the_body_is_a_block() -> None:
    source = read_source("macro-expand G as X (let y = 1; X.T | take y) | count")
    assert isinstance(source, MacroExpand)
    assert [type(one) for one in source.body.statements] == [Let, QueryStatement]
