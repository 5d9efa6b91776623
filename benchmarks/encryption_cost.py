"""What encryption adds to loading: the engine's disk, and the sealing of journal frames and raw blobs."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from benchmarks.bare import BareEngine
from benchmarks.bodies import iter_bodies
from benchmarks.dataset import WORK_FOLDER, make_dataset
from benchmarks.tables import SYSLOG
from kelp.base.keys import DataKey
from kelp.base.sealing import open_sealed, seal

if TYPE_CHECKING:
    from benchmarks.dataset import Dataset

_ROWS = 200_000
_ROUNDS = 5
_SEALED_TWICE = 2
"""A body is sealed in the journal, and again in the archive of raw bodies."""


@dataclass(frozen=True, slots=True)
class EncryptionCost:
    """CPU seconds for a million rows: the lowest of several rounds, since others can only add to it."""

    plain_disk: float
    encrypted_disk: float
    sealing: float

    @property
    def share(self) -> float:
        """What encryption adds, as a part of loading without it."""
        return (self.encrypted_disk - self.plain_disk + self.sealing) / self.plain_disk


def measure_encryption(rows: int) -> EncryptionCost:
    """Load the same rows onto a plain and an encrypted disk, in turns."""
    dataset = make_dataset(rows)
    with BareEngine(WORK_FOLDER / "bare-encryption") as bare:
        tables = {
            is_encrypted: bare.make_table(SYSLOG, f"T{is_encrypted:d}", is_encrypted=is_encrypted)
            for is_encrypted in (False, True)
        }
        spent: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(_ROUNDS):
            for is_encrypted, table in tables.items():
                loaded = bare.load(table, dataset, _ROWS)
                spent[is_encrypted].append(loaded["cpu_seconds"] * 1e6 / _ROWS)
    return EncryptionCost(min(spent[False]), min(spent[True]), _measure_sealing(dataset))


def _measure_sealing(dataset: Dataset) -> float:
    bodies = list(islice(iter_bodies(dataset.json_lines), 50))
    key, context = DataKey(1, os.urandom(32)), b"frame"
    rounds = []
    for _ in range(_ROUNDS):
        started = time.thread_time()
        for body in bodies:
            open_sealed(key, seal(key, body.content, context), context)
        rounds.append(time.thread_time() - started)
    return _SEALED_TWICE * min(rounds) * 1e6 / sum(body.rows for body in bodies)
