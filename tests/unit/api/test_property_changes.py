"""What differs between a resource and what a template wants of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.api.management.property_changes import find_changes, is_as_wanted, merge

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
DOCUMENTS = st.dictionaries(st.text(min_size=1), VALUES, max_size=4)


@given(DOCUMENTS, DOCUMENTS)
def test_what_is_merged_is_as_wanted(present: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert find_changes(merge(present, wanted), wanted) == []


@given(DOCUMENTS)
def test_nothing_differs_from_itself(document: dict[str, Any]) -> None:
    assert find_changes(document, document) == []
    assert is_as_wanted(document, document)


def test_a_change_is_told_where_it_is() -> None:
    present = {"location": "westeurope", "properties": {"a": 1, "b": [{"x": 1, "made": True}], "c": "kept"}}
    wanted = {"location": "West Europe", "properties": {"a": 2, "b": [{"x": 1}], "new": True, "none": None}}
    (change,) = find_changes(present, wanted)
    assert (change["path"], change["propertyChangeType"]) == ("properties", "Modify")
    assert change["children"] == [
        {"path": "a", "propertyChangeType": "Modify", "before": 1, "after": 2},
        {"path": "new", "propertyChangeType": "Create", "before": None, "after": True},
    ]


@pytest.mark.parametrize(
    "present, wanted, is_same",
    [
        ("/subscriptions/A/b", "/subscriptions/a/B", True),
        ("Name", "name", False),
        ([1, 2], [1], False),
        ([{"a": 1, "b": 2}], [{"a": 1}], True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
    ],
)
def test_values(present: Any, wanted: Any, is_same: bool) -> None:
    assert is_as_wanted(present, wanted) is is_same
