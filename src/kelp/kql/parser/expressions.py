"""Expressions, by precedence.

From loose to tight: `or`; `and`; `== != <> in between has_any has_all`; `< <= > >=`; `+ -`; `* / %`; the string
operators, `=~`, `!~` and `:`; signs; calls, members and indices. String operators bind tighter than arithmetic, as in
Kusto.
"""

from __future__ import annotations

from dataclasses import replace

from kelp.kql import tokens
from kelp.kql.parser.advice import advise
from kelp.kql.parser.chains import build_chain, count_levels
from kelp.kql.parser.constants import TRUTHS, TYPED_WORDS, advise_constant, find_constant
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.dynamic import parse_dynamic
from kelp.kql.parser.schema import parse_typeof
from kelp.kql.syntax import (
    Argument,
    Between,
    Binary,
    Call,
    DeclareEntityGroup,
    ErrorExpression,
    Expression,
    Index,
    Literal,
    Member,
    Membership,
    Name,
    NamedExpression,
    NameExpression,
    QualifiedCall,
    Unary,
    WildcardName,
)
from kelp.kql.text import Span
from kelp.kql.types import ScalarType

OR, AND, EQUALITY, RELATIONAL, ADDITIVE, MULTIPLICATIVE, STRING = range(1, 8)

_STRING_OPERATORS = (
    "has", "has_cs", "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "contains", "contains_cs",
    "startswith", "startswith_cs", "endswith", "endswith_cs",
)  # fmt: skip
_MEMBERSHIP = frozenset({"in", "!in", "in~", "!in~", "has_any", "!has_any", "has_all", "!has_all"})

PRECEDENCE = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(("==", "!=", "<>", "between", "!between", *_MEMBERSHIP), EQUALITY),
    **dict.fromkeys(("<", "<=", ">", ">="), RELATIONAL),
    **dict.fromkeys(("+", "-"), ADDITIVE),
    **dict.fromkeys(("*", "/", "%"), MULTIPLICATIVE),
    **dict.fromkeys(_STRING_OPERATORS, STRING),
    **dict.fromkeys((f"!{word}" for word in _STRING_OPERATORS), STRING),
    **dict.fromkeys(("=~", "!~", ":", "like", "likecs", "notlike", "notlikecs", "matches"), STRING),
    **dict.fromkeys(("notcontains", "containscs", "notcontainscs"), STRING),
}
_SPELLINGS = {
    "<>": "!=",
    "matches": "matches regex",
    "notcontains": "!contains",
    "containscs": "contains_cs",
    "notcontainscs": "!contains_cs",
}
_BEFORE_BRACKETS = frozenset({"dynamic", "toscalar", "totable"})
"""Words that are never names: where no brackets follow, one has been forgotten."""

_STOPS = frozenset({"|", ";", ")", "]", "}", ",", tokens.END})


def parse_expression(cursor: Cursor, least: int = OR) -> Expression:
    """Read an expression of operators that bind at least as tight as `least`.

    Operands and operators wait on two stacks, so that no operator costs a level of Python's stack.
    """
    height = cursor.height
    cursor.height = 0
    operand = _parse_operand(cursor)
    precedence = PRECEDENCE.get(cursor.token.text, 0)
    if precedence >= least:
        operand = _parse_operators(cursor, operand, precedence, least)
    cursor.join(height)
    return operand


def _parse_operators(cursor: Cursor, first: Expression, precedence: int, least: int) -> Expression:
    operands = [first]
    operators: list[tuple[int, str]] = []
    highest_term = 0
    terms = 1
    while precedence >= least:
        while operators and (operators[-1][0] > precedence or operators[-1][0] == precedence > AND):
            _reduce(operands, operators)
        word = cursor.advance().text
        if precedence <= AND:
            highest_term = max(highest_term, cursor.height)
            cursor.height = 0
            terms += 1
        if word in _MEMBERSHIP:
            operands.append(_parse_membership(cursor, operands.pop(), word))
        elif word in {"between", "!between"}:
            operands.append(_parse_between(cursor, operands.pop(), negated=word[0] == "!"))
        else:
            if word == "matches":
                cursor.expect_word("regex", " after `matches`")
            operators.append((precedence, _SPELLINGS.get(word, word)))
            operands.append(_parse_operand(cursor))
        if precedence > AND:
            cursor.grow()
        precedence = PRECEDENCE.get(cursor.token.text, 0)
    while operators:
        _reduce(operands, operators)
    cursor.height = max(highest_term, cursor.height)
    cursor.grow(count_levels(terms))
    return operands[0]


