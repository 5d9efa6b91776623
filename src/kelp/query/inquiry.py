"""Compiling a text whose meaning depends on data: the engine is asked first, by the service and the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kelp.clickhouse.compiler import DataNeeded, read_answer
from kelp.engine.contract import QueryStatistics
from kelp.query.errors import ColumnsTooLong

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kelp.clickhouse.compiler import CompiledQuery, CompiledResult
    from kelp.engine.contract import ResultStream
    from kelp.kql.questions import Answer

MAX_ANSWER_BYTES = 1 << 20
"""Names of columns that are longer in all than this are refused."""


@dataclass(slots=True)
class Inquiry:
    """The questions of one query.

    `open_stream` runs a statement under the limits that the query itself has; `used` is what the questions cost so far.
    """

    open_stream: Callable[[CompiledResult], Awaitable[ResultStream]]
    used: QueryStatistics = field(default_factory=QueryStatistics)

    async def compile(self, compile_with: Callable[[tuple[Answer, ...]], CompiledQuery]) -> CompiledQuery:
        """Return what `compile_with` gives once it has all the answers that it asks for by raising `DataNeeded`.

        Raises what it raises else, `ColumnsTooLong`, and `EngineError`.
        """
        answers: tuple[Answer, ...] = ()
        while True:
            try:
                return compile_with(answers)
            except DataNeeded as needed:
                question = needed.question
            answers = (*answers, read_answer(await self._ask(question)))

    async def _ask(self, question: CompiledResult) -> bytes:
        rows = bytearray()
        async with await self.open_stream(question) as stream:
            async for chunk in stream:
                rows += chunk
                if len(rows) > MAX_ANSWER_BYTES:
                    raise ColumnsTooLong
        used, reads_tables = stream.statistics, bool(question.tables)
        self.used = QueryStatistics(
            elapsed_seconds=self.used.elapsed_seconds + used.elapsed_seconds,
            rows_read=self.used.rows_read + used.rows_read * reads_tables,
            bytes_read=self.used.bytes_read + used.bytes_read * reads_tables,
        )
        return bytes(rows)
