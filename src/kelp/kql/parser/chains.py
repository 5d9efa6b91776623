"""Long runs of `and` and `or`."""

from __future__ import annotations

from kelp.kql.syntax import Binary, Expression
from kelp.kql.text import Span

_LONGEST_LEFT_DEEP = 8


def count_levels(terms: int) -> int:
    """Return how many levels `build_chain` makes of so many terms."""
    return terms - 1 if terms <= _LONGEST_LEFT_DEEP else terms.bit_length() + _LONGEST_LEFT_DEEP


def build_chain(word: str, operands: list[Expression]) -> Expression:
    """Return `operands` joined by `and` or `or`.

    A few terms lean left, as they are read. Many terms make a balanced tree (both operators are associative):
    generated queries have thousands, and whatever reads the tree goes down it.
    """
    if len(operands) > _LONGEST_LEFT_DEEP:
        middle = len(operands) // 2
        left, right = build_chain(word, operands[:middle]), build_chain(word, operands[middle:])
        return Binary(Span(left.span.start, right.span.end), word, left, right)
    result = operands[0]
    for operand in operands[1:]:
        result = Binary(Span(result.span.start, operand.span.end), word, result, operand)
    return result


def split_chain(node: Binary) -> list[Expression] | None:
    """Return the terms that `build_chain` makes this very tree of, if there are such."""
    terms = _terms(node, node.operator)
    return terms if _same_shape(node, build_chain(node.operator, terms), node.operator) else None


def _terms(node: Expression, word: str) -> list[Expression]:
    if isinstance(node, Binary) and node.operator == word:
        return [*_terms(node.left, word), *_terms(node.right, word)]
    return [node]


def _same_shape(first: Expression, second: Expression, word: str) -> bool:
    match first, second:
        case Binary(), Binary() if first.operator == word == second.operator:
            return _same_shape(first.left, second.left, word) and _same_shape(first.right, second.right, word)
        case _:
            return first is second
