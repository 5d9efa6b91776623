from __future__ import annotations

from dataclasses import replace

import pytest

from kelp.base.ids import ResourceId
from kelp.resources.errors import InvalidDocument, ResourceConflict
from kelp.resources.plain import put_plain
from kelp.resources.saved_search import SavedSearch
from kelp.resources.store import ResourceStore

from .conftest import AUTHOR, WORKSPACE

FUNCTION = SavedSearch(
    category="c", display_name="d", query="Heartbeat | where Computer == x // no more", function_alias="Beats",
    function_parameters="x: string, T: (Count: long), limit: long = 5",
)  # fmt: skip


def search_id(name: str) -> ResourceId:
    return WORKSPACE.child("savedSearches", name)


@pytest.mark.parametrize(
    ("members", "target"),
    [
        ({"category": ""}, "properties.category"),
        ({"query": " "}, "properties.query"),
        ({"function_alias": "two words"}, "properties.functionAlias"),
        ({"function_parameters": "x"}, "properties.functionParameters"),
        ({"function_parameters": "x: long) { 1 }; let y = (z: long"}, "properties.functionParameters"),
        ({"query": "Heartbeat | where"}, "properties.query"),
        ({"query": "print 1 }; let g = () { print 2"}, "properties.query"),
        ({"function_alias": None}, "properties.functionParameters"),
    ],
)
def test_what_can_not_be_read_is_refused(members: dict[str, str], target: str) -> None:
    problems = replace(FUNCTION, **members).check("a")  # type: ignore[arg-type]
    assert {problem.target for problem in problems} == {target}


def test_a_function_may_end_in_a_comment() -> None:
    assert FUNCTION.check("a") == []


def test_an_alias_belongs_to_one_search(store: ResourceStore) -> None:
    with store.write(AUTHOR) as transaction:
        put_plain(transaction, search_id("one"), FUNCTION)
    with store.write(AUTHOR) as transaction, pytest.raises(ResourceConflict, match="has a function 'Beats'"):
        put_plain(transaction, search_id("two"), replace(FUNCTION, function_alias="beats"))
    with store.write(AUTHOR) as transaction:
        put_plain(transaction, search_id("one"), replace(FUNCTION, function_alias="Pulse"))
    assert list(store.snapshot.functions[WORKSPACE.key]) == ["Pulse"]
    with store.write(AUTHOR) as transaction:
        transaction.delete(search_id("one"))
    assert WORKSPACE.key not in store.snapshot.functions
    with store.write(AUTHOR) as transaction, pytest.raises(InvalidDocument):
        put_plain(transaction, search_id("one"), replace(FUNCTION, query=""))
