"""The value of a key among the pairs in a text, for `parse-kv` (rules KV-1 to KV-5).

The pairs are computed by one expression that is the same for every key, so that the engine computes them
once a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.regular_expressions import quote_pattern, read_pattern, with_pattern
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_WORD = r"[\p{L}\p{Nd}]"
_NO_WORD = r"[^\p{L}\p{Nd}]"


@dataclass(frozen=True, slots=True)
class _Form:
    """How pairs are written. `quotes` are pairs of an opening and a closing character."""

    pair_delimiter: str
    kv_delimiter: str
    quotes: tuple[tuple[str, str], ...]
    escapes: str

    def quoted(self) -> list[str]:
        """Return a pattern with one group for each kind of quotes."""
        escapes = _class(self.escapes)
        escaped = f"|[{escapes}](?s:.)" if escapes else ""
        return [
            f"{quote_pattern(start)}((?:[^{_class(end)}{escapes}]{escaped})*){quote_pattern(end)}"
            for start, end in self.quotes
        ]

    def key(self, plain: str) -> str:
        """Return the pattern of a key: quoted, or as `plain` says."""
        return f"(?:{'|'.join([*self.quoted(), plain])})"


def _class(characters: str) -> str:
    return "".join(f"\\x{{{ord(character):x}}}" for character in characters)


def _value(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    subject, key, pair_delimiter, kv_delimiter, quotes, escapes, regex = arguments[:7]
    is_greedy = isinstance(arguments[7].sql, SqlLiteral) and arguments[7].sql.value is True
    marks = _text(quotes)
    form = _Form(
        _text(pair_delimiter),
        _text(kv_delimiter),
        tuple(zip(marks[::2], marks[1::2], strict=True)),
        _text(escapes),
    )
    name = _text(key)
    if _text(regex):
        found = _by_regex(bound_call, subject.sql, name, _text(regex))
    elif not form.pair_delimiter:
        found = _by_words(subject.sql, name, form)
    elif is_greedy:
        found = _greedily(subject.sql, name, form)
    else:
        found = _by_delimiters(subject.sql, name, form)
    return as_text(found, T.STRING)


def _text(value: Lowered) -> str:
    assert isinstance(value.sql, SqlLiteral)
    assert isinstance(value.sql.value, str)
    return value.sql.value


def _first(pairs: SqlExpression, condition: SqlExpression) -> SqlExpression:
    """KV-2: the first appearance of a key counts."""
    return call("arrayFirst", SqlLambda(("p",), condition), pairs)


def _part(index: int, of: SqlExpression | None = None) -> SqlExpression:
    return call("arrayElement", SqlColumn("", "p") if of is None else of, index)


def _joined(parts: list[SqlExpression]) -> SqlExpression:
    """One alternative of a pattern matched, so that all groups but one are empty."""
    return parts[0] if len(parts) == 1 else SqlCall("concat", tuple(parts))


def _trimmed(text: SqlExpression) -> SqlExpression:
    return call("trimBoth", text, " \t\r\n")


def _unescaped(text: SqlExpression, form: _Form) -> SqlExpression:
    if not form.escapes:
        return text
    return call("replaceRegexpAll", text, f"[{_class(form.escapes)}]((?s:.))", r"\1")


def _by_regex(bound_call: Call, text: SqlExpression, key: str, regex: str) -> SqlExpression:
    """KV-5: the groups of a regular expression are the key and the value."""
    pattern = read_pattern(regex, bound_call.span)
    if pattern.groups != 2:
        raise refusal(WRONG_ARGUMENTS, "the regular expression of 'parse-kv' has two groups", bound_call.span)
    pairs = with_pattern(
        text, pattern.print(), lambda held, shape: call("extractAllGroupsVertical", held, shape)
    )
    found = _first(pairs, call("equals", _trimmed(_part(1)), key))
    return _trimmed(_part(2, found))


def _by_delimiters(text: SqlExpression, key: str, form: _Form) -> SqlExpression:
    """KV-1: spaces around keys and values do not count; quotes hold delimiters."""
    pair, between = quote_pattern(form.pair_delimiter), quote_pattern(form.kv_delimiter)
    edge = _class(form.pair_delimiter[0])
    plain_key = rf"([^{edge}{_class(form.kv_delimiter[0])}]+?)"
    is_character = len(form.pair_delimiter) == 1
    plain_value = f"([^{edge}]*)" if is_character else "((?s:.*?))"
    value = f"(?:{'|'.join([*(rf'{quoted}[^{edge}]*' for quoted in form.quoted()), plain_value])})"
    pattern = rf"{form.key(plain_key)}\s*{between}{_spaces(form)}{value}{pair}"
    groups = len(form.quotes) + 1
    pairs = call("extractAllGroupsVertical", call("concat", text, form.pair_delimiter), pattern)
    is_key = call("equals", _trimmed(_joined([_part(index) for index in range(1, groups + 1)])), key)

    def cut(found: SqlExpression) -> SqlExpression:
        quoted = [_part(index, found) for index in range(groups + 1, 2 * groups)]
        plain = _trimmed(_part(2 * groups, found))
        return _joined([*([_unescaped(_joined(quoted), form)] if quoted else []), plain])

    return bind_once((_first(pairs, is_key),), cut)


def _spaces(form: _Form) -> str:
    """Spaces before a value, unless a space ends it."""
    return "" if form.pair_delimiter[0].isspace() else r"\s*"


def _greedily(text: SqlExpression, key: str, form: _Form) -> SqlExpression:
    """KV-3: a value reaches to the next key."""
    pair, between = quote_pattern(form.pair_delimiter), quote_pattern(form.kv_delimiter)
    plain_key = rf"([^{_class(form.pair_delimiter[0])}{_class(form.kv_delimiter[0])}]+?)"
    pattern = rf"{pair}\s*{form.key(plain_key)}\s*{between}"
    led = call("concat", form.pair_delimiter, text)
    name = _trimmed(_joined([_part(index) for index in range(1, len(form.quotes) + 2)]))
    keys = call("arrayMap", SqlLambda(("p",), name), call("extractAllGroupsVertical", led, pattern))
    values = call("splitByRegexp", pattern, led)

    def cut(place: SqlExpression) -> SqlExpression:
        value = _trimmed(call("arrayElement", values, call("plus", place, 1)))
        return call("if", call("equals", place, 0), "", _unquoted(value, form))

    return bind_once((call("indexOf", keys, key),), cut)


def _unquoted(value: SqlExpression, form: _Form) -> SqlExpression:
    if not form.quotes:
        return value
    whole = "|".join(form.quoted())
    groups = call("extractGroups", value, f"^(?:{whole})$")
    inner = _joined([_part(index, groups) for index in range(1, len(form.quotes) + 1)])
    return call("if", call("empty", groups), value, _unescaped(inner, form))


def _by_words(text: SqlExpression, key: str, form: _Form) -> SqlExpression:
    """KV-4: without delimiters, whatever is neither letter nor digit parts keys and values."""
    value = f"(?:{'|'.join([*form.quoted(), f'({_WORD}+)'])})"
    pattern = rf"(?:^|{_NO_WORD}){quote_pattern(key)}{_NO_WORD}+?{value}"
    groups = len(form.quotes) + 1

    def cut(found: SqlExpression) -> SqlExpression:
        quoted = [_part(index, found) for index in range(1, groups)]
        return _joined([*([_unescaped(_joined(quoted), form)] if quoted else []), _part(groups, found)])

    return bind_once((call("extractGroups", text, pattern),), cut)


SPELLINGS: dict[str, Spelling] = {"parse_kv value": _value}
