"""What `kelp verify` and `kelp reprocess` ask of `kelp.app.maintenance`."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

from kelp.cli.exit_codes import CommandFailed, ExitCode

if TYPE_CHECKING:
    from kelp.base.settings import Settings

_MODULE = "kelp.app.maintenance"


class Maintenance(Protocol):
    """Work on a whole data folder that nobody serves meanwhile. All raise `ServiceError`."""

    async def verify_folder(self, settings: Settings, on_finding: Callable[[str], None]) -> int:
        """Check everything that is kept; call `on_finding` with each thing wrong and return how many there were."""
        ...

    async def reprocess_table(
        self, settings: Settings, workspace: str, table: str, on_progress: Callable[[int, int], None]
    ) -> int:
        """Make a table anew from its raw bodies; `on_progress` gets bodies done and in all. Return the rows."""
        ...


def load_maintenance() -> Maintenance:
    """Return the module. Raises `CommandFailed` where this build of Kelp has none."""
    if importlib.util.find_spec(_MODULE) is None:
        raise CommandFailed(ExitCode.FAILED, "This build of Kelp does not offer the command.")
    return cast("Maintenance", importlib.import_module(_MODULE))
