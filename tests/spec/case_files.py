"""The cases of the language, read from `cases/*.toml`; the format is told in `cases/README.md`."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class SpecCase:
    """A query, and either the table it gives or a part of the message it is refused with."""

    name: str
    rules: tuple[str, ...]
    query: str
    columns: tuple[str, ...]
    rows: list[list[Any]]
    is_ordered: bool
    refused: str | None


def iter_cases() -> Iterator[SpecCase]:
    """Yield every case, named after its topic and its place in the file."""
    for file in sorted(FOLDER.glob("*.toml")):
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        for number, case in enumerate(document["case"], start=1):
            yield SpecCase(
                name=f"{file.stem}-{number}",
                rules=tuple(case["rules"]),
                query=case["query"],
                columns=tuple(case.get("columns", ())),
                rows=json.loads(case.get("rows", "[]")),
                is_ordered=case.get("ordered", False),
                refused=case.get("refused"),
            )
