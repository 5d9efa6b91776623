"""Functions of the engine that throw dice."""

from __future__ import annotations

CHANCE_FUNCTIONS = frozenset({"rand", "rand32", "rand64", "randCanonical", "generateUUIDv4"})


def depends_on_chance(sql: str) -> bool:
    """Tell whether a printed statement may give another answer each time. One that quotes such a call counts too."""
    return any(f"{function}(" in sql for function in CHANCE_FUNCTIONS)
