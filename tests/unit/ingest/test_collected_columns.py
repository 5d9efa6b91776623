"""Where undeclared properties go, by the kinds of their values and the columns that exist."""

from __future__ import annotations

import pytest

from kelp.ingest.collected_columns import MAXIMUM_TABLE_COLUMNS, assign_columns
from kelp.kql.types import ScalarType

TYPES = {
    "d": ScalarType.REAL,
    "b": ScalarType.BOOL,
    "t": ScalarType.DATETIME,
    "g": ScalarType.GUID,
    "s": ScalarType.STRING,
}


def assign(kinds: str, existing: str = "") -> str:
    """The suffixes of `v` for kinds of values (comma-separated) and the suffixes there are."""
    present = {f"v_{suffix}": TYPES[suffix] for suffix in existing}
    assignment = assign_columns({"v": dict.fromkeys(kinds.split(","), 1)}, present)
    assert not assignment.untaken
    return "".join(column.name[-1] for one in assignment.properties for column in one.columns)


@pytest.mark.parametrize(
    ("kinds", "existing", "suffixes"),
    [
        # A new property goes by the kind of its values.
        ("number", "", "d"),
        ("truth", "", "b"),
        ("text", "", "s"),
        ("date", "", "t"),
        ("guid", "", "g"),
        ("container", "", "s"),
        ("number text", "", "s"),
        ("truth text", "", "s"),
        ("null", "", ""),
        ("empty", "", ""),
        ("number,null,empty", "", "d"),
        # Kinds that no single column takes have one each; text takes what looks like a time or a GUID.
        ("number,text", "", "ds"),
        ("number,number text", "", "d"),
        ("date,text", "", "s"),
        ("date,guid", "", "tg"),
        ("truth,number", "", "db"),
        # A column that exists takes what converts to its type.
        ("number text", "d", "d"),
        ("truth text", "b", "b"),
        ("date", "s", "s"),
        ("guid", "s", "s"),
        ("number text", "s", "s"),
        ("date", "t", "t"),
        # What does not convert has a second column.
        ("text", "d", "s"),
        ("text", "t", "s"),
        ("number", "s", "d"),
        ("number", "b", "d"),
        ("truth", "s", "b"),
        ("date", "d", "t"),
        ("container", "d", "s"),
        ("number text,text", "d", "ds"),
        ("date,text", "t", "ts"),
        # Columns that stay empty are not filled.
        ("number", "ds", "d"),
        ("text", "dbtgs", "s"),
    ],
)
def test_a_value_goes_to_a_column_that_takes_it(kinds: str, existing: str, suffixes: str) -> None:
    assert assign(kinds, existing) == suffixes


def test_other_characters_of_a_name_become_underscores() -> None:
    assignment = assign_columns({"user.name": {"text": 1}, "größe": {"number": 1}}, {})
    assert {one.name: one.columns[0].name for one in assignment.properties} == {
        "user.name": "user_name_s",
        "größe": "gr__e_d",
    }


def test_a_column_that_has_another_type_keeps_it() -> None:
    assignment = assign_columns({"v": {"number": 1}}, {"v_d": ScalarType.LONG})
    assert assignment.properties[0].columns[0].type is ScalarType.LONG


@pytest.mark.parametrize(
    ("kinds", "name", "reason"),
    [
        ({"x" * 46: {"text": 3}}, "x" * 46, "longer than 45"),
        ({"": {"text": 3}}, "", "empty"),
        ({"a-b": {"text": 3}, "a.b": {"text": 3}}, "a.b", "another property"),
    ],
)
def test_a_property_that_no_column_can_take_is_named(
    kinds: dict[str, dict[str, int]], name: str, reason: str
) -> None:
    (untaken,) = assign_columns(kinds, {}).untaken
    assert (untaken.name, untaken.records) == (name, 3)
    assert reason in untaken.reason


def test_a_table_has_no_more_columns_than_it_may() -> None:
    existing = {f"c{number}_s": ScalarType.STRING for number in range(MAXIMUM_TABLE_COLUMNS - 1)}
    assignment = assign_columns({"a": {"text": 1}, "b": {"text": 1}, "c1": {"text": 1}}, existing)
    assert [one.name for one in assignment.properties] == ["a", "c1"]
    assert "500 columns" in assignment.untaken[0].reason
