"""Work on a whole data folder that nobody serves meanwhile: `kelp verify` and `kelp reprocess`."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

from kelp.app.installation import Installation
from kelp.app.services import make_integrity, open_storage, surroundings_of
from kelp.base.errors import Category, ServiceError
from kelp.base.sealing import SealBroken
from kelp.ingest.ingestion import open_ingestion

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.app.services import Storage
    from kelp.base.ids import WorkspaceId
    from kelp.base.settings import Settings
    from kelp.ingest.ingestion import Ingestion


async def verify_folder(settings: Settings, on_finding: Callable[[str], None]) -> int:
    """Check the audit chain, the raw bodies, and every table's parts against what was recorded of them.

    `on_finding` is called with each thing wrong; returns how many there were. Raises `ServiceError` where the folder or
    a table can't be read, also where the journal is damaged.
    """
    installation = await asyncio.to_thread(Installation.open, settings.data)
    with closing(installation):
        findings = await asyncio.to_thread(_find_broken_audit, installation)
        async with open_storage(installation, settings) as storage:
            async with open_ingestion(surroundings_of(installation, storage), settings.ingest):
                # The journal checks itself when it is opened.
                findings += await asyncio.to_thread(_find_broken_blobs, installation, storage)
            findings += [str(found) for found in await make_integrity(installation, storage).verify()]
    for finding in findings:
        on_finding(finding)
    return len(findings)


def _find_broken_audit(installation: Installation) -> list[str]:
    broken = installation.store.find_broken_audit_record()
    if broken is None:
        return []
    return [f"the audit log was altered: record {broken} does not follow from the one before"]


def _find_broken_blobs(installation: Installation, storage: Storage) -> list[str]:
    """Open every blob of every workspace: a seal that does not open was altered."""
    findings = []
    for workspace_id in installation.store.snapshot.workspaces:
        for entry in storage.blobs.iter_entries(workspace_id, ""):
            try:
                storage.blobs.get(workspace_id, entry.key)
            except SealBroken:
                findings.append(f"workspace {workspace_id}: the raw records in {entry.key} were altered")
    return findings


async def reprocess_table(
    settings: Settings, workspace: str, table: str, on_progress: Callable[[int, int], None]
) -> int:
    """Make a table anew from the bodies that were kept, and return its number of rows.

    `workspace` is a name, a GUID or a resource id; `on_progress` is told the bodies done, and all of them. What was
    accepted before is loaded first. Raises `ServiceError`; then the table is as it was.
    """
    installation = await asyncio.to_thread(Installation.open, settings.data)
    with closing(installation):
        async with open_storage(installation, settings) as storage:
            around = surroundings_of(installation, storage)
            async with open_ingestion(around, settings.ingest) as ingestion:
                running = asyncio.create_task(ingestion.run())
                try:
                    workspace_id = _find_workspace(storage, workspace)
                    await _drain_unless_failed(ingestion, running)
                    return await ingestion.reprocessing.reprocess_table(workspace_id, table, on_progress)
                finally:
                    running.cancel()
                    await asyncio.wait([running])


async def _drain_unless_failed(ingestion: Ingestion, running: asyncio.Task[None]) -> None:
    """Return once all that was accepted is loaded. Raises what ended the loading."""
    draining = asyncio.create_task(ingestion.writer.drain())
    await asyncio.wait([draining, running], return_when=asyncio.FIRST_COMPLETED)
    if not draining.done():
        draining.cancel()
        await running


def _find_workspace(storage: Storage, reference: str) -> WorkspaceId:
    found = storage.directory.find_workspaces(reference)
    if len(found) != 1:
        reason = "does not exist" if not found else "is the name of several; give the GUID or the resource id"
        raise ServiceError(Category.NOT_FOUND, "WorkspaceNotFound", f"The workspace '{reference}' {reason}.")
    return found[0].properties.workspace_id
