"""What is wrong with a template, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kelp.base.errors import Category, ServiceError


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One thing wrong. `path` leads to it: `resources[2].properties.sku`."""

    path: str
    message: str


class ExpressionError(Exception):
    """An expression that can't be read or computed. `at` is a position in its text, from 0, if it has one."""

    def __init__(self, message: str, at: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class NotYetKnown(ExpressionError):
    """The value depends on resources that are not deployed yet."""


class InvalidTemplate(ServiceError):
    """A template that can't be deployed, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[TemplateProblem]) -> None:
        details = tuple(
            ServiceError(
                Category.INVALID, "InvalidTemplate", f"{one.path}: {one.message}", target=one.path or None
            )
            for one in problems
        )
        count = f"{len(problems)} problems. " if len(problems) > 1 else ""
        message = f"Deployment template validation failed: {count}{' '.join(one.message for one in details)}"
        super().__init__(Category.INVALID, "InvalidTemplate", message, details=details)
        self.problems = tuple(problems)


class Findings:
    """Collects problems, so that a template is told all of them at once."""

    def __init__(self) -> None:
        self.problems: list[TemplateProblem] = []

    def add(self, path: str, message: str) -> None:
        """Note a problem."""
        problem = TemplateProblem(path, message)
        if problem not in self.problems:
            self.problems.append(problem)

    @contextmanager
    def at(self, path: str) -> Iterator[None]:
        """Note an `ExpressionError` of the block under this path, and go on behind the block."""
        try:
            yield
        except ExpressionError as error:
            self.add(path, error.message)

    def raise_if_any(self) -> None:
        """Raise `InvalidTemplate` when there are problems."""
        if self.problems:
            raise InvalidTemplate(self.problems)
