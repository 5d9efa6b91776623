from __future__ import annotations

import pytest

from kelp.kql.parser import parse
from kelp.kql.syntax import DeclareParameters, DeclarePattern, QueryStatement, Restrict, SetOption
from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("set notruncation; T", "set notruncation;\nT"),
        ("set a = 5; set b=x; set c = 'd'; set e=true", 'set a = 5;\nset b = x;\nset c = "d";\nset e = true'),
        (
            "alias database ['a b'] = cluster('c').database('d')",
            'alias database ["a b"] = cluster("c").database("d")',
        ),
        ("restrict access to (T, U*, database('d').V)", 'restrict access to (T, U*, database("d").V)'),
        (
            "declare query_parameters(a: long, b: string = 'x'); T",
            'declare query_parameters(a: long, b: string = "x");\nT',
        ),
        (
            "declare pattern p = (a: string)[b: string] { ('x').['y'] = { print 1; T }; }; p('x').y",
            "declare pattern p = (a: string)[b: string] { ('x').['y'] = { print 1; T }; };\np(\"x\").y",
        ),
        ("declare pattern p; p('x')", 'declare pattern p ;\np("x")'),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("set a", SetOption),
        ("set | take 1", QueryStatement),
        ("restrict access to (a)", Restrict),
        ("restrict | take 1", QueryStatement),
        ("declare query_parameters(a: long)", DeclareParameters),
        ("declare pattern p = (a: string) { ('x') = { T }; }", DeclarePattern),
    ],
)
def test_kinds(text: str, kind: type) -> None:
    parsed = parse(text)
    assert parsed.diagnostics == ()
    assert [type(one) for one in parsed.block.statements] == [kind]


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("restrict access «of» (T)", "expected `to` after `access`", None),
        ("declare «function» f", "expected `pattern` or `query_parameters`", None),
        ("declare query_parameters «a»", "expected `(` and the parameters", None),
        ("alias database a «:» b", "expected `=` after `a`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
