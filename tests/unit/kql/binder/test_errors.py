from __future__ import annotations

import pytest

from kelp.kql.binder import bind
from kelp.kql.binder.errors import MAX_ERRORS
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.parser import parse
from tests.spec.events import NOW, Tables


def errors(text: str) -> list[str]:
    """Return what the errors point at."""
    with pytest.raises(QueryRefusedError) as refused:
        bind(parse(text), Tables(), NOW)
    return [text[found.span.start : found.span.end] for found in refused.value.diagnostics]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Events | where Nme == 'x' and Cuont > 5", ["Nme", "Cuont"]),
        ("Events | extend a = strln(Name) | project Levvel, Value", ["strln", "Levvel"]),
        ("Events | summarize sum(a), avg(b) by bin(c, 1h)", ["a", "b", "c"]),
        ("Events | where Name | where Value has_any (zz)", ["Name", "zz"]),
        ("Events | distinct Foo | sort by Bar", ["Foo", "Bar"]),
        ("print strlen(a)", ["a"]),
        ("print abs('x'), tostring()", ["abs('x')", "tostring()"]),
        ("Events | where a == 1; Events | where b == 1", ["a", "b"]),
        ("let f = (x: long) { x + y }; print f(1), z", ["y", "z"]),
    ],
)
def test_several_errors(text: str, wrong: list[str]) -> None:
    assert errors(text) == wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Foo | where a == 1 | summarize count() by b", ["Foo"]),
        ("union Foo, Bar | where a == 1 | project b", ["Foo", "Bar"]),
        ("let t = Foo | where a == 1; t | join (Bar | project k) on k", ["Foo", "(Bar | project k)"]),
        ("Events | where a == 1 | union Foo", ["a", "Foo"]),
    ],
)
def test_columns_of_a_table_that_does_not_exist_are_not_told(text: str, wrong: list[str]) -> None:
    assert [one.split()[0].strip("()") for one in errors(text)] == [
        one.split()[0].strip("()") for one in wrong
    ]


def test_the_reason_comes_before_what_follows() -> None:
    assert errors("print strlen(a, b)") == ["a", "b", "strlen(a, b)"]


def test_not_too_many() -> None:
    names = ", ".join(f"name{number}" for number in range(50))
    assert len(errors(f"Events | project {names}")) == MAX_ERRORS
    assert errors(f"Foo | project {names}") == ["Foo"]


def test_what_is_too_complex_is_told_once() -> None:
    text = "let f = (x: long) { f2(x) };" + "print " + " + ".join(["1"] * 400)
    with pytest.raises(QueryRefusedError) as refused:
        bind(parse("let a = Events | union Events; " + text + "; Nothing | take bb"), Tables(), NOW)
    assert refused.value.diagnostics
