"""Changes the store that a workspace's new records go to: nothing is lost, nothing comes twice, nobody has to wait.

What is sent meanwhile is acknowledged as ever and waits in the journal; what is asked is answered.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.base.ids import WorkspaceId
    from kelp.catalog.engine_tables import EngineTables
    from kelp.ingest.frame_ledger import FrameLedger
    from kelp.ingest.writer import Writer


class StoreMove:
    """Belongs to one event loop."""

    def __init__(self, writer: Writer, frames: FrameLedger, tables: EngineTables) -> None:
        self._writer = writer
        self._frames = frames
        self._tables = tables

    async def move(self, workspace_id: WorkspaceId, flip: Callable[[], None]) -> None:
        """Call `flip`, which blocks and changes the present store at once, between two loads of the workspace.

        By then no load plan of it is open, what was loaded is archived where it was, and every table has begun a new
        generation. Raises what `flip` raises, and `ServiceError` (conflict) while plans are open that can't be carried
        out now; then nothing has changed, and it may be tried again.
        """
        await self._writer.wait_recovered()
        # What is archived now need not be while loads are held.
        await self._writer.release()
        async with self._writer.hold_workspace(workspace_id):
            plans = await asyncio.to_thread(self._frames.list_open_plans, workspace_id)
            if plans:
                raise ServiceError(
                    Category.CONFLICT,
                    "LoadPlansOpen",
                    f"The workspace has {len(plans)} open load plans that can't be carried out at present.",
                )
            await self._writer.release()
            for name in {held.name for held in self._tables.list_held(workspace_id)}:
                await asyncio.to_thread(self._frames.start_generation, workspace_id, name)
            await asyncio.to_thread(flip)
