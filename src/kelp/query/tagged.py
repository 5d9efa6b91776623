"""What can be asked about a query by its tag while it waits or runs, and done with the rows it left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.engine.contract import QueryUsage, ResultFormat, ResultStream
    from kelp.kql.types import Column
    from kelp.query.admission import Admission
    from kelp.query.stages import Stages


class TaggedQueries:
    """Safe for concurrent use from the tasks of one event loop."""

    def __init__(self, admission: Admission, stages: Stages) -> None:
        self._admission = admission
        self._stages = stages

    def find_position(self, tag: str) -> int | None:
        """Return the place of a query in its caller's queue, counted from 1; None if it does not wait."""
        return self._admission.find_position(tag)

    async def measure(self, tag: str) -> QueryUsage | None:
        """Return what the engine has used for a query so far; None while it does nothing for it."""
        return await self._stages.measure(tag)

    async def write_lines(
        self,
        columns: Sequence[Column],
        stream: tuple[bytes, ...],
        line_format: ResultFormat,
        *,
        tag: str,
        disarmed: bool = False,
    ) -> ResultStream:
        """Return rows that are kept (the chunks of an Arrow stream) in another format. Raises `EngineError`.

        `disarmed`: texts that a spreadsheet would run have an apostrophe before them.
        """
        return await self._stages.write_lines(columns, stream, line_format, tag=tag, disarmed=disarmed)
