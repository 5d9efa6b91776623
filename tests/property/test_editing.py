"""What an editor asks of the language holds for any text: it never fails otherwise than by a refusal."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from kelp.kql.diagnostics import QueryRefusedError, Severity
from kelp.kql.editing.conditions import Cell, CellAction
from kelp.kql.editing.fixes import find_fix
from kelp.kql.editing.placement import edit_query
from kelp.kql.editing.spelling import NotOfType, spell_name, spell_place, spell_text
from kelp.kql.editing.statements import find_runnable, split_statements
from kelp.kql.lexer import tokenize
from kelp.kql.literals import decode_string
from kelp.kql.parser import parse
from kelp.kql.text import SourceText
from kelp.kql.types import ScalarType

PIECES = st.sampled_from(
    [
        *(
            "T",
            "| where a == 1",
            "| take 5",
            "| sort by a",
            "| summarize n = count() by a",
            "| render table",
            "|",
        ),
        *(
            "let x = 5",
            "let f = (a: long) { T | where b == a }",
            "x",
            "f(1)",
            ";",
            "\n",
            "\n\n",
            " ",
            "// c\n",
            "'s'",
        ),
        *(
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "```a\n\nb```",
            "😀",
            "set a",
            "print 1",
            "| fork (take 1)",
            "union T, U",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=40)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
CELLS = st.builds(
    Cell,
    NAMES,
    st.lists(NAMES | st.integers(-5, 5), max_size=2).map(tuple),
    VALUES,
    st.sampled_from(list(ScalarType)),
)


@given(text=TEXTS, position=st.integers(0, 200))
def test_statements_lie_in_the_text_in_order(text: str, position: int) -> None:
    statements = split_statements(text)
    ends = [0]
    for statement in statements:
        assert ends[-1] <= statement.span.start < statement.span.end <= len(text)
        ends.append(statement.span.end)
    runnable = find_runnable(text, position)
    assert (runnable is None) == (not statements)
    if runnable is not None:
        for part in runnable.parts:
            assert text[part.start : part.end] in runnable.text


@settings(max_examples=200)
@given(text=TEXTS, position=st.integers(0, 200), action=st.sampled_from(CellAction), cell=CELLS)
def test_an_edited_query_parses(text: str, position: int, action: CellAction, cell: Cell) -> None:
    with suppress(QueryRefusedError, NotOfType):
        edited = edit_query(text, position, action, cell)
        added = edited.text[edited.inserted.start : edited.inserted.end]
        assert added.lstrip().startswith("|")
        runnable = find_runnable(edited.text, edited.inserted.start)
        assert runnable is not None
        statement = edited.text[runnable.statement.start : runnable.statement.end]
        assert added.strip() in statement
        errors = [found for found in parse(statement).diagnostics if found.severity is Severity.ERROR]
        assert errors == []


@given(text=TEXTS)
def test_fixes_lie_in_the_text(text: str) -> None:
    for found in parse(text).diagnostics:
        fix = find_fix(found, text)
        assert fix is None or 0 <= fix.span.start <= fix.span.end <= len(text)


@given(text=NAMES)
def test_texts_and_names_are_read_back(text: str) -> None:
    assert decode_string(spell_text(text)) == (text, None)
    for spelled in (spell_name(text), spell_place("c", [text])):
        found, diagnostics = tokenize(SourceText(spelled))
        assert diagnostics == []
        assert text in {decode_string(one.text)[0] if one.kind == "string" else one.text for one in found}
