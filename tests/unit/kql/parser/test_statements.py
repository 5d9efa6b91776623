from __future__ import annotations

import pytest

from kelp.kql.parser import parse
from kelp.kql.syntax import FunctionLiteral, Let, Literal, PipelineExpression, QueryStatement
from kelp.kql.types import ScalarType
from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("let a = 1; T | where b == a", "let a = 1;\nT\n| where b == a"),
        ("let a = 1;T;", "let a = 1;\nT"),
        ("T | count; U", "T\n| count;\nU"),
        ("", ""),
        ("// only a comment", ""),
        ("let T2 = T | where a; T2", "let T2 = T | where a;\nT2"),
        ("let ['a b'] = 5", 'let ["a b"] = 5'),
        ("let f = () { 1 }; f()", "let f = () { 1 };\nf()"),
        (
            "let f = (a: long, b: string = 'x', T: (c: real, ['d e']: int), U: (*)) { let y = a; T | where c > y; };",
            'let f = (a: long, b: string = "x", T: (c: real, ["d e"]: int), U: (*)) { let y = a; T | where c > y }',
        ),
        ("let f = (a:INT, b:Double) {a}", "let f = (a: int, b: real) { a }"),
        ("let v = view () { T | take 1 }", "let v = view () { T | take 1 }"),
        ("let v = view(5)", 'let v = ["view"](5)'),
        ("let a = (1 + 2) * 3", "let a = (1 + 2) * 3"),
        ("let a = (b)", "let a = b"),
        ("let g = entity_group [a, database('b')]", 'let g = entity_group [a, database("b")]'),
        ("let m = materialize(T | take 1)", "let m = materialize(T | take 1)"),
        ("let let = 1; print let", "let let = 1;\nprint let"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


def test_a_let_value_is_an_expression_a_pipeline_or_a_function() -> None:
    statements = parse("let a = 1; let b = T | take 1; let c = (d: long) { d }; c(a)").block.statements
    assert [type(one.value) for one in statements if isinstance(one, Let)] == [
        Literal,
        PipelineExpression,
        FunctionLiteral,
    ]
    assert isinstance(statements[-1], QueryStatement)


def test_parameters() -> None:
    (statement,) = parse("let f = view (a: long = 5, T: (x: string), U: (*)) { a }").block.statements
    assert isinstance(statement, Let)
    assert isinstance(statement.value, FunctionLiteral)
    assert statement.value.is_view
    scalar, table, any_table = statement.value.parameters
    assert (scalar.name, scalar.type, scalar.columns) == ("a", ScalarType.LONG, ())
    assert isinstance(scalar.default, Literal)
    assert (table.type, [(one.name, one.type) for one in table.columns]) == (None, [("x", ScalarType.STRING)])
    assert (any_table.type, any_table.columns, any_table.any_columns) == (None, (), True)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("let x «5»; T", "expected `=` after `x`", None),
        ("let x = «;» T", "expected an expression", None),
        ("let x = 5\n«T» | take x", "expected `;`, found `T`", "end the statement above"),
        ("let x = 5 «T» | take x", "expected `|` or `;`, found `T`", None),
        ("let f = (a: «strin») { a }; f(1)", "expected a type", "`string`"),
        ("let f = (a) «{» a }", "found `{`", "have types"),
        ("let f = (a: long) { a«»", "expected `}`", "close the `{` of line 1, position 19"),
        ("T;«;»U", "expected a statement", "one `;`"),
        ("«;»T", "expected a statement", "one `;`"),
        ("T | take 1«)» | take 2", "expected `;`, found `)`", "no bracket that this `)` closes"),
        ("T «}»", "expected `;`, found `}`", "no bracket"),
        ("«)» T", "expected an expression, found `)`", None),
        ("«|» take 5", "expected a query", "starts with a table"),
        ("«.show» tables", "management command", "starts with a table"),
        ("T; «.create-or-alter» table X (a: long)", "`.create-or-alter` is a management command", None),
        ("«select» * from T", "expected a query", "SQL"),
        ("«SELECT» a FROM T", "expected a query", "SQL"),
        ("«-»- comment\nT", "expected a query", "//"),
        ("«/»* comment */ T", "expected a query", "//"),
        ("T | «let» x = 5", "there is no operator `let`", "is a statement"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_each_statement_is_read_on_its_own() -> None:
    parsed = parse("let a 1;\nlet b = ;\nlet c = 3;\nT | where c == 3 | foo;\nU | take 1")
    assert [one.message for one in parsed.diagnostics] == [
        "expected `=` after `a`, found `1`",
        "expected an expression, found `;`",
        "there is no operator `foo`",
    ]
    assert len(parsed.block.statements) == 5


def test_an_error_in_a_function_does_not_hide_what_follows() -> None:
    parsed = parse("let f = () { T | foo; U | bar };\nV | baz")
    assert [one.message for one in parsed.diagnostics] == [
        f"there is no operator `{word}`" for word in ("foo", "bar", "baz")
    ]
