"""Compiling a text whose meaning depends on data: the engine is asked first, by the service and the command line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kelp.clickhouse.compiler import DataNeeded, read_answer
from kelp.engine.contract import QueryStatistics
from kelp.kql.questions import WebRequest
from kelp.query.errors import ColumnsTooLong
from kelp.query.stages import add_statistics, without_made_up_rows

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

    `open_stream` runs a statement under the limits that the query itself has, `send` has a request answered; `used` is
    what the questions cost so far.
    """

    open_stream: Callable[[CompiledResult], Awaitable[ResultStream]]
    send: Callable[[WebRequest], Awaitable[Answer]]
    used: QueryStatistics = field(default_factory=QueryStatistics)

    async def compile(self, compile_with: Callable[[tuple[Answer, ...]], CompiledQuery]) -> CompiledQuery:
        """Return what `compile_with` gives once it has all the answers that it asks for by raising `DataNeeded`.

        Raises what it raises else, what `send` raises, `ColumnsTooLong`, and `EngineError`.
        """
        answers: tuple[Answer, ...] = ()
        while True:
            try:
                return compile_with(answers)
            except DataNeeded as needed:
                question = needed.question
            if isinstance(question, WebRequest):
                answers = (*answers, await self.send(question))
            else:
                answers = (*answers, read_answer(await self._ask(question)))

    async def _ask(self, question: CompiledResult) -> bytes:
        rows = bytearray()
        async with await self.open_stream(question) as stream:
            async for chunk in stream:
                rows += chunk
                if len(rows) > MAX_ANSWER_BYTES:
                    raise ColumnsTooLong
        used = without_made_up_rows(stream.statistics, question.all_tables)
        self.used = add_statistics(self.used, replace(used, result_rows=0, result_bytes=0))
        return bytes(rows)
