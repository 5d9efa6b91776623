"""Any tree is read back from its own text, and any text is read or refused with a position."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.templates.errors import ExpressionError
from kelp.templates.parser import MAXIMUM_CHARACTERS, is_expression, parse_expression, unescape
from kelp.templates.syntax import Call, Expression, Index, Literal, Member, print_expression

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
LITERALS = st.builds(Literal, st.text(max_size=12) | st.integers(-(10**17), 10**17), st.just(0))


def extend(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    functions = NAMES | st.builds("{}.{}".format, NAMES, NAMES)
    return st.one_of(
        st.builds(Call, functions, st.lists(inner, max_size=3).map(tuple), st.just(0)),
        st.builds(Member, inner, NAMES, st.booleans(), st.just(0)),
        st.builds(Index, inner, inner, st.booleans(), st.just(0)),
    )


EXPRESSIONS = st.recursive(LITERALS, extend, max_leaves=8)


@given(EXPRESSIONS)
def test_a_tree_is_read_back(expression: Expression) -> None:
    text = print_expression(expression)
    read = parse_expression(f"[{text}]")
    assert print_expression(read) == text
    assert type(read) is type(expression)


def find_error(text: str) -> ExpressionError | None:
    try:
        parse_expression(text)
    except ExpressionError as error:
        return error
    return None


@given(st.text(alphabet="abc'()[],.? 1-", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    error = find_error(f"[{text}]")
    if error is not None:
        assert error.at is not None
        assert 1 <= error.at <= len(text) + 1
        assert str(error.at) in error.message


@pytest.mark.parametrize(
    ("text", "position", "told"),
    [
        ("[concat('a', 'b']", 16, "Expected ',' or ')'"),
        ("[concat('a' 'b')]", 12, "Expected ',' or ')'"),
        ("['open]", 1, "has no end"),
        ("[parameters('a').]", 17, "the name of a member"),
        ("[]", 1, "Expected a function"),
        ("[foo]", 4, "'(' behind 'foo'"),
        ("[1 2]", 3, "should end here"),
        ("[a(1)[2]", 7, "Expected ']'"),
        ("[99999999999999999999]", 1, "too large"),
    ],
)
def test_a_mistake_has_a_position(text: str, position: int, told: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_expression(text)
    assert told in refused.value.message
    assert refused.value.at == position


def test_too_long_and_too_deep() -> None:
    with pytest.raises(ExpressionError, match="at most"):
        parse_expression("['" + "a" * MAXIMUM_CHARACTERS + "']")
    with pytest.raises(ExpressionError, match="nest at most"):
        parse_expression("[" + "f(" * 5000 + ")" * 5000 + "]")


def test_what_is_an_expression() -> None:
    assert is_expression("[a()]")
    assert not is_expression("[[a()]")
    assert not is_expression("[a()")
    assert (unescape("[[a]"), unescape("a"), unescape("[a")) == ("[a]", "a", "[a")
