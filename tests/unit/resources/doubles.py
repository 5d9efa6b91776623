"""What the resource store is given in tests: a clock that is turned by hand, keys of its own, a few built-in tables."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kelp.base.keys import DataKey
from kelp.kql.types import ScalarType
from kelp.resources.table import BuiltInTable, TableColumn


class TurnedClock:
    """Stands still until turned."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def turn(self, **by: float) -> None:
        self.moment += timedelta(**by)


class OwnKeys:
    """Wraps with a key of its own."""

    def __init__(self) -> None:
        self._cipher = AESGCM(AESGCM.generate_key(256))

    def current_data_key(self, workspace_id: UUID) -> DataKey:
        return DataKey(1, workspace_id.bytes * 2)

    def get_data_key(self, workspace_id: UUID, version: int) -> DataKey:
        return DataKey(version, workspace_id.bytes * 2)

    def get_disk_key(self, store_id: UUID) -> bytes:
        return store_id.bytes * 2

    def wrap(self, purpose: str, secret: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, secret, purpose.encode())

    def unwrap(self, purpose: str, wrapped: bytes) -> bytes:
        return self._cipher.decrypt(wrapped[:12], wrapped[12:], purpose.encode())


class SomeTables:
    """Two built-in tables."""

    def __init__(self) -> None:
        time_generated = TableColumn("TimeGenerated", ScalarType.DATETIME)
        self._tables = {
            table.name.lower(): table
            for table in (
                BuiltInTable(
                    "Heartbeat",
                    (time_generated, TableColumn("Computer", ScalarType.STRING)),
                    "Records that agents send each minute.",
                ),
                BuiltInTable(
                    "Syslog",
                    (time_generated, TableColumn("SyslogMessage", ScalarType.STRING)),
                    supports_basic_plan=True,
                ),
            )
        }

    def find_built_in(self, name: str) -> BuiltInTable | None:
        return self._tables.get(name.lower())

    def iter_built_in(self) -> Iterable[BuiltInTable]:
        return self._tables.values()
