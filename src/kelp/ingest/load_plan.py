"""A load plan: exactly what is inserted, so that doing it again is the same insert. Immutable once recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kelp.ingest.journal import FrameRef

ONCE_STAMP = "once"


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """One load of frames into one table of one store, the present one when it was made.

    `frames` are in the order in which their records are read. `transformation` is the text that runs, now and in every
    replay, and `transformation_version` names it. `schema_version` and `columns` (name, type) are the destination as
    the plan saw it. `now_at` is the value of `now()`; `stamps` are further values fixed beforehand (ids, times), by
    name. `block_cuts` are the row numbers at which a new block begins, ascending and without 0; empty for one block.
    A frame that feeds several tables has a plan for each, all recorded together.
    """

    plan_id: UUID
    workspace_id: UUID
    store_id: UUID
    table: str
    generation: int
    frames: tuple[FrameRef, ...]
    transformation: str
    transformation_version: str
    schema_version: str
    columns: tuple[tuple[str, str], ...]
    now_at: datetime
    stamps: Mapping[str, str | int | float | bool | None]
    block_cuts: tuple[int, ...] = ()

    @property
    def once(self) -> str:
        """The name of a body that may come again; empty for all others."""
        return str(self.stamps.get(ONCE_STAMP, ""))

    @property
    def deduplication_token(self) -> str:
        """What the engine knows this load by: a hash of plan, table and generation.

        Of a body that may come again it is a hash of its name and the table: each plan for it is the same load.
        """
        if self.once:
            return hashlib.sha256(f"once\n{self.once}\n{self.table}".encode()).hexdigest()
        named = f"{self.plan_id}\n{self.table}\n{self.generation}"
        return hashlib.sha256(named.encode()).hexdigest()

    def block_token(self, block: int) -> str:
        """Return the token of one block, counted from 0, where each block is an insert of its own."""
        return f"{self.deduplication_token}-{block}"
