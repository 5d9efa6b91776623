"""What the operators and plugins that look for patterns are told: plain data, from the text down to the computation.

A pattern is a value for some of the columns; it stands for the rows that have all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kelp.kql.bound import Literal


@dataclass(frozen=True, slots=True)
class PatternColumn:
    """A column of patterns, and what stands there in a pattern that has no value for it."""

    name: str
    wildcard: Literal


@dataclass(frozen=True, slots=True)
class Autocluster:
    """A few patterns that tell much about many rows (MINE-2).

    The rows have the columns and their number, `weight`.
    """

    columns: tuple[PatternColumn, ...]
    weight: str
    size_weight: float
    seeds: int


@dataclass(frozen=True, slots=True)
class Basket:
    """All patterns of many rows (MINE-3). The rows have the columns and their number, `weight`."""

    columns: tuple[PatternColumn, ...]
    weight: str
    threshold: float
    max_dimensions: int


@dataclass(frozen=True, slots=True)
class DiffPatterns:
    """The patterns that differ most between two sets of rows (MINE-4).

    The rows have the columns and their numbers in the sets, `weights`.
    """

    columns: tuple[PatternColumn, ...]
    weights: tuple[str, str]
    threshold: float
    max_dimensions: int | None


@dataclass(frozen=True, slots=True)
class DiffPatternsText:
    """The patterns of words that differ most between two sets of texts (MINE-5).

    The rows have the text, `column`, and its numbers in the sets, `weights`.
    """

    column: str
    weights: tuple[str, str]
    min_tokens: int
    threshold: float
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Reduce:
    """The patterns of texts that are alike (MINE-6). The rows have the text, `column`, and its number, `weight`.

    Where it `is_by_text`, each text with its pattern, else the patterns with their numbers.
    """

    column: str
    weight: str
    threshold: float
    characters: str | None
    is_by_text: bool


Mining = Autocluster | Basket | DiffPatterns | DiffPatternsText | Reduce
