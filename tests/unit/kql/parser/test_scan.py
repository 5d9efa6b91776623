from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | scan with (step a: true;)", "T\n| scan with (step a: true;)"),
        (
            'T | scan with_match_id=m order by t desc partition by u, v declare (x: long = 0, y: string) with (step s1 optional output=last: a > s1.x => x = 1, y = "z"; step s2: b;)',
            'T\n| scan with_match_id=m order by t desc partition by u, v declare (x: long = 0, y: string) with (step s1 optional output=last: a > s1.x => x = 1, y = "z"; step s2: b;)',
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | scan with (step a «true»)", "expected `:`", None),
        ("T | scan with (step a output=«x»: b)", "`all`, `last` or `none`", None),
        ("T | scan order «a» with (step b: c;)", "expected `by` after `order`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