def _reduce(operands: list[Expression], operators: list[tuple[int, str]]) -> None:
    """Join what the last operator stands between; a run of `and` or of `or` is joined at once."""
    precedence, word = operators.pop()
    if precedence > AND:
        right = operands.pop()
        left = operands.pop()
        operands.append(Binary(Span(left.span.start, right.span.end), word, left, right))
        return
    count = 2
    while operators and operators[-1][0] == precedence:
        operators.pop()
        count += 1
    terms = operands[-count:]
    del operands[-count:]
    operands.append(build_chain(word, terms))


def _parse_membership(cursor: Cursor, subject: Expression, operator: str) -> Membership:
    items = _parse_items(cursor, operator)
    return Membership(cursor.span_from(subject.span.start), operator, subject, items)


def _parse_items(cursor: Cursor, operator: str) -> tuple[Expression, ...]:
    opening = cursor.token
    if opening.kind != "(":
        cursor.fail("`(`", f"write the values in brackets: {operator} (a, b)")
    cursor.open("(")
    items = [cursor.productions.pipe(cursor)]
    while cursor.take(","):
        items.append(cursor.productions.pipe(cursor))
    cursor.close(opening)
    return tuple(items)


def _parse_between(cursor: Cursor, subject: Expression, *, negated: bool) -> Between:
    opening = cursor.open("(", " after `between`")
    low = parse_expression(cursor)
    if not cursor.take(".."):
        hint = "write between (low .. high)" if cursor.token.text in {",", "and"} else None
        cursor.fail("`..`", hint)
    high = parse_expression(cursor)
    cursor.close(opening)
    return Between(cursor.span_from(subject.span.start), negated, subject, low, high)


def parse_operand(cursor: Cursor) -> Expression:
    """Read a signed operand: a constant, a name, a call, brackets, and the members and indices after it."""
    height = cursor.height
    cursor.height = 0
    operand = _parse_operand(cursor)
    cursor.join(height)
    return operand


def _parse_operand(cursor: Cursor) -> Expression:
    if cursor.token.kind in {"-", "+"}:
        return _parse_signed(cursor)
    value = _parse_primary(cursor)
    if cursor.token.kind in {".", "["}:
        return _parse_path(cursor, value)
    return value


def _parse_signed(cursor: Cursor) -> Expression:
    sign = cursor.advance()
    if cursor.token.kind in {"-", "+"}:
        cursor.fail("an expression", f"put the inner sign in brackets: {sign.kind}({cursor.token.kind}x)")
    operand = _parse_operand(cursor)
    cursor.grow()
    return Unary(cursor.span_from(sign.start), sign.kind, operand)


def _parse_path(cursor: Cursor, target: Expression) -> Expression:
    start = target.span.start
    while cursor.token.kind in {".", "["}:
        cursor.grow()
        if not cursor.take(".") or cursor.token.kind == "[":
            target = _parse_index(cursor, target)
            continue
        name = _parse_member_name(cursor)
        if cursor.token.kind == "(":
            call = _parse_call(cursor, name)
            target = QualifiedCall(cursor.span_from(start), target, call)
        else:
            target = Member(cursor.span_from(start), target, name)
    return target


