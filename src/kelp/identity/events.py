"""What is told of sign-ins and of changes in the directory, for the log of the tenant that they concern."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from kelp.identity.principal import AccountKind


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made a change."""

    object_id: UUID | None
    name: str
    kind: AccountKind
    application_id: UUID | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a change concerned; `kind` is Graph's name such as `User`, `changed` names the properties."""

    kind: str
    object_id: str
    name: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectoryEvent:
    """A change that was made, or refused for want of a right: an activity in a category, in Azure's words."""

    at: datetime
    tenant_id: UUID
    activity: str
    category: str
    actor: Actor
    targets: tuple[Target, ...]
    correlation_id: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class SignInEvent:
    """A sign-in that was let in or, with the AADSTS number and reason in `number` and `reason`, refused.

    `protocol` is how: `ropc`, `clientCredentials`, `deviceCode`, `oAuth2`, `refreshToken`, `signInPage`, `portal`.
    """

    at: datetime
    tenant_id: UUID
    object_id: UUID | None
    name: str
    display_name: str
    kind: AccountKind
    home_tenant_id: UUID | None
    is_guest: bool
    client_id: str
    client_name: str
    resource: str
    address: str
    protocol: str
    credential: str
    correlation_id: str
    user_agent: str = ""
    used_second_factor: bool = False
    number: int = 0
    reason: str = ""


EventSink: TypeAlias = Callable[[SignInEvent | DirectoryEvent], None]
"""Takes an event, from any thread, without making anybody wait."""


def ignore_event(_: SignInEvent | DirectoryEvent) -> None:
    """Keep nothing: the sink of an installation that nobody serves."""
