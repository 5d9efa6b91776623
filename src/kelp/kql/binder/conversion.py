"""Implicit conversions: what an argument may become without being asked (docs/semantics.md, "Types")."""

from __future__ import annotations

from kelp.kql.binder.constants import convert_constant
from kelp.kql.bound import Call, Expression, Literal
from kelp.kql.functions.conversions import CONVERSION_TO
from kelp.kql.functions.signature import Accepts
from kelp.kql.types import ScalarType

_WIDER: dict[ScalarType, frozenset[ScalarType]] = {
    ScalarType.INT: frozenset({ScalarType.LONG, ScalarType.REAL, ScalarType.DECIMAL}),
    ScalarType.LONG: frozenset({ScalarType.REAL, ScalarType.DECIMAL}),
    ScalarType.REAL: frozenset({ScalarType.DECIMAL}),
    ScalarType.DECIMAL: frozenset({ScalarType.REAL}),
}
_SUMMABLE = frozenset({ScalarType.TIMESPAN, ScalarType.DATETIME})


def convert(value: Expression, target: ScalarType) -> Expression:
    """Return `value` as `target`, by a conversion where the types differ; a constant at once where that is exact."""
    if value.type == target:
        return value
    constant = convert_constant(value, target) if isinstance(value, Literal) else None
    return constant or Call(CONVERSION_TO[target], (value,), target, value.span)


def _widen_or_unpack(value: Expression, target: ScalarType) -> Expression | None:
    """Return `value` as `target` where KQL converts by itself, else None."""
    source = value.type
    if source == target:
        return value
    if source is ScalarType.DYNAMIC or target in _WIDER.get(source, frozenset()):
        return convert(value, target)
    if isinstance(value, Literal) and value.value is None:
        return convert(value, target)
    if target is ScalarType.INT and source is ScalarType.LONG:
        return convert(value, target)
    return None


def adapt(value: Expression, accepts: ScalarType | Accepts) -> Expression | None:
    """Return the argument as a parameter wants it, or None when it can't be."""
    if isinstance(accepts, ScalarType):
        return _widen_or_unpack(value, accepts)
    match accepts:
        case Accepts.ANY:
            return value
        case Accepts.TEXT:
            return convert(value, ScalarType.STRING)
        case Accepts.NUMBER:
            if value.type.is_numeric:
                return value
            return convert(value, ScalarType.REAL) if value.type is ScalarType.DYNAMIC else None
        case Accepts.SUMMABLE:
            if value.type.is_numeric or value.type in _SUMMABLE:
                return value
            return convert(value, ScalarType.REAL) if value.type is ScalarType.DYNAMIC else None
        case Accepts.ORDERABLE:
            return value if value.type is not ScalarType.DYNAMIC else None
        case Accepts.INTEGER:
            if value.type in (ScalarType.INT, ScalarType.LONG):
                return value
            return convert(value, ScalarType.LONG) if value.type is ScalarType.DYNAMIC else None
        case Accepts.SERIES:
            return value if value.type is ScalarType.DYNAMIC else None
        case Accepts.CONSTANT:
            return value if isinstance(value, Literal) else None
        case Accepts.CONSTANT_STRING:
            return value if isinstance(value, Literal) and value.type is ScalarType.STRING else None
        case Accepts.CONSTANT_INTEGER:
            is_integer = value.type in (ScalarType.INT, ScalarType.LONG)
            return value if isinstance(value, Literal) and is_integer else None
