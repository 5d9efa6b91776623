"""The queries that run, by the workspaces they read, and what is kept of former ones: what a seal has to end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kelp.query.compile_cache import CompileCache

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from uuid import UUID

    from kelp.base.errors import ServiceError
    from kelp.query.stages import Stages


class RunningQueries:
    """Belongs to one event loop."""

    def __init__(
        self,
        stages: Stages,
        find_refusal: Callable[[Collection[UUID]], ServiceError | None] = lambda _workspaces: None,
    ) -> None:
        """`find_refusal` tells why queries of some workspaces are refused now; None if they are not."""
        self.compiled = CompileCache()
        self.find_refusal = find_refusal
        self._stages = stages
        self._reading: dict[str, frozenset[UUID]] = {}
        self._forgetting: list[Callable[[], None]] = []

    def when_sealed(self, forget: Callable[[], None]) -> None:
        """Have this called whenever what is kept of former results must go."""
        self._forgetting.append(forget)

    @contextmanager
    def note(self, tag: str, workspace_ids: Collection[UUID]) -> Iterator[None]:
        """Know, while the block runs, that the query of that tag reads the workspaces."""
        self._reading[tag] = frozenset(workspace_ids)
        try:
            yield
        finally:
            del self._reading[tag]

    async def stop_reading(self, workspace_ids: Collection[UUID]) -> int:
        """Stop the queries that read any of the workspaces, and forget all results and statements that are kept.

        Returns how many there were. Their callers get what was sent so far and the reason why it is not the whole.
        """
        tags = [tag for tag, reading in self._reading.items() if not reading.isdisjoint(workspace_ids)]
        for tag in tags:
            await self._stages.kill(tag)
        self.compiled.clear()
        self._stages.forget_results()
        for forget in self._forgetting:
            forget()
        return len(tags)