def _parse_member_name(cursor: Cursor) -> Name:
    """A name after a dot, or a pattern at the end: `database("d").T*`; anywhere else `*` is a multiplication."""
    first = cursor.token
    if first.kind not in {tokens.NAME, "*"}:
        cursor.fail("a name after `.`")
    end = cursor.advance().end
    if cursor.token.kind == "*" and cursor.token.start == end and cursor.peek().kind in _STOPS:
        end = cursor.advance().end
    return Name(Span(first.start, end), cursor.source.text[first.start : end])


def parse_column_path(cursor: Cursor) -> Expression:
    """Read a column, or members and indices of one; never a call, for brackets behind it belong to the operator."""
    name = cursor.expect_name("a column")
    path: Expression = NameExpression(name.span, name.text)
    height = cursor.height
    cursor.height = 0
    while cursor.token.kind in {".", "["}:
        cursor.grow()
        if cursor.take(".") and cursor.token.kind != "[":
            member = cursor.expect_name("a name after `.`")
            path = Member(cursor.span_from(name.span.start), path, member)
        else:
            path = _parse_index(cursor, path)
    cursor.join(height)
    return path


def _parse_index(cursor: Cursor, target: Expression) -> Index:
    opening = cursor.open(cursor.token.kind)
    index = parse_expression(cursor)
    cursor.close(opening)
    return Index(cursor.span_from(target.span.start), target, index)


def _parse_primary(cursor: Cursor) -> Expression:
    token = cursor.token
    kind = token.kind
    if kind == tokens.NAME:
        return _parse_word(cursor)
    constant = find_constant(cursor)
    if constant is not None:
        return constant
    if kind == "(":
        cursor.open("(")
        value = cursor.productions.pipe(cursor)
        cursor.close(token)
        return replace(value, span=cursor.span_from(token.start))
    if kind == "*":
        cursor.advance()
        return WildcardName(Span(token.start, token.end), "*")
    if kind == "[":
        name = cursor.find_name()
        if name is not None:
            return (
                _parse_call(cursor, name)
                if cursor.token.kind == "("
                else NameExpression(name.span, name.text)
            )
    return _missing_operand(cursor)


def _missing_operand(cursor: Cursor) -> ErrorExpression:
    token = cursor.token
    if token.kind not in _STOPS:
        cursor.fail("an expression", advise(token))
    cursor.report("an expression")
    return ErrorExpression(Span(token.start, token.start))


def _parse_word(cursor: Cursor) -> Expression:
    token = cursor.token
    text = token.text
    if text in TRUTHS:
        cursor.advance()
        return Literal(Span(token.start, token.end), ScalarType.BOOL, TRUTHS[text])
    if text in {"and", "or"}:
        cursor.report("an expression")
        return ErrorExpression(Span(token.start, token.start))
    following = cursor.peek().kind
    if following == "(":
        return _parse_word_and_brackets(cursor)
    if text in _BEFORE_BRACKETS:
        return _parse_before_brackets(cursor)
    if text == "not" and following == tokens.NAME and cursor.peek().text not in PRECEDENCE:
        cursor.advance()
        cursor.report("`(` after `not`", "write not(condition)")
        return _parse_operand(cursor)
    if text == "entity_group" and following == "[":
        return _parse_entity_group(cursor)
    cursor.advance()
    return NameExpression(Span(token.start, token.end), text)


def _parse_word_and_brackets(cursor: Cursor) -> Expression:
    token = cursor.token
    if token.text in TYPED_WORDS:
        cursor.fail(f"a constant in `{token.text}(...)`", advise_constant(token.text))
    match token.text:
        case "dynamic":
            return parse_dynamic(cursor)
        case "typeof":
            return parse_typeof(cursor)
        case "datatable" | "externaldata" | "external_data" | "inline_external_table":
            return cursor.productions.table(cursor)
        case _:
            cursor.advance()
            return _parse_call(cursor, Name(Span(token.start, token.end), token.text))


def _parse_before_brackets(cursor: Cursor) -> Call:
    """`toscalar kind=nooptimization (...)`: the hint changes no answer, and is not kept."""
    token = cursor.advance()
    if token.text != "dynamic" and cursor.take_word("kind"):
        cursor.expect("=")
        cursor.expect_name()
    if cursor.token.kind != "(":
        cursor.fail(f"`(` after `{token.text}`")
    return _parse_call(cursor, Name(Span(token.start, token.end), token.text))


