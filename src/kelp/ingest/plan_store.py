"""The node's durable record of load plans, rejected frames and table generations: SQLite, flushed at every commit.

What a plan would do is sealed with its workspace's data key; ids, table names and the frames it takes are in the
clear. It trusts its caller with the rules of a frame's life: see `frame_ledger`.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from kelp.base.durable_file import write_durably
from kelp.base.errors import Category, ServiceError
from kelp.base.sealing import open_sealed, seal, sealed_key_version
from kelp.ingest.frame_runs import decode_runs, encode_by_segment, iter_runs
from kelp.ingest.journal import FrameRef, JournalDamaged
from kelp.ingest.load_plan import LoadPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kelp.base.keys import KeyProvider

_SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (journal_id BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS plan (
    plan_id BLOB PRIMARY KEY, workspace_id BLOB NOT NULL, table_name TEXT NOT NULL, generation INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done')), sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS open_plan ON plan (workspace_id, table_name) WHERE state = 'open';
CREATE TABLE IF NOT EXISTS plan_frames (
    segment INTEGER NOT NULL, plan_id BLOB NOT NULL, sequences BLOB NOT NULL, PRIMARY KEY (segment, plan_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rejected_frames (
    segment INTEGER NOT NULL, sequences BLOB NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS rejected_segment ON rejected_frames (segment);
CREATE TABLE IF NOT EXISTS generation (
    workspace_id BLOB NOT NULL, table_name TEXT NOT NULL, generation INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, table_name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS discarded_workspace (workspace_id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
"""
_CONTEXT = b"kelp load plan\x00"
FIRST_GENERATION = 1


