"""Regular expressions match what Python's do, whose classes are those of Unicode too."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import chdb
import pytest
from chdb.state.sqlitelike import Connection

from kelp.clickhouse.compiler import CompileOptions, compile_query
from kelp.engine.settings import SESSION_SETTINGS, print_settings
from kelp.kql.diagnostics import QueryRefusedError
from kelp.plan.scope import QueryScope
from tests.spec.events import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = (
    "",
    "GET /index.html 200 12ms",
    "user_name=root;uid=0",
    "line one\nLINE two",
    "Ünïcode größe ٣٤ Привет",
    "日本語\u3000テキスト\xa0end",
    "a.b*c[d]{e}\\f^g$h|i(j)",
    "aaa aab abb\ttab",
    '{"k": "v", "n": [1, 22, 333]}',
    "172.16.9.99 and fe80::1",
)
PATTERNS = (
    *(r"\d+", r"\w+", r"\s+", r"\D+", r"\W+", r"\S+", r"[\d.]+", r"[\w/]+", r"[^\s=;]+", r"[^a-z]+"),
    *(r"a.b", r"e.*o", r"(?s)e.*L", r"(?m)^L\w+", r"^\w+", r"\w+$", r"\Aline", r"(?i)GRÖSSE|größe"),
    *(r"a{2,3}", r"a{,2}b", r"a{2}", r"ab??", r"(a|b)+?c?", r"x{", r"(?:\d{1,3}\.){3}\d{1,3}"),
    *(r"(?P<key>\w+)=(?P<value>\w+)", r"\[(.*?)\]", r"\((\w)\)", r"[]\[]+", r"[a\]b]+", r"[-+.]", r"[.-]"),
    *(r"\x41|\x{e9}|ï", r"\t", r"[\t\n]", r"[[:digit:]]+", r"\p{L}+", r"\p{Lu}\p{Ll}+", r"\$h\|", r"é|"),
    *(r"(?i:get) (/\S*)", r"(?x) \d+ \s [a-z]+ # a comment", r"\Qa.b\E", r"(?i)user(?-i)_NAME", "日本"),
)
IN_PYTHON = {
    r"a{,2}b": r"a{0,2}b",
    r"\x41|\x{e9}|ï": "A|é|ï",
    r"[[:digit:]]+": "[0-9]+",
    r"\p{L}+": r"[^\W\d_]+",
    r"\p{Lu}\p{Ll}+": "[A-ZÜП][a-zïрвет]+",
    r"\Qa.b\E": r"a\.b",
    r"(?i)user(?-i)_NAME": "(?i:user)_NAME",
    r"\w+$": r"\w+\Z",
}
"""The patterns that Python spells in another way."""


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    folder: Path = tmp_path_factory.mktemp("engine")
    opened = chdb.connect(str(folder))
    opened.query(f"SET {print_settings(SESSION_SETTINGS)}")
    yield opened
    opened.close()


def _run(connection: Connection, query: str) -> list[list[object]]:
    sql = compile_query(query, Tables(), QueryScope({}), CompileOptions(0)).results[0].sql
    answer = connection.query(sql, "JSONCompactEachRow").bytes().decode()
    return [json.loads(line) for line in answer.split("\n") if line]


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _first_match(pattern: str, text: str) -> str:
    found = re.search(IN_PYTHON.get(pattern, pattern), text)
    return found[0] if found else ""


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_matches_what_it_does_in_python(pattern: str, connection: Connection) -> None:
    rows = ", ".join(f"{number}, {_literal(text)}" for number, text in enumerate(TEXTS))
    query = f"datatable(n: long, t: string) [{rows}] | sort by n asc"
    needle = _literal(pattern)
    result = _run(
        connection, f"{query} | project m = t matches regex {needle}, first = extract({needle}, 0, t)"
    )
    python = re.compile(IN_PYTHON.get(pattern, pattern))
    assert result == [[python.search(text) is not None, _first_match(pattern, text)] for text in TEXTS]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("a(b", "a group is not closed at 3"),
        ("a)", "a group is closed that was not opened"),
        ("[a", "a class [...] is not closed"),
        ("*a", "nothing comes before *"),
        ("a**", "a repetition of a repetition"),
        ("a{2,1}", "a repetition counts backwards"),
        ("a{1001}", "a repetition of more than 1000"),
        ("(?<=a)b", "the group (?<="),
        (r"(a)\1", r"the reference to a group \1"),
        ("[a&&b]", "the operator &&"),
        ("[a[b]]", "a class inside of a class"),
        (r"\y", r"there is no escape \y"),
        (r"\p{Klingon}", "the Unicode class 'Klingon'"),
        ("[z-a]", "counts backwards"),
        ("(?q)a", "there is no flag 'q'"),
        ("a\\", "the pattern ends too early"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str, message: str) -> None:
    query = f'print "a" matches regex {_literal(pattern)}'
    with pytest.raises(QueryRefusedError) as refused:
        compile_query(query, Tables(), QueryScope({}), CompileOptions(0))
    assert message in str(refused.value)
