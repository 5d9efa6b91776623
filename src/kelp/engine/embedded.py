"""The engine inside this process (chDB). One instance owns its data folder; one instance a process.

Worker threads with a connection each run the statements; the event loop accepts, streams, times and kills them. A
statement is killed through another connection by its `log_comment`: cancelling a stream from a thread that is not the
one fetching it can block for ever.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kelp.base.errors import ServiceError
from kelp.clickhouse.introspection import select_usage
from kelp.engine.connection import connect, engine_version, kill, run
from kelp.engine.contract import NO_SOURCES, QueryUsage
from kelp.engine.data_folder import DataFolder
from kelp.engine.data_versions import DataVersions
from kelp.engine.databases import Databases
from kelp.engine.disks import WorkspaceDisks
from kelp.engine.errors import (
    DataFolderRefused,
    EngineUnavailable,
    QueryCancelled,
    WorkspaceKeyUnavailable,
    map_engine_error,
)
from kelp.engine.inserts import run_insert
from kelp.engine.results import ChunkChannel, ReaderLeft
from kelp.engine.running import Running, RunningStatements
from kelp.engine.settings import print_settings
from kelp.engine.streams import EmbeddedResultStream, stream_query
from kelp.engine.tables import OpenTables
from kelp.engine.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from kelp.base.keys import KeyProvider
    from kelp.clickhouse.ddl import SchemaStatement, TableStorage
    from kelp.clickhouse.types import EngineTable
    from kelp.engine.connection import Connection
    from kelp.engine.contract import (
        DatabaseSpec,
        InsertOutcome,
        InsertStatement,
        QueryLimits,
        ResultFormat,
        SourceBody,
    )
    from kelp.engine.data_versions import DataVersion
    from kelp.engine.settings import EmbeddedSettings

_OTHER_ENGINE = "already initialized"


class EmbeddedEngine:
    """Fulfils `engine.contract.Engine`. Make it with `open`, end it with `close`."""

    def __init__(self, settings: EmbeddedSettings, folder: DataFolder, disks: WorkspaceDisks) -> None:
        self._settings = settings
        self._folder = folder
        self._disks = disks
        self._tables = OpenTables(disks)
        self._databases = Databases(disks, self._tables)
        self._detached: set[str] = set()
        self._loads: dict[tuple[EngineTable, str], Running] = {}
        """The inserts under way, by table and token: a second attempt must see what the first one did."""
        self._versions = DataVersions()
        self._running = RunningStatements(self._kill)
        self._closing = False
        self._readers = Workers("reader", settings.reader_threads, self._connect)
        self._writers = Workers("writer", settings.writer_threads, self._connect)
        self._schema = Workers("schema", 2, self._connect)
        self._control = Workers("control", 1, self._connect)

    @classmethod
    async def open(
        cls, settings: EmbeddedSettings, keys: KeyProvider, installation_key: bytes | None = None
    ) -> Self:
        """Start the engine on its folder. `installation_key` (16 bytes) is the second key of double encryption.

        Raises `DataFolderRefused` when the folder is in use, or not for this engine.
        """
        settings = replace(settings, data_directory=settings.data_directory.resolve())
        folder = await asyncio.to_thread(DataFolder.claim, settings, engine_version())
        disks = WorkspaceDisks(
            folder.disks, keys, installation_key, clusters_directory=settings.clusters_directory
        )
        engine = cls(settings, folder, disks)
        try:
            await engine._control.run(lambda connection: run(connection, "SELECT 1"))
        except RuntimeError as failure:
            await engine.close()
            if _OTHER_ENGINE in str(failure):
                raise DataFolderRefused("This process has another engine open.") from failure
            raise map_engine_error(str(failure)) from failure
        return engine

    async def query(
        self,
        sql: str,
        *,
        format: ResultFormat,  # noqa: A002 - the word of the contract
        limits: QueryLimits,
        tag: str,
        tables: frozenset[EngineTable] = frozenset(),
        sources: Mapping[str, SourceBody] = NO_SOURCES,
    ) -> EmbeddedResultStream:
        running = self._accept(tag, tables, time.monotonic() + limits.deadline_seconds)
        stream = EmbeddedResultStream(running, self._running.stop)

        def work(connection: Connection) -> None:
            self._tables.open(connection, tables)
            running.require_running()
            try:
                stream_query(
                    connection, running, sql, format, limits, self._settings.query_condition_cache, sources
                )
            except BaseException:
                # What such a query had written of its result would come before that of the connection's next one.
                self._readers.discard(connection)
                raise

        self._start(self._readers, running, work)
        try:
            await running.channel.wait()
        except BaseException:
            await stream.aclose()
            raise
        return stream

    async def execute(self, statement: SchemaStatement, *, tag: str = "") -> None:
        running = self._accept(tag, statement.tables)

        def work(connection: Connection) -> None:
            try:
                run(connection, f"SET {print_settings({'log_comment': running.identity})}")
                self._tables.run(connection, statement)
            finally:
                self._versions.note_structure()

        self._start(self._schema, running, work)
        await self._finish(running)

    async def insert(self, statement: InsertStatement, *, tag: str = "") -> InsertOutcome:
        load = (statement.table, statement.deduplication_token)
        while (earlier := self._loads.get(load)) is not None:
            await earlier.ended.wait()
        running = self._accept(tag, frozenset({statement.table}))
        if statement.deduplication_token:
            self._loads[load] = running
        outcomes: list[InsertOutcome] = []

        def work(connection: Connection) -> None:
            self._tables.open(connection, (statement.table,))
            running.require_running()
            try:
                outcomes.append(run_insert(connection, statement, running.identity))
            finally:
                self._versions.note_rows(statement.table)

        self._start(self._writers, running, work)
        try:
            await self._finish(running)
        finally:
            self._loads.pop(load, None)
        return outcomes[0]

    async def open_database(self, spec: DatabaseSpec) -> None:
        await self._administer(lambda connection: self._databases.open(connection, spec))
        self._detached.discard(spec.name)

    async def detach_database(self, database: str) -> None:
        await self._refuse_database(database)
        await self._administer(lambda connection: self._databases.detach(connection, database))

    async def drop_database(self, database: str) -> None:
        await self._refuse_database(database)
        await self._administer(lambda connection: self._databases.drop(connection, database))

    def table_storage(self, database: str) -> TableStorage:
        return self._disks.table_storage(database)

    def version_of(self, tables: frozenset[EngineTable]) -> DataVersion:
        return self._versions.version_of(tables)

    async def measure(self, tag: str) -> QueryUsage | None:
        begun = self._running.find_begun(tag)
        if not begun:
            return None
        sql = select_usage([running.identity for running in begun])
        rows = await self._control.run(lambda connection: run(connection, sql))
        cpu, memory, statements = map(int, rows.split())
        return QueryUsage(
            rows_read=sum(running.rows_read for running in begun),
            bytes_read=sum(running.bytes_read for running in begun),
            rows_to_read=sum(running.rows_to_read for running in begun),
            cpu_seconds=cpu / 1e6 if statements else None,
            peak_memory_bytes=memory if statements else None,
        )

    async def kill(self, tag: str) -> int:
        return await self._running.stop_matching(lambda running: running.tag == tag, QueryCancelled)

    async def close(self) -> None:
        self._closing = True
        await self._running.stop_matching(
            lambda _: True, lambda: EngineUnavailable("The engine is stopping.")
        )
        await self._running.wait_stopped()
        for workers in (self._readers, self._writers, self._schema, self._control):
            await asyncio.to_thread(workers.close)
        self._folder.release()

    def _accept(
        self, tag: str, tables: frozenset[EngineTable], deadline_at_monotonic: float = float("inf")
    ) -> Running:
        if self._closing:
            raise EngineUnavailable("The engine is stopping.")
        if any(table.database in self._detached for table in tables):
            raise WorkspaceKeyUnavailable(engine_message="the database is detached")
        return Running(tag, tables, ChunkChannel(self._settings.read_ahead_bytes), deadline_at_monotonic)

    async def _refuse_database(self, database: str) -> None:
        self._detached.add(database)
        await self._running.stop_matching(
            lambda running: any(table.database == database for table in running.tables),
            lambda: WorkspaceKeyUnavailable(engine_message="the database is being detached"),
        )

    async def _administer(self, work: Callable[[Connection], None]) -> None:
        """Run work on databases to its end: cut short, it would leave a database half closed."""
        self._versions.note_structure()
        running = self._accept("", frozenset())
        self._start(self._schema, running, work)
        await asyncio.shield(running.ended.wait())
        await self._finish(running)

    def _start(self, workers: Workers, running: Running, work: Callable[[Connection], None]) -> None:
        self._running.begin(running, workers.submit(partial(self._perform, running=running, work=work)))

    async def _finish(self, running: Running) -> None:
        """Wait for a statement without rows. Raises its error."""
        try:
            await running.channel.take()
        except asyncio.CancelledError:
            await self._running.stop(running, QueryCancelled())
            raise

    async def _kill(self, identity: str) -> None:
        await self._control.run(lambda connection: kill(connection, identity))

    # What follows runs on worker threads.

    def _connect(self) -> Connection:
        return connect(self._folder.store, self._folder.configuration)

    def _perform(self, connection: Connection, running: Running, work: Callable[[Connection], None]) -> None:
        error: ServiceError | None = None
        try:
            running.require_running()
            work(connection)
        except ReaderLeft:
            error = running.stopped_by
        except ServiceError as failure:
            error = failure
        except Exception as failure:
            # The worker loop: whatever went wrong ends this statement and not the thread.
            error = running.stopped_by or map_engine_error(str(failure) or repr(failure))
            error.__cause__ = failure
        running.channel.end(error)
        self._running.end_from_worker(running)
