from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses

FAMILY = (
    "project",
    "project-away",
    "project-keep",
    "project-rename",
    "project-reorder",
    "project-by-names",
)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('T | project a, b = c + 1, d.e["f g"]', 'T\n| project a, b = c + 1, d.e["f g"]'),
        *((f"T | {word}", f"T\n| {word}") for word in FAMILY),
        ("T | project-away a, b*, *c, d*e*", "T\n| project-away a, b*, *c, d*e*"),
        ("T | project-keep *", "T\n| project-keep *"),
        ('T | project-rename a = b, ["c d"] = e', 'T\n| project-rename a = b, ["c d"] = e'),
        (
            "T | project-reorder a, b* asc, * granny-desc, c desc, d granny-asc",
            "T\n| project-reorder a, b* asc, * granny-desc, c desc, d granny-asc",
        ),
        (
            'T | project-by-names "a", f(b), dynamic(["c"]), d*',
            'T\n| project-by-names "a", f(b), dynamic(["c"]), d*',
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | project a,«»", "expected an expression", None),
        ("T | project-away «1»", "a column name or a pattern", None),
        ("T | «project-awya» a", "there is no operator `project-awya`", "project-away"),
        ("T | project «,» a", "expected an expression", None),
        ("T | «select» a", "there is no operator", "project"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
