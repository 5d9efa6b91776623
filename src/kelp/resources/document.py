"""Plain kinds that are kept as documents: checked against a shape, and given back as they came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from kelp.resources.plain import Plain, Tracked

if TYPE_CHECKING:
    from kelp.resources.shape import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Plain):
    """`document` is what stands under `properties`, read by `SHAPE`."""

    SHAPE: ClassVar[Record]

    document: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedDocument(Tracked):
    """The same with a location, tags and perhaps a `kind`."""

    SHAPE: ClassVar[Record]

    document: dict[str, Any] = field(default_factory=dict)
    kind: str | None = None
