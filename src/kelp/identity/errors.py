"""Why someone was not let in.

::

    ServiceError
      SignInFailed         the token endpoint's refusal, with its OAuth error and AADSTS number
      InvalidToken         a bearer token that proves nothing here
      InvalidSharedKey     a request that was not signed with a key of the workspace
"""

from __future__ import annotations

from kelp.base.errors import Category, ServiceError


class SignInFailed(ServiceError):
    """A refused sign-in. `code` is the OAuth error, `number` the AADSTS number that clients show and match."""

    def __init__(
        self,
        category: Category,
        code: str,
        number: int,
        message: str,
        *,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(
            category, code, f"AADSTS{number}: {message}", retry_after_seconds=retry_after_seconds
        )
        self.number = number


class InvalidToken(ServiceError):
    """The bearer token is missing, malformed, expired, altered or meant for someone else."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(Category.UNAUTHENTICATED, code, message)


class InvalidSharedKey(ServiceError):
    """The signature does not belong to the request and the workspace, or its date is off."""

    def __init__(self, message: str) -> None:
        super().__init__(Category.FORBIDDEN, "InvalidAuthorization", message)
