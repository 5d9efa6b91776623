"""Runs or explains a query over a data folder that nobody serves, with files beside it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

from kelp.app.installation import Installation
from kelp.app.services import open_storage
from kelp.catalog.table_access import FullAccess
from kelp.cli.file_tables import load_files
from kelp.cli.offline_query import T, now_ticks
from kelp.resources.bootstrap import DEFAULT_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.base.settings import Settings
    from kelp.cli.file_tables import FileTable
    from kelp.cli.offline_query import Work
    from kelp.kql.schema import SchemaProvider


async def work_over_folder(
    text: str, files: Sequence[FileTable], settings: Settings, workspace: str | None, work: Work[T]
) -> T:
    """Do the work over a workspace (None: the first) and the files. Raises `CommandFailed`, `ServiceError`."""
    installation = await asyncio.to_thread(Installation.open, settings.data)
    with closing(installation):
        async with open_storage(installation, settings) as storage:
            names = installation.find_names()
            name = workspace or (str(names.workspace_id) if names else DEFAULT_NAME)
            built = storage.scopes.build([name], FullAccess(), now_ticks())
            provider: SchemaProvider = built.provider
            scope = built.scope
            if files:
                schema = (await load_files(storage.engine, files)).before(provider, scope)
                provider, scope = schema, schema.scope
            return await work(storage.stages, text, provider, scope, settings)
