"""What is remembered of a retention that was shortened: nothing is removed for a while, so it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Shortening:
    """The longest total retention that was given up lately, and when the last of it was."""

    days: int
    at: datetime


def note_shortening(
    known: Shortening | None, days_before: int, days_after: int, now: datetime
) -> Shortening | None:
    """Return what to remember after a change of a total retention."""
    if days_after < days_before:
        return Shortening(max(days_before, known.days if known is not None else 0), now)
    return known if known is not None and known.days > days_after else None
