"""The reviewed list of what Kelp and Microsoft's language service disagree about: `exceptions.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("exceptions.toml")


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of disagreement; its expressions are sought in what either side says, and in the text."""

    name: str
    reason: str
    kelp: str = ""
    reference: str = ""
    text: str = ""

    def explains(self, text: str, kelp: str | None = None, reference: str | None = None) -> bool:
        """Tell whether the rule holds for a text, and what the side that refuses it says."""
        said = ((self.text, text), (self.kelp, kelp), (self.reference, reference))
        return all(re.search(expression, found or "") for expression, found in said if expression)


@dataclass(frozen=True, slots=True)
class Exceptions:
    """All of the file: disagreements about what is read, and about columns."""

    syntax: tuple[Rule, ...]
    columns: tuple[Rule, ...]

    @property
    def all(self) -> tuple[Rule, ...]:
        """Every entry."""
        return (*self.syntax, *self.columns)


@cache
def load_exceptions() -> Exceptions:
    """Return what the file says."""
    document = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Exceptions(
        tuple(Rule(name, **entry) for name, entry in document["syntax"].items()),
        tuple(Rule(name, **entry) for name, entry in document["columns"].items()),
    )
