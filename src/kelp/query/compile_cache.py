"""Compiled queries, for texts that are asked again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.base.recent import Recent
from kelp.clickhouse.lowering.encoding import Encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from kelp.clickhouse.compiler import CompiledQuery
    from kelp.kql.asker import Asker
    from kelp.kql.questions import Answer

_KEPT_QUERIES = 1_000
_LONGEST_TEXT = 20_000
"""Longer texts are rare and made by programs, and their statements are large."""


@dataclass(frozen=True, slots=True)
class CompileKey:
    """All that gives a text its meaning, but for the clock. `scope` is that of `catalog.scope.BuiltScope`."""

    text: str
    scope: Hashable
    asker: Asker | None
    time_range: tuple[int, int] | None
    row_cap: int | None
    answers: tuple[Answer, ...]
    encoding: Encoding = Encoding.WIRE


class CompileCache:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._kept: Recent[CompileKey, CompiledQuery] = Recent(_KEPT_QUERIES)

    def clear(self) -> None:
        """Forget all: texts and answers may hold records of what was sealed off."""
        self._kept.clear()

    def get(self, key: CompileKey, compile_text: Callable[[], CompiledQuery]) -> CompiledQuery:
        """Return the query for the key, compiled if it is not here. Raises as `compile_text` does."""
        found = self._kept.find(key)
        if found is None:
            found = compile_text()
            if not found.reads_clock and len(key.text) <= _LONGEST_TEXT:
                self._kept.keep(key, found)
        return found
