"""The first tenant of an installation and its two owners, an application and a user."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from kelp.identity.directory import Directory
from kelp.identity.secrets_hash import new_secret

TENANT_NAME, TENANT_DOMAIN = "Kelp", "kelp.local"
APPLICATION_NAME = "kelp-owner"
USER_NAME, USER_DISPLAY_NAME = f"admin@{TENANT_DOMAIN}", "Administrator"


@dataclass(frozen=True, slots=True)
class ApplicationCredentials:
    """An application and a secret of it."""

    object_id: UUID
    client_id: UUID
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserCredentials:
    """A user and its password."""

    object_id: UUID
    user_name: str
    password: str = field(repr=False)


class Owners:
    """Makes what is missing; credentials are new each time, the ones before are worth nothing then."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def ensure_tenant(self, tenant_id: UUID) -> None:
        """Make the installation's own tenant if it is not there."""
        if self._directory.find_tenant(str(tenant_id)) is None:
            self._directory.create_tenant(TENANT_NAME, TENANT_DOMAIN, tenant_id)

    def ensure_owner_application(self, tenant_id: UUID) -> ApplicationCredentials:
        """Make the owner application, or give the one there is a new secret."""
        account = self._directory.find_application_by_name(tenant_id, APPLICATION_NAME)
        account = account or self._directory.create_application(tenant_id, APPLICATION_NAME)
        assert account.application_id is not None
        self._directory.remove_secrets(account.object_id)
        secret = self._directory.add_secret(account.object_id)
        return ApplicationCredentials(account.object_id, account.application_id, secret)

    def ensure_owner_user(self, tenant_id: UUID) -> UserCredentials:
        """Make the owner user, or give the one there is a new password."""
        password = new_secret()
        account = self._directory.find_user(USER_NAME)
        if account is None:
            account = self._directory.create_user(tenant_id, USER_NAME, USER_DISPLAY_NAME, password)
        else:
            self._directory.set_password(account.object_id, password)
        return UserCredentials(account.object_id, USER_NAME, password)
