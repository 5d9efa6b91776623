"""Long runs of `and` and `or`."""

from __future__ import annotations

from kelp.kql.syntax import Binary, Expression
from kelp.kql.text import Span

_LONGEST_LEFT_DEEP = 16


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
