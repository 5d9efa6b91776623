"""What a function of templates is given, and how it is declared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kelp.templates.scope import Scope


@dataclass(frozen=True, slots=True)
class Arguments:
    """The values of one call. `apply` calls a lambda with values."""

    function: str
    values: Sequence[Any]
    scope: Scope
    apply: Callable[[Any, Sequence[Any]], Any]


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments there may be, and what they give. `most` is None for any number."""

    least: int
    most: int | None
    compute: Callable[[Arguments], Any]

    def find_count_problem(self, name: str, count: int) -> str | None:
        """Return what is wrong with the number of arguments."""
        if count >= self.least and (self.most is None or count <= self.most):
            return None
        if self.most is None:
            allowed = f"at least {self.least}"
        elif self.least == self.most:
            allowed = str(self.least)
        else:
            allowed = f"{self.least} to {self.most}"
        return f"The function '{name}' takes {allowed} arguments, not {count}."
