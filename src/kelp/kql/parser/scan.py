"""`scan`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor, ProductionFailed
from kelp.kql.parser.expressions import parse_expression, parse_named_list, parse_predicate
from kelp.kql.parser.options import parse_options
from kelp.kql.parser.schema import parse_column
from kelp.kql.parser.sort import parse_keys
from kelp.kql.syntax import NamedExpression, Scan, ScanDeclaration, ScanStep

_OPTIONS = frozenset({"with_match_id", "with_step_name"})
_OUTPUTS = frozenset({"all", "last", "none"})


def parse_scan(cursor: Cursor, start: int) -> Scan:
    """Read `[with_match_id=...] [order by ...] [partition by ...] [declare (...)] with (steps)`."""
    options = parse_options(cursor, _OPTIONS)
    order_by = parse_keys(cursor) if _take_by(cursor, "order") else ()
    partition_by = parse_named_list(cursor) if _take_by(cursor, "partition") else ()
    declarations = _parse_declarations(cursor) if cursor.take_word("declare") else ()
    cursor.expect_word("with", " and the steps in brackets")
    opening = cursor.open("(", " and the steps")
    steps = _parse_steps(cursor)
    cursor.close(opening)
    return Scan(cursor.span_from(start), options, order_by, partition_by, declarations, steps)


def _parse_steps(cursor: Cursor) -> tuple[ScanStep, ...]:
    """Read steps; one that can't be read ends at its own `;`, which is not the end of the statement."""
    depth = cursor.depth
    steps: list[ScanStep] = []
    while True:
        try:
            steps.append(_parse_step(cursor))
        except ProductionFailed:
            cursor.skip_to("", depth)
            cursor.take(";")
        if not cursor.at_word("step"):
            return tuple(steps)


def _take_by(cursor: Cursor, word: str) -> bool:
    if not cursor.take_word(word):
        return False
    cursor.expect_word("by", f" after `{word}`")
    return True


def _parse_declarations(cursor: Cursor) -> tuple[ScanDeclaration, ...]:
    opening = cursor.open("(", " after `declare`")
    declarations: list[ScanDeclaration] = []
    while cursor.token.kind != ")":
        start = cursor.token.start
        column = parse_column(cursor)
        default = parse_expression(cursor) if cursor.take("=") else None
        declarations.append(ScanDeclaration(cursor.span_from(start), column, default))
        if not cursor.take(","):
            break
    cursor.close(opening)
    return tuple(declarations)


def _parse_step(cursor: Cursor) -> ScanStep:
    start = cursor.token.start
    cursor.expect_word("step")
    name = cursor.expect_name("the name of the step").text
    optional = cursor.take_word("optional")
    output = None
    if cursor.take_word("output"):
        cursor.expect("=", " after `output`")
        if cursor.token.text not in _OUTPUTS:
            cursor.fail("`all`, `last` or `none`")
        output = cursor.advance().text
    cursor.expect(":", " and the condition of the step")
    condition = parse_predicate(cursor)
    assignments: tuple[NamedExpression, ...] = parse_named_list(cursor) if cursor.take("=>") else ()
    if cursor.token.kind != ")":
        cursor.expect(";", " at the end of the step")
    return ScanStep(cursor.span_from(start), name, optional, output, condition, assignments)
