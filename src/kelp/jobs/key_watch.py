"""Watches the customers' keys that clusters are under: follows new versions, seals off what lost its key, and lifts it.

A key that its vault refuses is taken away, and its cluster is sealed off at once. A vault that does not answer says
nothing about the key; it is waited for. What follows is done by `Seals`, which knows all that holds data.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from kelp.base.errors import ServiceError
from kelp.resources.cluster import Cluster
from kelp.vault.customer_key import CustomerKey, find_wrapping_version
from kelp.vault.errors import KeyRefused, KeysUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.base.clock import Clock
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.vault.key_hierarchy import KeyHierarchy
    from kelp.vault.key_status import ClusterStatus

NAME = "customer-keys"


class RootKeys(Protocol):
    """Opens the root keys that clusters are and were under."""

    def open(self, cluster: Resource[Cluster]) -> CustomerKey | None:
        """Return the key that a cluster is to be under; None for the installation's own."""
        ...

    def open_former(self, cluster: Resource[Cluster], root_key_id: str) -> CustomerKey | None:
        """Return the key of that id, which a cluster is still under; None for the installation's own."""
        ...


class Seals(Protocol):
    """Makes a cluster's data unreadable, everywhere, and readable again. Both may be called again."""

    async def seal_off(self, cluster: Resource[Cluster], reason: str) -> None:
        """Refuse the data, stop what reads it, close its tables, and drop what memory holds of it and its keys."""
        ...

    async def lift(self, cluster: Resource[Cluster]) -> None:
        """Undo `seal_off`."""
        ...


class KeyWatch:
    """Belongs to one event loop; one run at a time."""

    def __init__(
        self,
        store: ResourceStore,
        keys: KeyHierarchy,
        root_keys: RootKeys,
        seals: Seals,
        clock: Clock,
        unreachable_for: timedelta,
    ) -> None:
        self._store = store
        self._keys = keys
        self._root_keys = root_keys
        self._seals = seals
        self._clock = clock
        self._unreachable_for = unreachable_for
        self._silent_since: dict[str, datetime] = {}
        self._log = structlog.get_logger("kelp.keys")

    async def run_once(self) -> None:
        """Look at every cluster's key once. One that fails does not concern the others."""
        for cluster in await asyncio.to_thread(self._list_clusters):
            cluster_id = str(cluster.properties.cluster_id)
            try:
                await asyncio.to_thread(self._follow, cluster)
            except KeyRefused as refused:
                self._silent_since.pop(cluster_id, None)
                await self._seal_off(cluster, refused.reason)
            except KeysUnavailable as silent:
                since = self._silent_since.setdefault(cluster_id, self._clock.now())
                self._log.warning("key_unreachable", cluster=cluster_id, reason=silent.reason)
                if self._clock.now() - since >= self._unreachable_for:
                    await self._seal_off(cluster, silent.reason)
            except ServiceError as error:
                self._log.error("key_not_followed", cluster=cluster_id, code=error.code, error=error.message)
            else:
                self._silent_since.pop(cluster_id, None)
                if self._keys.find_cluster_seal(cluster_id) is not None:
                    await self._seals.lift(cluster)
                    self._log.info("cluster_unsealed", cluster=cluster_id)

    def _list_clusters(self) -> Iterable[Resource[Cluster]]:
        return (*self._store.snapshot.clusters.values(), *self._store.list_closed(Cluster))

    async def _seal_off(self, cluster: Resource[Cluster], reason: str) -> None:
        cluster_id = str(cluster.properties.cluster_id)
        if self._keys.find_cluster_seal(cluster_id) is None:
            self._log.warning("cluster_sealed_off", cluster=cluster_id, reason=reason)
        await self._seals.seal_off(cluster, reason)

    def _follow(self, cluster: Resource[Cluster]) -> None:
        """Put the cluster's key under the root key it is to be under, and that key's newest version; or see it open.

        Raises `KeysUnavailable`.
        """
        cluster_id = str(cluster.properties.cluster_id)
        status = self._keys.find_cluster_status(cluster_id)
        if status is None:
            return
        former = self._root_keys.open_former(cluster, status.root_key_id)
        if former is not None:
            self._keys.attach_root_key(former)
        wanted = self._root_keys.open(cluster)
        if wanted is None and former is None:
            return
        self._keys.probe_cluster(cluster_id)
        if not _is_under(status, wanted):
            # A cluster that is sealed off lends no keys, also not to be wrapped anew.
            self._keys.lift_seal(cluster_id)
            self._keys.rotate_cluster_key(cluster_id, wanted or self._keys.default_root_key)
            self._log.info("cluster_key_rewrapped", cluster=cluster_id)


def _is_under(status: ClusterStatus, wanted: CustomerKey | None) -> bool:
    """Tell whether the cluster's key is wrapped by the newest version of the root key that it is to be under."""
    if wanted is None or status.root_key_id != wanted.key_id:
        return False
    return find_wrapping_version(status.wrapped) == wanted.find_version()
