"""What the tests of the parser share: a query is read and spelled again, or refused at a marked place."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from kelp.kql.diagnostics import SYNTAX
from kelp.kql.parser import parse
from kelp.kql.syntax import Expression, Operator, PipelineExpression, QueryStatement, Source
from kelp.kql.text import Span
from kelp.kql.unparse import unparse


def without_spans(node: object) -> object:
    """Return a tree as plain values, without its spans; `nan` equals itself in it."""
    if isinstance(node, float):
        return repr(node)
    if isinstance(node, tuple) and not isinstance(node, Span):
        return tuple(without_spans(part) for part in node)
    if is_dataclass(node):
        parts = ((one.name, getattr(node, one.name)) for one in fields(node) if one.name != "span")
        return type(node).__name__, *((name, without_spans(value)) for name, value in parts)
    return node


def assert_spans_nest(node: object, outer: Span) -> None:
    """Every span lies within the span of the node it belongs to."""
    if isinstance(node, tuple) and not isinstance(node, Span):
        for part in node:
            assert_spans_nest(part, outer)
    elif is_dataclass(node):
        span = getattr(node, "span", outer)
        assert outer.start <= span.start <= span.end <= outer.end, node
        for one in fields(node):
            assert_spans_nest(getattr(node, one.name), span)


def assert_reads(text: str, canonical: str) -> None:
    """The text has no errors, is spelled as `canonical`, and that is read as the same tree."""
    parsed = parse(text)
    assert parsed.diagnostics == ()
    assert unparse(parsed.block) == canonical
    again = parse(canonical)
    assert again.diagnostics == ()
    assert without_spans(again.block) == without_spans(parsed.block)


def assert_refuses(marked: str, message: str, hint: str | None = None) -> None:
    """The only error is where `«` and `»` stand, and says so."""
    start, end = marked.index("«"), marked.index("»") - 1
    found = parse(marked.replace("«", "").replace("»", "")).diagnostics
    assert [(one.code, one.span) for one in found] == [(SYNTAX, Span(start, end))]
    assert message in found[0].message
    if hint is not None:
        assert hint in (found[0].hint or "")


def read_value(text: str) -> Expression:
    """Return the expression that is the last statement of a query without errors."""
    parsed = parse(text)
    assert parsed.diagnostics == ()
    statement = parsed.block.statements[-1]
    assert isinstance(statement, QueryStatement)
    return statement.value


def read_operator(text: str) -> Operator:
    """Return the last operator of the last statement."""
    value = read_value(text)
    assert isinstance(value, PipelineExpression)
    return value.pipeline.operators[-1]


def read_source(text: str) -> Source:
    """Return the source of the last statement."""
    value = read_value(text)
    assert isinstance(value, PipelineExpression)
    return value.pipeline.source
