"""Names that KQL has and Kelp refuses, so that a refusal can say so instead of calling them unknown."""

from __future__ import annotations

NAMES: frozenset[str] = frozenset()
