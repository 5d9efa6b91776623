"""The one error model of the services.

::

    ServiceError            category, code, message, target, details
      (each package subclasses it where a caller must tell its errors apart)

Categories are closed; `api.errors` owns the only table from category to HTTP status. A language error is not a
`ServiceError` but a `kql.diagnostics.Diagnostic`, because it has a position.
"""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What kind of failure it is, independent of any protocol."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    THROTTLED = "throttled"
    UNSUPPORTED = "unsupported"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class ServiceError(Exception):
    """A failure a caller is told about.

    `code` is stable and in the vocabulary of the surface that raises it, so that clients never match text. `message`
    says what was wrong, where, and what to do. `retry_after_seconds` is set only where trying again can help.
    """

    def __init__(
        self,
        category: Category,
        code: str,
        message: str,
        *,
        target: str | None = None,
        details: tuple[ServiceError, ...] = (),
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.category = category
        self.code = code
        self.message = message
        self.target = target
        self.details = details
        self.retry_after_seconds = retry_after_seconds
