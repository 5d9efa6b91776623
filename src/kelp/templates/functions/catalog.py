"""All functions by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kelp.templates.functions.collections import COLLECTION_FUNCTIONS
from kelp.templates.functions.contract import Function
from kelp.templates.functions.dates import DATE_FUNCTIONS
from kelp.templates.functions.numbers import NUMBER_FUNCTIONS
from kelp.templates.functions.places import PLACE_FUNCTIONS
from kelp.templates.functions.texts import TEXT_FUNCTIONS

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {**TEXT_FUNCTIONS, **COLLECTION_FUNCTIONS, **NUMBER_FUNCTIONS, **DATE_FUNCTIONS, **PLACE_FUNCTIONS}
)
"""By lower-case name."""

SPECIAL_NAMES = frozenset(("if", "lambda", "coalesce"))
"""Functions that don't compute all of their arguments; `evaluation` knows them."""
