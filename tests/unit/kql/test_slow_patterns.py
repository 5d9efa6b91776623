from __future__ import annotations

import pytest

from kelp.kql.binder import bind
from kelp.kql.parser import parse
from kelp.kql.schema import StoredFunction
from kelp.kql.slow_patterns import LARGE_ROWS, find_slow_patterns, worth_showing
from tests.spec.events import NOW, Tables

TIMED = "where TimeGenerated > ago(1d)"


class WithFunction(Tables):
    def find_function(self, name: str) -> StoredFunction | None:
        body = "Events | where TimeGenerated > ago(1d) | where Name contains 'word'"
        return StoredFunction("saved", "()", body) if name == "saved" else None


def slow(text: str, *, has_time_range: bool = False) -> list[tuple[str, str]]:
    parsed = parse(text)
    bound = bind(parsed, WithFunction(), NOW)
    found = find_slow_patterns(bound, parsed, has_time_range=has_time_range)
    return [(one.code, parsed.source.slice(one.span)) for one in found]


def hint(text: str) -> str:
    parsed = parse(text)
    (found,) = find_slow_patterns(bind(parsed, WithFunction(), NOW), parsed, has_time_range=False)
    return found.hint or ""


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("Name contains 'word'", "KLP0101"),
        ("Name !contains 'word'", "KLP0101"),
        ("Name contains_cs 'word'", "KLP0101"),
        ("Name matches regex 'alpha'", "KLP0102"),
        ("Name matches regex '^alpha'", "KLP0102"),
        ("Name matches regex '(alpha|beta)'", "KLP0102"),
        ("tolower(Name) == 'alpha'", "KLP0105"),
    ],
)
def test_conditions(condition: str, code: str) -> None:
    assert slow(f"Events | {TIMED} | where {condition}") == [(code, condition)]


@pytest.mark.parametrize(
    "condition",
    [
        "Name contains 'a'",
        "Name contains 'two words'",
        "Name contains '.exe'",
        "strcat(Name, 'x') contains 'word'",
        "Name has 'word'",
        "Name matches regex '^a.*z$'",
        "Name =~ 'alpha'",
    ],
)
def test_conditions_that_are_as_quick_as_they_can_be(condition: str) -> None:
    assert slow(f"Events | {TIMED} | where {condition}") == []


@pytest.mark.parametrize(
    ("condition", "instead"),
    [
        ("Name contains 'word'", "write has; if words begin with it, hasprefix"),
        ("Name !contains_cs 'word'", "write has_cs; if words begin with it, hasprefix_cs"),
        ("Name matches regex '^alpha'", 'startswith_cs "alpha"'),
        ("Name matches regex 'alpha|beta'", 'has_any ("alpha", "beta")'),
        ("toupper(Name) != 'A'", "write !~"),
    ],
)
def test_what_to_write_instead(condition: str, instead: str) -> None:
    assert instead in hint(f"Events | {TIMED} | where {condition}")


@pytest.mark.parametrize(
    "text",
    [
        "Events | take 5",
        "Events | summarize t = max(TimeGenerated) | where t > ago(1d)",
        "let all = Events; all | count",
        "print x = toscalar(Events | count)",
    ],
)
def test_no_time_filter(text: str) -> None:
    assert slow(text) == [("KLP0103", "Events")]
    assert slow(text, has_time_range=True) == []


@pytest.mark.parametrize(
    "text",
    [
        f"Events | {TIMED} | take 5",
        f"Events | extend n = 1 | {TIMED}",
        f"let all = Events | {TIMED}; all | join (all) on Name",
        "print 1",
    ],
)
def test_a_time_filter(text: str) -> None:
    assert slow(text) == []


def test_a_whole_table_joined() -> None:
    assert slow(f"Events | {TIMED} | join (Events) on Name") == [("KLP0106", "(Events)")]


def test_a_search_through_all_tables() -> None:
    assert ("KLP0104", "search 'alpha'") in slow("search 'alpha'")
    assert "KLP0104" not in dict(slow("search in (Events) 'alpha'"))


def test_what_a_saved_function_holds_is_not_told() -> None:
    assert slow("saved() | take 5") == []


def test_each_place_is_told_once_and_not_too_many() -> None:
    conditions = " or ".join(f"Name contains 'word{number}'" for number in range(30))
    assert len(slow(f"Events | {TIMED} | where {conditions}")) == 10


def test_some_matter_for_many_rows_only() -> None:
    parsed = parse("Events | where Name contains 'word'")
    found = find_slow_patterns(bind(parsed, Tables(), NOW), parsed, has_time_range=False)
    assert [one.code for one in worth_showing(found, 100)] == ["KLP0101"]
    assert [one.code for one in worth_showing(found, LARGE_ROWS)] == ["KLP0103", "KLP0101"]
    assert [one.code for one in worth_showing(found, None)] == ["KLP0103", "KLP0101"]
