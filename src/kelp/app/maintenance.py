"""Work on a whole data folder that nobody serves meanwhile: `kelp verify` and `kelp reprocess`."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

from kelp.app.installation import Installation
from kelp.app.services import make_integrity, open_storage

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.base.settings import Settings


async def verify_folder(settings: Settings, on_finding: Callable[[str], None]) -> int:
    """Check the audit chain and every table's parts against what was recorded of them.

    `on_finding` is called with each thing wrong; returns how many there were. Raises `ServiceError` where the folder or
    a table can't be read.
    """
    installation = await asyncio.to_thread(Installation.open, settings.data)
    with closing(installation):
        findings = []
        broken = await asyncio.to_thread(installation.store.find_broken_audit_record)
        if broken is not None:
            findings.append(f"the audit log was altered: record {broken} does not follow from the one before")
        async with open_storage(installation, settings) as storage:
            findings += [str(found) for found in await make_integrity(installation, storage).verify()]
    for finding in findings:
        on_finding(finding)
    return len(findings)
