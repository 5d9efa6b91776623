"""The reviewed list of texts about which Kelp and Microsoft's language service disagree: `exceptions.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("exceptions.toml")


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of disagreement about syntax; its expressions match what either side says, or the text."""

    name: str
    kelp: str
    reference: str
    text: str

    def explains(self, kelp: str | None, reference: str | None, text: str) -> bool:
        """Tell whether the rule holds for what the side that refuses the text says."""
        if (self.kelp and kelp is None) or (self.reference and reference is None):
            return False
        return all(
            re.search(expression, said or "")
            for expression, said in ((self.kelp, kelp), (self.reference, reference), (self.text, text))
        )


@dataclass(frozen=True, slots=True)
class Exceptions:
    """All of the file: rules, and single texts by id with the reason."""

    rules: tuple[Rule, ...]
    syntax: dict[str, str]
    columns: dict[str, str]
    reasons: tuple[str, ...]

    @property
    def size(self) -> int:
        """The number of entries."""
        return len(self.reasons)


@cache
def load_exceptions() -> Exceptions:
    """Return what the file says."""
    document = tomllib.loads(FILE.read_text(encoding="utf-8"))
    rules = document.get("rule", {})
    reasons = [entry["reason"] for entry in rules.values()]
    reasons += [*document.get("syntax", {}).values(), *document.get("columns", {}).values()]
    return Exceptions(
        tuple(
            Rule(name, entry.get("kelp", ""), entry.get("reference", ""), entry.get("text", ""))
            for name, entry in rules.items()
        ),
        document.get("syntax", {}),
        document.get("columns", {}),
        tuple(reasons),
    )
