"""What segments compute when patterns are looked for. Each gets the rows that its method describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, assert_never

from kelp.kql import mining
from kelp.plan.segment_operations import TabularOperation


@dataclass(frozen=True, slots=True)
class FindClusters(TabularOperation):
    """Patterns that tell much about many rows."""

    title: ClassVar[str] = "autocluster"

    method: mining.Autocluster


@dataclass(frozen=True, slots=True)
class FindBaskets(TabularOperation):
    """All patterns of many rows."""

    title: ClassVar[str] = "basket"

    method: mining.Basket


@dataclass(frozen=True, slots=True)
class FindDifferences(TabularOperation):
    """Patterns that differ between two sets of rows."""

    title: ClassVar[str] = "diffpatterns"

    method: mining.DiffPatterns


@dataclass(frozen=True, slots=True)
class FindTextDifferences(TabularOperation):
    """Patterns of words that differ between two sets of texts."""

    title: ClassVar[str] = "diffpatterns_text"

    method: mining.DiffPatternsText


@dataclass(frozen=True, slots=True)
class FindTextPatterns(TabularOperation):
    """Patterns of texts that are alike."""

    title: ClassVar[str] = "reduce"

    method: mining.Reduce


def operation_of(method: mining.Mining) -> TabularOperation:
    """Return the operation that computes a method."""
    match method:
        case mining.Autocluster():
            return FindClusters(method)
        case mining.Basket():
            return FindBaskets(method)
        case mining.DiffPatterns():
            return FindDifferences(method)
        case mining.DiffPatternsText():
            return FindTextDifferences(method)
        case mining.Reduce():
            return FindTextPatterns(method)
        case _:
            assert_never(method)
