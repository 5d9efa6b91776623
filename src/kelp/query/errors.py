"""What a query can fail with besides the language's own refusals and the engine's errors.

::

    ServiceError
      QueryError
        ExplanationNeedsData   a query can't be explained without running a part of it
        ColumnsTooLong     columns that depend on data have names that are too long
        QueryThrottled     too many of the caller's queries, or no place in time; says when to come back
        QueryTimeout       the time was up before the first row
        WebRequestFailed   a request that the query sends has no good answer
          WebRequestRefused    it may not be sent
        SegmentFailed      a part that Python computes ended without a result
          SegmentInputTooLarge   it would get more rows than it may
          SegmentInputRefused    it says itself what it can't work on
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
        self.seconds = seconds


class ColumnsTooLong(QueryError):
    """The names of columns that depend on data are longer than an answer can hold."""

    def __init__(self) -> None:
        message = (
            "The names of the columns that depend on data are too long. Write the columns after the call of the "
            "plugin."
        )
        super().__init__(Category.INVALID, "BadArgumentError", message)


class ExplanationNeedsData(QueryError):
    """Which columns the query has depends on data, and explaining reads none."""

    def __init__(self) -> None:
        message = (
            "Which columns the query has depends on data, which explaining does not read. Write the columns after "
            "the call of the plugin, or run the query."
        )
        super().__init__(Category.INVALID, "BadArgumentError", message)


class SegmentFailed(QueryError):
    """A part of the query that the engine does not compute has no result. The message says what to do."""

    def __init__(self, message: str, code: str = "SegmentFailed") -> None:
        super().__init__(Category.INVALID, code, message)


class SegmentInputTooLarge(SegmentFailed):
    """More data reached such a part than it may get."""

    def __init__(self, name: str, limit_bytes: int) -> None:
        message = (
            f"'{name}' is not computed by the engine and gets {limit_bytes:,} bytes of rows at the most "
            "(setting segments.input_bytes). Filter, summarize or project fewer columns before it."
        )
        super().__init__(message, "SegmentInputTooLarge")


class SegmentInputRefused(SegmentFailed):
    """Such a part found its input as a whole unfit."""


class WebRequestFailed(QueryError):
    """A request that the query sends has no answer that could be used."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(Category.INVALID, "BadArgumentError", f"The request to {url} failed: {reason}.")


class WebRequestRefused(WebRequestFailed):
    """The administrator has not named the address."""

    def __init__(self, url: str) -> None:
        super().__init__(
            url,
            "queries send requests only to addresses that the setting query.allowed_request_urls names, such as "
            "https://example.com/api",
        )
