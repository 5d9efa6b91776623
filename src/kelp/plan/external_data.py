"""What `externaldata` reads, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kelp.plan.segment_operations import TabularOperation


@dataclass(frozen=True, slots=True)
class ExternalAccess:
    """What may be read, and how much of it: set by the process that asks, never by the text of a query.

    `hosts` may be read from over https; files of this machine only where `reads_files`. A place is one address.
    """

    hosts: frozenset[str] = frozenset()
    reads_files: bool = False
    seconds: float = 30.0
    bytes_of_place: int = 104_857_600


@dataclass(frozen=True, slots=True)
class ReadExternalData(TabularOperation):
    """The records of places (https addresses, or files) as text, a column for each name.

    `raw_columns` hold JSON text where the format has values that are more than text. `format` is a name that
    `kql.external_formats` has.
    """

    title: ClassVar[str] = "externaldata"
    places: tuple[str, ...]
    format: str
    columns: tuple[str, ...]
    raw_columns: frozenset[str]
    ignores_first_record: bool
    access: ExternalAccess = ExternalAccess()
