"""Tells of sign-ins at the token endpoint and on our pages, for the log of the tenant that they were for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from kelp.base.errors import Category
from kelp.identity.audiences import parse_scope
from kelp.identity.events import SignInEvent
from kelp.identity.principal import AccountKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.identity.accounts import Account, Tenant
    from kelp.identity.errors import SignInFailed
    from kelp.identity.services import IdentityServices
    from kelp.identity.sign_in import Attempt

_PROTOCOLS = {
    "client_credentials": "clientCredentials",
    "password": "ropc",
    "refresh_token": "refreshToken",
    "authorization_code": "oAuth2",
    "urn:ietf:params:oauth:grant-type:device_code": "deviceCode",
    "page": "signInPage",
    "portal": "portal",
}
_NO_SIGN_INS = frozenset({"authorization_pending", "slow_down"})
"""Answers to a device that waits."""
_LOCKED_TOLD_EVERY = timedelta(minutes=1)
_MAXIMUM_LOCKED = 10_000
_CLIENT_NAMES = {
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Microsoft Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Microsoft Azure PowerShell",
    "aebc6443-996d-45c2-90f0-388ff96faa56": "Visual Studio Code",
    "db662dc1-0cfe-4e1c-a843-19a68e65be58": "Microsoft Azure Kusto clients",
}


class SignInRequest(Protocol):
    """What the log needs of a request."""

    @property
    def attempt(self) -> Attempt:
        """The tenant and the address."""
        ...

    @property
    def form(self) -> Mapping[str, str]:
        """The parameters."""
        ...

    @property
    def correlation_id(self) -> str:
        """The id under which the request is logged."""
        ...

    @property
    def user_agent(self) -> str:
        """What the client says it is."""
        ...


class SignInLog:
    """Makes events of sign-ins. Safe for concurrent use."""

    def __init__(self, identity: IdentityServices) -> None:
        self._identity = identity
        self._locked: dict[str, datetime] = {}

    def entered(self, request: SignInRequest, account: Account, home: Account) -> None:
        """Tell that somebody was let in."""
        self._tell(request, account, home, account.tenant_id)

    def refused(self, request: SignInRequest, failure: SignInFailed) -> None:
        """Tell that somebody was not.

        Left out is what costs a stranger nothing to repeat, so that nobody can fill a log: requests that concern no
        account and no user's name, and all but one in a while of those that find an account locked.
        """
        directory, form = self._identity.directory, request.form
        user_name = form.get("username", "")
        home = directory.find_user(user_name) if user_name else _find_client(self._identity, form)
        concerns_nobody = home is None and not user_name
        if failure.code in _NO_SIGN_INS or concerns_nobody or self._is_told_already(request, failure):
            return
        tenant = self._find_tenant(request, user_name)
        tenant_id = tenant.id if tenant else home.tenant_id if home else None
        if tenant_id is not None:
            self._tell(request, home, home, tenant_id, failure)

    def _tell(
        self,
        request: SignInRequest,
        account: Account | None,
        home: Account | None,
        tenant_id: UUID,
        failure: SignInFailed | None = None,
    ) -> None:
        form, client_id = request.form, request.form.get("client_id", "")
        client = _find_client(self._identity, form)
        is_application = form.get("grant_type") == "client_credentials"
        scope = parse_scope(form.get("scope", ""))
        event = SignInEvent(
            at=self._identity.clock.now(),
            tenant_id=tenant_id,
            object_id=account.object_id if account else None,
            name=account.shown_name if account else form.get("username", client_id),
            display_name=account.name if account else "",
            kind=AccountKind.SERVICE_PRINCIPAL if is_application else AccountKind.USER,
            home_tenant_id=home.tenant_id if home else None,
            is_guest=bool(home and home.tenant_id != tenant_id),
            client_id=client_id,
            client_name=client.name if client else _CLIENT_NAMES.get(client_id.lower(), ""),
            resource=form.get("resource", "") or (scope.resource if scope else ""),
            address=request.attempt.client_address,
            protocol=_PROTOCOLS.get(form.get("grant_type", ""), ""),
            credential=_credential(form),
            correlation_id=request.correlation_id,
            user_agent=request.user_agent,
            used_second_factor=bool(form.get("second_factor")),
            number=failure.number if failure else 0,
            reason=failure.message if failure else "",
        )
        self._identity.tell(event)

    def _is_told_already(self, request: SignInRequest, failure: SignInFailed) -> bool:
        if failure.category is not Category.THROTTLED:
            return False
        name = request.form.get("username", "") or request.form.get("client_id", "")
        now = self._identity.clock.now()
        told_at = self._locked.get(name)
        if told_at is not None and now - told_at < _LOCKED_TOLD_EVERY:
            return True
        if len(self._locked) >= _MAXIMUM_LOCKED:
            self._locked.clear()
        self._locked[name] = now
        return False

    def _find_tenant(self, request: SignInRequest, user_name: str) -> Tenant | None:
        directory = self._identity.directory
        found = directory.find_tenant(request.attempt.tenant_name)
        return found or directory.find_tenant(user_name.rpartition("@")[2] or "-")


def _find_client(identity: IdentityServices, form: Mapping[str, str]) -> Account | None:
    try:
        return identity.directory.find_application(UUID(form.get("client_id", "")))
    except ValueError:
        return None


def _credential(form: Mapping[str, str]) -> str:
    if form.get("client_assertion"):
        return "clientAssertion"
    if form.get("client_secret"):
        return "clientSecret"
    return "none"
