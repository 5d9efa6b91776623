"""When a key of a vault is to be replaced by itself, and when its versions expire."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

from kelp.vault.errors import BadParameter

_DURATION = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")
_SHORTEST_LIFE = timedelta(days=28)
_SHORTEST_TRIGGER = timedelta(days=7)
_ANY_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - only differences are looked at


@dataclass(frozen=True, slots=True)
class RotationPolicy:
    """ISO 8601 durations of years, months and days; at most one of the two times of rotation is set."""

    expiry_time: str | None = None
    rotate_after_create: str | None = None
    rotate_before_expiry: str | None = None
    notify_before_expiry: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def check(self) -> None:
        """Raise `BadParameter` for the first thing that can't be."""
        lasts = self._length("attributes.expiryTime", self.expiry_time)
        after = self._length("timeAfterCreate", self.rotate_after_create)
        before = self._length("timeBeforeExpiry", self.rotate_before_expiry)
        if after is not None and before is not None:
            raise BadParameter(
                "A key rotates either some time after its creation or some time before its expiry.",
                "lifetimeActions",
            )
        if before is not None and lasts is None:
            raise BadParameter(
                "To rotate before the expiry, the policy has to set 'attributes.expiryTime'.",
                "lifetimeActions",
            )
        if lasts is not None and lasts < _SHORTEST_LIFE:
            raise BadParameter("'attributes.expiryTime' is 28 days or more.", "attributes.expiryTime")
        for name, length in (("timeAfterCreate", after), ("timeBeforeExpiry", before)):
            if length is not None and length < _SHORTEST_TRIGGER:
                raise BadParameter(f"'{name}' is 7 days or more.", "lifetimeActions")
            if length is not None and lasts is not None and lasts - length < _SHORTEST_TRIGGER:
                raise BadParameter(f"'{name}' lies 7 days or more before the expiry.", "lifetimeActions")

    def expires_at(self, created_at: datetime) -> datetime | None:
        """Return when a version made then expires."""
        return None if self.expiry_time is None else _add(created_at, self.expiry_time)

    def rotates_at(self, created_at: datetime, expires_at: datetime | None) -> datetime | None:
        """Return when a version made then is to be replaced."""
        if self.rotate_after_create is not None:
            return _add(created_at, self.rotate_after_create)
        if self.rotate_before_expiry is not None and expires_at is not None:
            length = _add(_ANY_DAY, self.rotate_before_expiry) - _ANY_DAY
            return expires_at - length
        return None

    @staticmethod
    def _length(name: str, text: str | None) -> timedelta | None:
        if text is None:
            return None
        match = _DURATION.fullmatch(text)
        if match is None or not any(match.groups()):
            raise BadParameter(f"'{name}' is a duration such as P90D, P3M or P1Y, not '{text[:40]}'.", name)
        try:
            return _add(_ANY_DAY, text) - _ANY_DAY
        except (ValueError, OverflowError):
            raise BadParameter(f"'{name}' is longer than time: '{text[:40]}'.", name) from None


def _add(moment: datetime, duration: str) -> datetime:
    match = _DURATION.fullmatch(duration)
    assert match is not None
    years, months, days = (int(part or 0) for part in match.groups())
    month = moment.month - 1 + months
    year, month = moment.year + years + month // 12, month % 12 + 1
    day = min(moment.day, monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day) + timedelta(days=days)
