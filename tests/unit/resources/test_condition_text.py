"""Conditions of role assignments, from their text to the rows that they let through."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.resources.condition_text import MAXIMUM_CHARACTERS, ConditionError, parse_condition, print_condition
from kelp.resources.role_condition import (
    ALWAYS,
    NEVER,
    TABLE_DATA_READ,
    ActionMatch,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Family,
    RecordColumn,
    Relation,
    TableName,
    Truth,
    limit,
    negate,
)

NAME = "@Resource[Microsoft.OperationalInsights/workspaces/tables:name]"
CUSTOMER = "@Resource[Microsoft.OperationalInsights/workspaces/tables/record:_CustomerId]"
GUARD = f"!(ActionMatches{{'{TABLE_DATA_READ}'}})"
QUERY = "Microsoft.OperationalInsights/workspaces/query/read"


def test_a_condition_of_the_portal_reads() -> None:
    text = f"(\n (\n  {GUARD}\n )\n OR\n (\n  {NAME} StringEquals 'Heartbeat'\n  AND\n  {CUSTOMER} StringEquals 'contoso'\n )\n)"
    condition = parse_condition(text)
    assert limit(condition, QUERY, None) == ALWAYS
    assert limit(condition, TABLE_DATA_READ, "Syslog") == NEVER
    left = limit(condition, TABLE_DATA_READ, "Heartbeat")
    assert left == Comparison(RecordColumn("_CustomerId"), Family.STRING, Relation.EQUALS, ("contoso",))
    # Any other way of reading records is held to it too.
    other_way = "Microsoft.OperationalInsights/workspaces/query/Heartbeat/read"
    assert limit(condition, other_way, "Heartbeat") == left


@pytest.mark.parametrize(
    "text, where, what",
    [
        ("", "line 1, character 1", "an attribute such as"),
        (f"{NAME} StringEquals", "character 77", "is no value for StringEquals"),
        (f"{NAME} Equals 'x'", "character 65", "'Equals' is no operator"),
        (f"{NAME} NumericEquals 1", "character 65", "compared with String operators"),
        (f"{NAME} StringEquals {{'x'}}", "character 78", "a set of values needs an operator such as"),
        (f"{NAME} StringEquals 'x' nonsense", "character 82", "AND, OR or the end is expected"),
        (f"({NAME} StringEquals 'x'", "character 82", "')' is expected, not the end"),
        ("@Principal[x:y] StringEquals 'x'", "character 1", "not of @Principal"),
        ("@Resource[x:y] StringEquals 'x'", "character 1", "the attributes are"),
        (f"\n  {CUSTOMER} NumericEquals 'many'", "line 2, character 95", "is no value for NumericEquals"),
        (f"{CUSTOMER} BoolEquals 'many'", "line 1", "is no value for BoolEquals"),
        (f"{CUSTOMER} DateTimeEquals 'someday'", "line 1", "is no value for DateTimeEquals"),
        (f"{CUSTOMER} GuidEquals 'x'", "line 1", "is no value for GuidEquals"),
        (f"{CUSTOMER} BoolLessThan true", "line 1", "no operator"),
        (f"{CUSTOMER} NumericEqualsIgnoreCase 1", "line 1", "no operator"),
        ("ActionMatches{x}", "character 15", "in single quotes"),
        ("; drop", "character 1", "';' can't stand here"),
        ("(" * 100, "character 41", "nested more than 40 deep"),
        (" " * (MAXIMUM_CHARACTERS + 1), "line 1", "more than 8192 characters"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, where: str, what: str) -> None:
    with pytest.raises(ConditionError) as wrong:
        parse_condition(text)
    assert where in str(wrong.value)
    assert what in str(wrong.value)


# --- any condition ---------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(codec="utf-8"), max_size=6)
COLUMNS = st.sampled_from([RecordColumn("Name"), RecordColumn("Size")])
STRINGS = st.builds(
    Comparison,
    st.one_of(st.just(TableName()), COLUMNS),
    st.just(Family.STRING),
    st.sampled_from([Relation.EQUALS, Relation.STARTS_WITH, Relation.LIKE]),
    st.lists(TEXTS, min_size=1, max_size=3).map(tuple),
    ignores_case=st.booleans(),
    is_negated=st.booleans(),
    needs_all=st.booleans(),
)
NUMBERS = st.builds(
    Comparison,
    COLUMNS,
    st.just(Family.NUMERIC),
    st.sampled_from([Relation.EQUALS, Relation.LESS, Relation.GREATER_EQUALS]),
    st.lists(st.integers(-5, 5), min_size=1, max_size=3).map(tuple),
    is_negated=st.booleans(),
    needs_all=st.booleans(),
)
LEAVES: st.SearchStrategy[Condition] = st.one_of(
    STRINGS,
    NUMBERS,
    st.builds(ActionMatch, st.sampled_from([TABLE_DATA_READ, "*/read", "other"]), st.booleans()),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=8,
)


def normal(condition: Condition) -> Condition:
    """The same with what a text does not tell apart: of one value, any and all are one."""
    match condition:
        case Comparison(values=values):
            return replace(condition, needs_all=condition.needs_all and len(values) > 1)
        case AllOf(parts):
            return AllOf(tuple(map(normal, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(normal, parts)))
        case _:
            return condition


@given(CONDITIONS)
def test_what_is_printed_reads_back(condition: Condition) -> None:
    assert normal(parse_condition(print_condition(condition))) == normal(condition)


@given(CONDITIONS)
def test_twice_negated_is_the_same(condition: Condition) -> None:
    assert negate(negate(condition)) == condition
    text = print_condition(condition)
    assert normal(parse_condition(f"!({text})")) == normal(negate(parse_condition(text)))


@dataclass(frozen=True)
class Record:
    """A record, or none: what a plain reading of a condition is about."""

    table: str | None
    action: str = TABLE_DATA_READ


@given(CONDITIONS, st.sampled_from([Record("T"), Record("Other"), Record(None, QUERY)]))
def test_what_is_left_asks_for_columns_only(condition: Condition, record: Record) -> None:
    left = limit(condition, record.action, record.table)

    def check(part: Condition) -> None:
        match part:
            case AllOf(parts) | AnyOf(parts):
                assert len(parts) > 1
                for one in parts:
                    check(one)
            case Comparison():
                assert isinstance(part.attribute, RecordColumn)
                assert record.table is not None
            case _:
                raise AssertionError(part)

    if not isinstance(left, Truth):
        check(left)


@given(st.text(max_size=60))
def test_any_text_reads_or_is_refused_with_a_place(text: str) -> None:
    position = 0
    try:
        parse_condition(text)
    except ConditionError as wrong:
        position = wrong.position
    assert 0 <= position <= len(text)
