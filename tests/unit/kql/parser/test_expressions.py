from __future__ import annotations

import pytest

from kelp.kql.syntax import (
    Between,
    Binary,
    Call,
    DeclareEntityGroup,
    Expression,
    Index,
    Literal,
    Member,
    Membership,
    NameExpression,
    PipelineExpression,
    QualifiedCall,
    TypeLiteral,
    Unary,
    WildcardName,
)
from kelp.kql.text import Span
from kelp.kql.unparse import unparse
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_value


def shape(node: Expression) -> str:
    """Return an expression with brackets around every operator."""
    match node:
        case Unary():
            return f"({node.operator}{shape(node.operand)})"
        case Binary():
            return f"({shape(node.left)} {node.operator} {shape(node.right)})"
        case Between():
            return f"({shape(node.subject)} between {shape(node.low)}..{shape(node.high)})"
        case Membership():
            return f"({shape(node.subject)} {node.operator} [{', '.join(shape(one) for one in node.items)}])"
        case _:
            return unparse(node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and c or d", "((a or (b and c)) or d)"),
        ("a and b and c", "((a and b) and c)"),
        ("a == 1 and b != 2", "((a == 1) and (b != 2))"),
        ("a <> b", "(a != b)"),
        ("a + b == c < d", "((a + b) == (c < d))"),
        ("a - b - c", "((a - b) - c)"),
        ("a - b * c % d", "(a - ((b * c) % d))"),
        ("(a - b) * c", "((a - b) * c)"),
        ("a * b has c", "(a * (b has c))"),
        ("a has b + c", "((a has b) + c)"),
        ("a =~ b and c !~ d", "((a =~ b) and (c !~ d))"),
        ("-a * b", "((-a) * b)"),
        ("a * -b", "(a * (-b))"),
        ("-(-a)", "(-(-a))"),
        ("a - -1", "(a - (-1))"),
        ("a !has b or c !contains_cs d", "((a !has b) or (c !contains_cs d))"),
        ("a matches regex b", "(a matches regex b)"),
        ("a notcontains b", "(a !contains b)"),
        ("a containscs b or c notcontainscs d", "((a contains_cs b) or (c !contains_cs d))"),
        ("a like b or c notlikecs d", "((a like b) or (c notlikecs d))"),
        ("a in (1, 2) and b !in~ (c)", "((a in [1, 2]) and (b !in~ [c]))"),
        ("a + 1 has_any (b, c)", "((a + 1) has_any [b, c])"),
        ("a !has_all (b)", "(a !has_all [b])"),
        ("a between (1 .. b + 1) or c", "((a between 1..(b + 1)) or c)"),
        ("a between (1..2)", "(a between 1..2)"),
        ("a.b * 2", "(a.b * 2)"),
        ("a.b*2", "(a.b * 2)"),
        ("a:b and c", "((a : b) and c)"),
        ("* has 'a'", '(* has "a")'),
        ("* == 1 or b", "((* == 1) or b)"),
    ],
)
def test_precedence(text: str, expected: str) -> None:
    assert shape(read_value(text)) == expected


def test_between_may_be_negated() -> None:
    value = read_value("a !between (1 .. 2)")
    assert isinstance(value, Between)
    assert value.negated


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a", NameExpression),
        ("['a b']", NameExpression),
        ("$left", NameExpression),
        ("*", WildcardName),
        ("a.b", Member),
        ("a[0]", Index),
        ("a['b c']", Index),
        ("a.['b c']", Index),
        ("f()", Call),
        ("['f g'](1)", Call),
        ("has(a)", Call),
        ("not(a)", Call),
        ("database('a').f(b)", QualifiedCall),
        ("workspace('a').T", Member),
        ("cluster('a').database('b').T", Member),
        ("typeof(long)", TypeLiteral),
        ("(T | take 1)", PipelineExpression),
        ("(T)", NameExpression),
        ("entity_group [a, b]", DeclareEntityGroup),
        ("True", Literal),
        ("'a' \"b\"", Literal),
    ],
)
def test_operands(text: str, kind: type[Expression]) -> None:
    assert isinstance(read_value(text), kind)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a.b[0]['c d'].e[-1]", 'a.b[0]["c d"].e[-1]'),
        ("f(x = 1, (T | project a, b), *)", "f(x = 1, (T | project a, b), *)"),
        ("f(x = T | project a, b)", "f(x = T | project a, b)"),
        ("a in ((T | take 1), b)", "a in ((T | take 1), b)"),
        ("toscalar(T | summarize max(a))", "toscalar(T | summarize max(a))"),
        ("toscalar kind=nooptimization (T | count)", "toscalar(T | count)"),
        ("a in ((T | project b))", "a in (T | project b)"),
        ("a in (datatable(b: long) [1])", "a in (datatable(b: long) [1])"),
        ("iff(a, datetime(null), 1h)", "iff(a, datetime(null), 1h)"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a or b) and c", "(a or b) and c"),
        ("a and (b and c)", "a and (b and c)"),
        ("(a and b) and c", "a and b and c"),
        ("(-a).b", "(-a).b"),
        ("-a.b", "-a.b"),
        ("(a + b).c", "(a + b).c"),
        ("['in'] in (['by'])", '["in"] in (["by"])'),
        ("typeof(*, a: long, ['b c']: real)", 'typeof(*, a: long, ["b c"]: real)'),
        ("database('a').['b c']", 'database("a")["b c"]'),
        ("a.by.has", "a.by.has"),
        ("case(a, 'x' 'y', b)", 'case(a, "xy", b)'),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(f"print {text}", f"print {canonical}")


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("print (a«»", "expected `)`, found the end of the query", "close the `(` of line 1, position 7"),
        ("print f(a, «)»", "expected an expression, found `)`", None),
        ("print a[«]»", "expected an expression", None),
        ("print a in «1», 2", "expected `(`", "in (a, b)"),
        ("print a between («»", "expected an expression", None),
        ("print a between (1«,» 2)", "expected `..`", "between (low .. high)"),
        ("print a between «1» and 2", "expected `(` after `between`", None),
        ("print a matches «'b'»", "expected `regex`", None),
        ("print a.«1»", "expected a name after `.`", None),
        ("print -«-»a", "expected an expression", "brackets: -(-x)"),
        ("print a = toscalar«»", "expected `(` after `toscalar`", None),
        ("print dynamic «+» 1", "expected `(` after `dynamic`", None),
        ("print a ==«=» 1", "expected an expression, found `=`", "`==`"),
        ("print a «b»", "found `b`", "missing before it"),
        ("T | where «and» a", "expected an expression, found `and`", None),
        ("print typeof(«strng»)", "expected a type", "`string`"),
        ("print f(a «OR» b)", "expected `)`, found `OR`", "lower case"),
        (r"print «'\d'»", r"`\d` is no escape sequence", '@"..."'),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_spans_cover_brackets() -> None:
    text = "print (a + b) * c"
    value = read_value("(a + b) * c")
    assert isinstance(value, Binary)
    assert value.span == Span(0, len(text) - len("print "))
    assert value.left.span == Span(0, 7)
    assert value.right.span == Span(10, 11)