class PlanState(StrEnum):
    """Whether a plan may still have to be replayed."""

    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A recorded plan that is not done, as far as it can be told without the workspace's key."""

    plan_id: UUID
    workspace_id: UUID
    table: str
    generation: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Frames of one segment that a plan takes, or that were rejected (no `plan_id`)."""

    segment: int
    sequences: tuple[range, ...]
    plan_id: UUID | None
    state: PlanState

    def iter_refs(self) -> Iterator[FrameRef]:
        """Yield the frames."""
        return (FrameRef(self.segment, sequence) for run in self.sequences for sequence in run)


class _SealedPlan(msgspec.Struct, array_like=True):
    frames: list[tuple[int, int, int]]
    transformation: str
    transformation_version: str
    schema_version: str
    columns: list[tuple[str, str]]
    now_at: datetime
    stamps: dict[str, str | int | float | bool | None]
    block_cuts: list[int]
    store_id: UUID | None = None
    """None in plans that were recorded when a workspace had one store, of its own id."""


class PlanStore:
    """An open record. Safe for concurrent use; every method blocks and is durable when it returns.

    Methods raise `ServiceError` (unavailable) when the disk does not take writes; then nothing was recorded.
    """

    def __init__(self, path: Path, keys: KeyProvider, journal_id: UUID) -> None:
        """Open the file, created if it is missing, for the journal it belongs to.

        Raises `ServiceError`: conflict if it belongs to another journal, unavailable if it can't be opened, and
        `JournalDamaged` if it is no such file.
        """
        self._keys = keys
        self._lock = threading.Lock()
        with _storage_errors():
            if not path.exists():
                write_durably(path, b"")
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            with _storage_errors():
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("PRAGMA synchronous = FULL")
                self._database.execute("PRAGMA secure_delete = ON")
                self._database.executescript(_SCHEMA)
            self._bind(path, journal_id)
        except ServiceError:
            self.close()
            raise

    def _bind(self, path: Path, journal_id: UUID) -> None:
        with self._transaction() as database:
            row = database.execute("SELECT journal_id FROM journal").fetchone()
            if row is None:
                database.execute("INSERT INTO journal VALUES (?)", (journal_id.bytes,))
            elif row[0] != journal_id.bytes:
                message = (
                    f"The load plans in {path} belong to journal {UUID(bytes=row[0])}, not to {journal_id}."
                )
                raise ServiceError(Category.CONFLICT, "JournalReplaced", message)

    def record(self, plans: Sequence[LoadPlan]) -> None:
        """Record plans, all or none, as open. Raises `ServiceError` (conflict) if an id was recorded before."""
        self._record(plans, replaced=None)

    def replace(self, plan_id: UUID, plans: Sequence[LoadPlan]) -> None:
        """Record plans in the place of an open one, all or none. Raises `ServiceError` (conflict) as `record` does."""
        self._record(plans, replaced=plan_id)

    def _record(self, plans: Sequence[LoadPlan], replaced: UUID | None) -> None:
        sealed = [(plan, self._seal(plan)) for plan in plans]
        try:
            with self._transaction() as database:
                if replaced is not None:
                    _delete_plan(database, replaced)
                for plan, body in sealed:
                    database.execute(
                        "INSERT INTO plan VALUES (?, ?, ?, ?, 'open', ?)",
                        (plan.plan_id.bytes, plan.workspace_id.bytes, plan.table, plan.generation, body),
                    )
                    database.executemany(
                        "INSERT INTO plan_frames VALUES (?, ?, ?)",
                        [
                            (segment, plan.plan_id.bytes, runs)
                            for segment, runs in encode_by_segment(plan.frames)
                        ],
                    )
        except sqlite3.IntegrityError as error:
            raise ServiceError(
                Category.CONFLICT, "PlanExists", "A plan with this id was recorded."
            ) from error

    def finish(self, plan_ids: Iterable[UUID]) -> None:
        """Note that plans are done; those that are done or unknown are passed over."""
        with self._transaction() as database:
            database.executemany(
                "UPDATE plan SET state = 'done' WHERE plan_id = ?", [(plan_id.bytes,) for plan_id in plan_ids]
            )

    def abandon(self, plan_id: UUID) -> None:
        """Forget a plan as if it had not been recorded; its frames are without a plan then."""
        with self._transaction() as database:
            _delete_plan(database, plan_id)

    def reject(self, frames: Sequence[FrameRef], reason: str) -> None:
        """Record that frames will not be loaded. `reason` is a code, never a text from a record: it is not sealed."""
        with self._transaction() as database:
            database.executemany(
                "INSERT INTO rejected_frames VALUES (?, ?, ?)",
                [(segment, runs, reason) for segment, runs in encode_by_segment(frames)],
            )

    def list_open(self, workspace_id: UUID | None = None, table: str | None = None) -> list[OpenPlan]:
        """Return the open plans of all, of a workspace, or of one of its tables. Needs no key."""
        query = "SELECT plan_id, workspace_id, table_name, generation FROM plan WHERE state = 'open'"
        wanted: list[bytes | str] = []
        if workspace_id is not None:
            query += " AND workspace_id = ?"
            wanted.append(workspace_id.bytes)
        if table is not None:
            query += " AND table_name = ?"
            wanted.append(table)
        with self._reading() as database:
            rows = database.execute(query, wanted).fetchall()
        return [
            OpenPlan(UUID(bytes=plan), UUID(bytes=workspace), name, generation)
            for plan, workspace, name, generation in rows
        ]

    def get_plan(self, plan_id: UUID) -> LoadPlan:
        """Return a plan as it was recorded.

        Raises `ServiceError`: not_found, `SealBroken`, or what the key provider raises.
        """
        with self._reading() as database:
            row = database.execute(
                "SELECT workspace_id, table_name, generation, sealed FROM plan WHERE plan_id = ?",
                (plan_id.bytes,),
            ).fetchone()
        if row is None:
            raise ServiceError(Category.NOT_FOUND, "PlanNotFound", f"There is no load plan {plan_id}.")
        return self._open(OpenPlan(plan_id, UUID(bytes=row[0]), row[1], row[2]), row[3])

    def list_claims(self) -> list[Claim]:
        """Return which frames plans and rejections take, by segment. Needs no key."""
        with self._reading() as database:
            planned = database.execute(
                "SELECT segment, sequences, plan_id, state FROM plan_frames JOIN plan USING (plan_id)"
            ).fetchall()
            rejected = database.execute("SELECT segment, sequences FROM rejected_frames").fetchall()
        claims = [
            Claim(segment, decode_runs(runs), UUID(bytes=plan_id), PlanState(state))
            for segment, runs, plan_id, state in planned
        ]
        claims += [Claim(segment, decode_runs(runs), None, PlanState.DONE) for segment, runs in rejected]
        return sorted(claims, key=lambda claim: claim.segment)

    def forget_segment(self, segment: int) -> None:
        """Drop what is recorded of a segment that was released, and done plans of which nothing is left."""
        with self._transaction() as database:
            database.execute("DELETE FROM plan_frames WHERE segment = ?", (segment,))
            database.execute("DELETE FROM rejected_frames WHERE segment = ?", (segment,))
            database.execute(
                "DELETE FROM plan WHERE state = 'done' AND plan_id NOT IN (SELECT plan_id FROM plan_frames)"
            )

    def current_generation(self, workspace_id: UUID, table: str) -> int:
        """Return the generation that new plans for the table belong to; `FIRST_GENERATION` at first."""
        with self._reading() as database:
            row = database.execute(
                "SELECT generation FROM generation WHERE workspace_id = ? AND table_name = ?",
                (workspace_id.bytes, table),
            ).fetchone()
        return FIRST_GENERATION if row is None else int(row[0])

    def start_generation(self, workspace_id: UUID, table: str) -> int:
        """Begin the table's next generation and return it. Raises `ServiceError` (conflict) while plans are open."""
        with self._transaction() as database:
            waiting = database.execute(
                "SELECT count(*) FROM plan WHERE workspace_id = ? AND table_name = ? AND state = 'open'",
                (workspace_id.bytes, table),
            ).fetchone()[0]
            if waiting:
                message = (
                    f"Table {table} has {waiting} open load plans; they must be done before a new generation."
                )
                raise ServiceError(Category.CONFLICT, "LoadPlansOpen", message, target=table)
            row = database.execute(
                "INSERT INTO generation VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET generation = generation + 1"
                " RETURNING generation",
                (workspace_id.bytes, table, FIRST_GENERATION + 1),
            ).fetchone()
        return int(row[0])

    def discard_workspace(self, workspace_id: UUID) -> None:
        """Note that nothing of the workspace will be loaded any more; its open plans are done."""
        with self._transaction() as database:
            database.execute("INSERT OR IGNORE INTO discarded_workspace VALUES (?)", (workspace_id.bytes,))
            database.execute("UPDATE plan SET state = 'done' WHERE workspace_id = ?", (workspace_id.bytes,))
            database.execute("DELETE FROM generation WHERE workspace_id = ?", (workspace_id.bytes,))

    def erase_workspace(self, workspace_id: UUID) -> None:
        """Forget the plans of a discarded workspace of which the journal holds nothing any more, in the file too."""
        with self._transaction() as database:
            database.execute(
                "DELETE FROM plan_frames WHERE plan_id IN (SELECT plan_id FROM plan WHERE workspace_id = ?)",
                (workspace_id.bytes,),
            )
            database.execute("DELETE FROM plan WHERE workspace_id = ?", (workspace_id.bytes,))
        with self._reading() as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def list_discarded(self) -> frozenset[UUID]:
        """Return the workspaces that were discarded."""
        with self._reading() as database:
            rows = database.execute("SELECT workspace_id FROM discarded_workspace").fetchall()
        return frozenset(UUID(bytes=row[0]) for row in rows)

    def close(self) -> None:
        """Close the file. May be called again."""
        with self._lock:
            self._database.close()

    def _seal(self, plan: LoadPlan) -> bytes:
        body = _SealedPlan(
            [(segment, run.start, len(run)) for segment, run in iter_runs(plan.frames)],
            plan.transformation,
            plan.transformation_version,
            plan.schema_version,
            list(plan.columns),
            plan.now_at,
            dict(plan.stamps),
            list(plan.block_cuts),
            plan.store_id,
        )
        named = OpenPlan(plan.plan_id, plan.workspace_id, plan.table, plan.generation)
        key = self._keys.current_data_key(plan.workspace_id)
        return seal(key, msgspec.msgpack.encode(body), _context(named))

    def _open(self, named: OpenPlan, sealed: bytes) -> LoadPlan:
        key = self._keys.get_data_key(named.workspace_id, sealed_key_version(sealed))
        body = msgspec.msgpack.decode(open_sealed(key, sealed, _context(named)), type=_SealedPlan)
        return LoadPlan(
            plan_id=named.plan_id,
            workspace_id=named.workspace_id,
            store_id=body.store_id or named.workspace_id,
            table=named.table,
            generation=named.generation,
            frames=tuple(
                FrameRef(segment, sequence)
                for segment, first, count in body.frames
                for sequence in range(first, first + count)
            ),
            transformation=body.transformation,
            transformation_version=body.transformation_version,
            schema_version=body.schema_version,
            columns=tuple(body.columns),
            now_at=body.now_at,
            stamps=body.stamps,
            block_cuts=tuple(body.block_cuts),
        )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _storage_errors():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _storage_errors():
            yield self._database


def _delete_plan(database: sqlite3.Connection, plan_id: UUID) -> None:
    database.execute("DELETE FROM plan WHERE plan_id = ?", (plan_id.bytes,))
    database.execute("DELETE FROM plan_frames WHERE plan_id = ?", (plan_id.bytes,))


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.ProgrammingError, OSError) as error:
        raise ServiceError(
            Category.UNAVAILABLE,
            "PlanStoreUnavailable",
            f"The record of load plans can't be used: {error}.",
            retry_after_seconds=10,
        ) from error
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise JournalDamaged("the record of load plans", str(error)) from error


def _context(named: OpenPlan) -> bytes:
    tail = f"{named.generation}\n{named.table}".encode()
    return _CONTEXT + named.plan_id.bytes + named.workspace_id.bytes + tail
