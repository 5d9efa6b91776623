"""Functions that convert a value from one unit to another."""

from __future__ import annotations

from kelp.kql.functions.signature import Function, function
from kelp.kql.types import ScalarType as T

QUANTITIES = ("angle", "energy", "force", "length", "mass", "speed", "temperature", "volume")

FUNCTIONS: tuple[Function, ...] = tuple(
    function(f"convert_{quantity}", (T.REAL, T.STRING, T.STRING), T.REAL) for quantity in QUANTITIES
)
