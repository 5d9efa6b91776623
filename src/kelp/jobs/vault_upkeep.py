"""Destroys what key vaults keep no longer: deleted keys and secrets whose time is over, and vaults' that are gone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from kelp.resources.author import system_author
from kelp.resources.key_vault import KeyVault

if TYPE_CHECKING:
    from kelp.base.clock import Clock
    from kelp.resources.store import ResourceStore
    from kelp.vault.items import VaultItems

NAME = "key-vaults"
INTERVAL = timedelta(minutes=10)


class VaultUpkeep:
    """One run at a time. What a run did not reach the next one does."""

    def __init__(self, store: ResourceStore, items: VaultItems, clock: Clock) -> None:
        self._store = store
        self._items = items
        self._clock = clock

    async def run(self) -> None:
        """Destroy what is due by the clock."""
        await asyncio.to_thread(self.destroy_due)

    def destroy_due(self) -> int:
        """Destroy what is due and return how many keys, secrets and vaults there were."""
        destroyed = self._items.purge_due()
        now, kept = self._clock.now(), set()
        for vault in self._store.list_closed(KeyVault):
            if vault.purge_at is not None and vault.purge_at <= now:
                with self._store.write(system_author(vault.tenant_id)) as transaction:
                    transaction.purge(vault)
            else:
                kept.add(vault.uid)
        kept.update(vault.uid for vault in self._store.snapshot.key_vaults.values())
        for vault_uid in self._items.list_vaults() - kept:
            self._items.purge_vault(vault_uid)
            destroyed += 1
        if destroyed:
            structlog.get_logger("kelp.keys").info("vault_contents_destroyed", count=destroyed)
        return destroyed
