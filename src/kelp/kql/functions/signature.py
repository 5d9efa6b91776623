"""How a function is declared: what it takes and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from kelp.kql.types import ScalarType

Kind = ScalarType


class Accepts(StrEnum):
    """What a parameter takes besides one exact scalar type."""

    ANY = "any"
    TEXT = "text"
    """any scalar, taken as `tostring` gives it."""
    NUMBER = "number"
    INTEGER = "integer"
    """int or long; a real is refused."""
    SUMMABLE = "summable"
    """a number, timespan or datetime."""
    ORDERABLE = "orderable"
    """any scalar but a dynamic one, which has no order."""
    CONSTANT_STRING = "constant string"
    """a string known when the query is compiled."""
    CONSTANT_INTEGER = "constant integer"
    CONSTANT = "constant"
    SERIES = "series"
    """a dynamic array, which a segment function gets as numbers: what is no number in it is null."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    A dynamic argument is converted to the scalar type asked for; an int widens to long, real or decimal.
    """

    accepts: ScalarType | Accepts
    optional: bool = False
    repeated: bool = False
    """The last parameter may stand any number of times (at least once unless optional)."""


ReturnRule = Callable[[tuple[ScalarType, ...]], ScalarType]
"""Gives the result type from the argument types (after conversion)."""


@dataclass(frozen=True, slots=True)
class FunctionSignature:
    """One way to call a function."""

    parameters: tuple[Parameter, ...]
    returns: ScalarType | ReturnRule

    def accepts_count(self, count: int) -> bool:
        """Tell whether `count` arguments fit."""
        required = sum(1 for parameter in self.parameters if not parameter.optional)
        unbounded = bool(self.parameters) and self.parameters[-1].repeated
        return required <= count and (unbounded or count <= len(self.parameters))

    def parameter_at(self, index: int) -> Parameter:
        """Return the parameter that takes the argument at `index`."""
        return self.parameters[min(index, len(self.parameters) - 1)]


@dataclass(frozen=True, slots=True)
class Function:
    """A scalar or aggregation function. The first signature whose types fit wins.

    The engine has no way to compute one that `is_segment`: `kelp.segments` does. One that `gives_series` gives a
    dynamic array of numbers, as numbers.
    """

    name: str
    signatures: tuple[FunctionSignature, ...]
    aliases: tuple[str, ...] = ()
    is_segment: bool = False
    gives_series: bool = False

    def takes_series(self, index: int, count: int) -> bool:
        """Tell whether the argument at `index` of `count` is given as numbers."""
        fitting = [one for one in self.signatures if one.accepts_count(count)]
        return bool(fitting) and fitting[0].parameter_at(index).accepts is Accepts.SERIES


def function(
    name: str,
    parameters: tuple[Parameter | ScalarType | Accepts, ...],
    returns: ScalarType | ReturnRule,
    *more: tuple[tuple[Parameter | ScalarType | Accepts, ...], ScalarType | ReturnRule],
    aliases: tuple[str, ...] = (),
) -> Function:
    """Return a function row; `more` are further (parameters, returns) overloads."""
    signatures = tuple(
        FunctionSignature(tuple(p if isinstance(p, Parameter) else Parameter(p) for p in taken), given)
        for taken, given in ((parameters, returns), *more)
    )
    return Function(name, signatures, aliases)


def segment_function(
    name: str,
    parameters: tuple[Parameter | ScalarType | Accepts, ...],
    returns: ScalarType | ReturnRule,
    *more: tuple[tuple[Parameter | ScalarType | Accepts, ...], ScalarType | ReturnRule],
    aliases: tuple[str, ...] = (),
    gives_series: bool = False,
) -> Function:
    """Return the row of a function that `kelp.segments` computes; the parameters are those of `function`."""
    row = function(name, parameters, returns, *more, aliases=aliases)
    return replace(row, is_segment=True, gives_series=gives_series)


def optional(accepts: ScalarType | Accepts) -> Parameter:
    """Return a parameter that may be left out."""
    return Parameter(accepts, optional=True)


def repeated(accepts: ScalarType | Accepts) -> Parameter:
    """Return a last parameter that stands once or more."""
    return Parameter(accepts, repeated=True)


def same_as_first(types: tuple[ScalarType, ...]) -> ScalarType:
    """Return rule: the type of the first argument."""
    return types[0]


def common_type(types: tuple[ScalarType, ...]) -> ScalarType:
    """Return rule: the type all arguments widen to (`widen`)."""
    result = types[0]
    for other in types[1:]:
        result = widen(result, other)
    return result


_RANK = {ScalarType.INT: 0, ScalarType.LONG: 1, ScalarType.REAL: 2, ScalarType.DECIMAL: 3}


def widen(left: ScalarType, right: ScalarType) -> ScalarType:
    """Return the type both widen to; dynamic where they have nothing in common."""
    if left == right:
        return left
    if left in _RANK and right in _RANK:
        return left if _RANK[left] >= _RANK[right] else right
    return ScalarType.DYNAMIC