def _parse_entity_group(cursor: Cursor) -> DeclareEntityGroup:
    start = cursor.advance().start
    opening = cursor.open(cursor.token.kind)
    members = parse_list(cursor)
    cursor.close(opening)
    return DeclareEntityGroup(cursor.span_from(start), members)


def _parse_call(cursor: Cursor, name: Name) -> Call:
    opening = cursor.open(cursor.token.kind)
    arguments: list[Argument] = []
    if cursor.token.kind != ")":
        arguments.append(_parse_argument(cursor))
        while cursor.take(","):
            arguments.append(_parse_argument(cursor))
    cursor.close(opening)
    return Call(cursor.span_from(name.span.start), name, tuple(arguments))


def parse_call(cursor: Cursor, what: str) -> Call:
    """Read `name(arguments)`."""
    name = cursor.expect_name(what)
    if cursor.token.kind != "(":
        cursor.fail(f"`(` after `{name.text}`")
    return _parse_call(cursor, name)


def _parse_argument(cursor: Cursor) -> Argument:
    token = cursor.token
    name = None
    if token.kind == tokens.NAME and cursor.peek().kind == "=":
        name = Name(Span(token.start, token.end), token.text)
        cursor.advance()
        cursor.advance()
    value = cursor.productions.pipe(cursor)
    return Argument(cursor.span_from(token.start), name, value)


def parse_list(cursor: Cursor) -> tuple[Expression, ...]:
    """Read expressions with commas between them."""
    values = [parse_expression(cursor)]
    while cursor.take(","):
        values.append(parse_expression(cursor))
    return tuple(values)


def parse_predicate(cursor: Cursor) -> Expression:
    """Read a condition; `=` in it is reported as a mistake for `==`."""
    value = parse_expression(cursor)
    while cursor.token.kind == "=":
        mirrored = cursor.peek().kind in {"<", ">"} and cursor.peek().start == cursor.token.end
        cursor.report("`==`", "write `<=` or `>=`" if mirrored else advise(cursor.token))
        cursor.advance()
        if mirrored:
            cursor.advance()
        parse_expression(cursor)
    return value


def parse_named(cursor: Cursor, least: int = OR) -> NamedExpression:
    """Read `expression`, `name = expression` or `(a, b) = expression`."""
    token = cursor.token
    names: tuple[Name, ...] = ()
    if token.kind == tokens.NAME:
        if cursor.peek().kind == "=":
            names = (cursor.expect_name(),)
            cursor.advance()
    elif token.kind == "[":
        if cursor.peek(3).kind == "=" and (name := cursor.find_name()) is not None:
            names = (name,)
            cursor.advance()
    elif token.kind == "(":
        names = _find_name_list(cursor)
    value = parse_expression(cursor, least)
    return NamedExpression(cursor.span_from(token.start), names, value)


def _find_name_list(cursor: Cursor) -> tuple[Name, ...]:
    """Read `(a, b) =` if that is what comes."""
    distance = 1
    while True:
        if cursor.peek(distance).kind == "[" and cursor.peek(distance + 2).kind == "]":
            distance += 2
        elif cursor.peek(distance).kind != tokens.NAME:
            return ()
        distance += 1
        if cursor.peek(distance).kind != ",":
            break
        distance += 1
    if cursor.peek(distance).kind != ")" or cursor.peek(distance + 1).kind != "=":
        return ()
    cursor.advance()
    names = [cursor.expect_name()]
    while cursor.take(","):
        names.append(cursor.expect_name())
    cursor.expect(")")
    cursor.expect("=")
    return tuple(names)


def parse_named_list(cursor: Cursor) -> tuple[NamedExpression, ...]:
    """Read named expressions with commas between them."""
    values = [parse_named(cursor)]
    while cursor.take(","):
        values.append(parse_named(cursor))
    return tuple(values)
