from __future__ import annotations

import pytest

from kelp.kql.parser.chains import build_chain, count_levels, split_chain
from kelp.kql.syntax import Binary, Expression, NameExpression
from kelp.kql.text import Span


def name(number: int) -> NameExpression:
    return NameExpression(Span(number, number + 1), f"n{number}")


def height(node: Expression) -> int:
    return 1 + max(height(node.left), height(node.right)) if isinstance(node, Binary) else 0


@pytest.mark.parametrize("terms", [1, 2, 3, 8, 9, 16, 17, 100, 1000])
def test_a_chain_keeps_its_terms_and_stays_flat(terms: int) -> None:
    operands: list[Expression] = [name(number) for number in range(terms)]
    chain = build_chain("or", operands)
    assert height(chain) <= count_levels(terms)
    if isinstance(chain, Binary):
        assert split_chain(chain) == operands
        assert chain.span == Span(0, terms)


def test_few_terms_lean_left() -> None:
    chain = build_chain("and", [name(0), name(1), name(2)])
    assert isinstance(chain, Binary)
    assert isinstance(chain.left, Binary)
    assert chain.right == name(2)


def test_another_shape_is_not_split() -> None:
    right = build_chain("and", [name(1), name(2)])
    assert split_chain(Binary(Span(0, 3), "and", name(0), right)) is None
