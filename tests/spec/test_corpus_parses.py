"""Every query of the corpus is read, is spelled again without loss, and those that are not read are listed with a reason."""

from __future__ import annotations

from kelp.kql.parser import parse
from kelp.kql.text import Span
from kelp.kql.unparse import unparse
from tests.spec.corpus import load_queries, load_refused
from tests.unit.kql.parser.reading import assert_spans_nest, without_spans


def test_all_queries_are_read_but_for_those_listed() -> None:
    failed = {name for name, query in load_queries().items() if parse(query).diagnostics}
    assert sorted(failed - load_refused().keys()) == []
    assert sorted(load_refused().keys() - failed) == []


def test_every_refusal_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in load_refused().values())


def test_what_is_spelled_is_read_as_the_same_tree() -> None:
    lossy = []
    for name, query in load_queries().items():
        parsed = parse(query)
        if parsed.diagnostics:
            continue
        again = parse(unparse(parsed.block))
        if again.diagnostics or without_spans(again.block) != without_spans(parsed.block):
            lossy.append(name)
    assert lossy == []


def test_spans_nest() -> None:
    for query in load_queries().values():
        parsed = parse(query)
        assert_spans_nest(parsed.block, Span(0, len(query)))


def test_spelling_is_stable() -> None:
    unstable = []
    for name, query in load_queries().items():
        parsed = parse(query)
        if parsed.diagnostics:
            continue
        text = unparse(parsed.block)
        if unparse(parse(text).block) != text:
            unstable.append(name)
    assert unstable == []
