"""Signing in: checks who asks for a token, and refuses in the words that Azure's clients know."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from kelp.base.errors import Category
from kelp.identity.accounts import Account, Tenant
from kelp.identity.attempts import Attempts
from kelp.identity.client_certificates import ClientCertificates
from kelp.identity.directory import Directory, SecretState
from kelp.identity.errors import SignInFailed
from kelp.identity.second_factor import SecondFactors

ANY_TENANT_NAMES = frozenset(("common", "organizations", "adfs"))
"""Names in the place of a tenant that leave it to follow from the account."""

SECOND_FACTOR_NEEDED = "second_factor_needed"
"""The code of the refusal of a password that was right, but is not enough."""

_PUBLIC_CLIENTS = frozenset(
    UUID(text)
    for text in (
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46",  # Azure CLI
        "1950a258-227b-4e31-a9cf-717495945fc2",  # Azure PowerShell
        "aebc6443-996d-45c2-90f0-388ff96faa56",  # Visual Studio Code
        "db662dc1-0cfe-4e1c-a843-19a68e65be58",  # Kusto clients
    )
)
"""Well-known applications through which users sign in without a client secret."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where a sign-in came from: the tenant's name in the URL and the address of the client."""

    tenant_name: str
    client_address: str = field(default="")


class SignIn:
    """Checks credentials. Safe for concurrent use; takes tens of milliseconds of a thread."""

    def __init__(
        self,
        directory: Directory,
        attempts: Attempts,
        certificates: ClientCertificates,
        second_factors: SecondFactors,
    ) -> None:
        self._directory = directory
        self._attempts = attempts
        self._certificates = certificates
        self._second_factors = second_factors

    def find_tenant(self, name: str) -> Tenant | None:
        """Return the tenant that the URL names, None where the account decides. Raises `SignInFailed`."""
        if name.lower() in ANY_TENANT_NAMES:
            return None
        tenant = self._directory.find_tenant(name)
        if tenant is None:
            raise SignInFailed(
                Category.INVALID,
                "invalid_request",
                90002,
                f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing "
                "into the correct cloud.",
            )
        return tenant

    def sign_in_application(self, attempt: Attempt, client_id: str, client_secret: str) -> Account:
        """Return the application that the secret belongs to. Raises `SignInFailed`."""
        account = self._get_client(attempt, client_id)
        # Counted by the account, since a client id can be written in many ways.
        counted = str(account.object_id)
        self._refuse_if_locked(counted, attempt)
        match self._directory.verify_secret(account, client_secret):
            case SecretState.RIGHT:
                self._attempts.record_success(counted, attempt.client_address)
            case SecretState.EXPIRED:
                raise SignInFailed(
                    Category.UNAUTHENTICATED,
                    "invalid_client",
                    7000222,
                    f"The provided client secret keys for app '{client_id}' are expired.",
                )
            case SecretState.WRONG:
                self._attempts.record_failure(counted, attempt.client_address)
                raise SignInFailed(
                    Category.UNAUTHENTICATED,
                    "invalid_client",
                    7000215,
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client "
                    f"secret value, not the client secret ID, for a secret added to app '{client_id}'.",
                )
        return _require_enabled(account)

    def sign_in_with_assertion(self, attempt: Attempt, client_id: str, assertion: str) -> Account:
        """Return the application whose certificate signed the assertion. Raises `SignInFailed`."""
        account = self._get_client(attempt, client_id)
        tenant = self._directory.find_tenant(str(account.tenant_id))
        names = {attempt.tenant_name.lower(), str(account.tenant_id), *ANY_TENANT_NAMES}
        self._certificates.verify_assertion(account, assertion, names | set(tenant.domains if tenant else ()))
        return _require_enabled(account)

    def find_client(self, attempt: Attempt, client_id: str) -> Account | None:
        """Return the application that users sign in through; None for the well-known ones. Raises `SignInFailed`."""
        if _read_guid(client_id) in _PUBLIC_CLIENTS:
            return None
        return _require_enabled(self._get_client(attempt, client_id))

    def narrow(self, attempt: Attempt, client_id: str) -> Attempt:
        """Return the attempt in the tenant that an application belongs to; as it is for the well-known ones.

        Nobody enters another tenant through an application: who runs it would get tokens for that tenant's users.
        Raises `SignInFailed`.
        """
        client = self.find_client(attempt, client_id)
        return attempt if client is None else replace(attempt, tenant_name=str(client.tenant_id))

    def sign_in_user(self, attempt: Attempt, client_id: str, user_name: str, password: str) -> Account:
        """Return the account that a user has in the tenant of the URL, signing in through a public client.

        A user of another tenant comes in as its guest. Raises `SignInFailed`, also for a user with a second factor:
        a password alone does not open then.
        """
        self.find_tenant(attempt.tenant_name)
        attempt = self.narrow(attempt, client_id)
        home = self.check_password(attempt, user_name, password)
        if self._second_factors.is_enrolled(home.object_id):
            raise SignInFailed(
                Category.INVALID,
                "invalid_grant",
                50076,
                "The user signs in with a second factor, so that a password alone is not enough: sign in with a "
                "browser or a device code.",
            )
        return self.enter(attempt, home)

    def check_user(self, attempt: Attempt, user_name: str, password: str, code: str) -> Account:
        """Return the user who gave name, password and, if enrolled, a code of the second factor, in whichever tenant.

        Raises `SignInFailed`.
        """
        home = self.check_password(attempt, user_name, password)
        if not self._second_factors.is_enrolled(home.object_id):
            return home
        if not code.strip():
            raise SignInFailed(
                Category.UNAUTHENTICATED, SECOND_FACTOR_NEEDED, 50074, "Enter a code of your authenticator."
            )
        self.check_second_factor(attempt, home, code)
        return home

    def check_second_factor(self, attempt: Attempt, home: Account, code: str) -> None:
        """Accept a code of the user's second factor. Raises `SignInFailed`."""
        # Counted wherever it comes from: whoever gets here knows the password.
        counted = f"second factor of {home.object_id}"
        self._refuse_if_locked(counted, Attempt(attempt.tenant_name))
        if not self._second_factors.verify(home.object_id, code):
            self._attempts.record_failure(counted, "")
            raise SignInFailed(
                Category.UNAUTHENTICATED,
                SECOND_FACTOR_NEEDED,
                500121,
                "The code is wrong or was used already; wait for the next one.",
            )
        self._attempts.record_success(counted, "")

    def check_password(self, attempt: Attempt, user_name: str, password: str) -> Account:
        """Return the user that name and password belong to, in whichever tenant. Raises `SignInFailed`."""
        self._refuse_if_locked(user_name.lower(), attempt)
        account = self._directory.find_user(user_name)
        if not self._directory.verify_password(account, password):
            self._attempts.record_failure(user_name.lower(), attempt.client_address)
            raise SignInFailed(
                Category.INVALID,
                "invalid_grant",
                50126,
                "Error validating credentials due to invalid username or password.",
            )
        assert account is not None
        self._attempts.record_success(user_name.lower(), attempt.client_address)
        return _require_enabled(account)

    def enter(self, attempt: Attempt, home: Account) -> Account:
        """Return the account as which a user who proved who they are is known in the tenant of the URL.

        Raises `SignInFailed` (AADSTS50020) for a tenant that knows them neither as a user nor as a guest.
        """
        tenant = self.find_tenant(attempt.tenant_name)
        if tenant is None or tenant.id == home.tenant_id:
            return _require_enabled(home)
        guest = self._directory.guests.find_or_redeem(tenant, home)
        if guest is None:
            raise SignInFailed(
                Category.INVALID,
                "invalid_grant",
                50020,
                f"User account '{home.user_name}' does not exist in tenant '{tenant.name}'. The account needs to be "
                "invited as a guest of the tenant first; or sign in to a tenant that has it.",
            )
        return _require_enabled(guest)

    def _get_client(self, attempt: Attempt, client_id: str) -> Account:
        tenant = self.find_tenant(attempt.tenant_name)
        application_id = _read_guid(client_id)
        account = self._directory.find_application(application_id) if application_id else None
        if account is None or (tenant is not None and account.tenant_id != tenant.id):
            raise SignInFailed(
                Category.INVALID,
                "unauthorized_client",
                700016,
                f"Application with identifier '{client_id}' was not found in the directory "
                f"'{tenant.name if tenant else attempt.tenant_name}'.",
            )
        return account

    def _refuse_if_locked(self, name: str, attempt: Attempt) -> None:
        seconds = self._attempts.locked_seconds(name, attempt.client_address)
        if seconds:
            raise SignInFailed(
                Category.THROTTLED,
                "temporarily_unavailable",
                50053,
                "The account is locked because there were too many attempts with a wrong secret or password.",
                retry_after_seconds=seconds,
            )


def _require_enabled(account: Account) -> Account:
    if not account.is_enabled:
        if account.application_id is not None:
            raise SignInFailed(
                Category.UNAUTHENTICATED,
                "unauthorized_client",
                7000112,
                f"Application '{account.application_id}' is disabled.",
            )
        raise SignInFailed(Category.INVALID, "invalid_grant", 50057, "The user account is disabled.")
    return account


def _read_guid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
