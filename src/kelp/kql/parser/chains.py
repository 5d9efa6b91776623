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
