"""What a query can fail with besides the language's own refusals and the engine's errors.

::

    ServiceError
      QueryError
        QueryThrottled     too many of the caller's queries, or no place in time; says when to come back
        QueryTimeout       the time was up before the first row
"""

from __future__ import annotations

from kelp.base.errors import Category, ServiceError


class QueryError(ServiceError):
    """A query that was not run to its end."""


class QueryThrottled(QueryError):
    """The caller asked too often, or too much is waiting already."""

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(
            Category.THROTTLED, "ThrottledError", message, retry_after_seconds=retry_after_seconds
        )


class QueryTimeout(QueryError):
    """The query's time was up before there was anything to show."""

    def __init__(self, seconds: float) -> None:
        message = (
            f"The query did not finish within {seconds:g} seconds. Narrow its time range, or ask for more time "
            "with Prefer: wait=<seconds>."
        )
        super().__init__(Category.TIMEOUT, "GatewayTimeout", message)
