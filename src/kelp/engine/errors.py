"""What an engine may fail with, and the one map from its error codes to ours.

::

    ServiceError
      EngineError                    category and code from the table below; `engine_code`, `engine_message` for the log
        QueryTimedOut                timeout     deadline passed, in the queue or while running
        QueryCancelled               conflict    killed by tag, by its reader's leaving, or at shutdown
        ResourceLimitExceeded        invalid     memory, rows, bytes: what one query may use
        WorkspaceKeyUnavailable      unavailable the table's disk key is missing or wrong
        InsertThrottled              throttled   more parts than merges can keep up with
        StorageFull                  unavailable no space left
        EngineUnavailable            unavailable the engine is stopping or stopped
        RowsRejected                 invalid     the rows of an insert can't be read as declared
        EngineTableNotFound          not_found   the engine has no such table or database
      DataFolderRefused              unavailable the data folder can't be opened by this engine

The engine's own text may hold rows, names and paths. It stays on `engine_message`, for the log; users see only what is
written here.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, ClassVar

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODE = re.compile(r"Code: (\d+)")
_NO_SPACE = re.compile(r"No space left on device|errno:? 28\b", re.IGNORECASE)
_NO_KEY = re.compile(r"Env variable is not set|Encryption key must not be empty", re.IGNORECASE)


class EngineError(ServiceError):
    """The engine refused or failed. `correlation_id` is in the message shown and belongs in the log line."""

    category_: ClassVar[Category] = Category.INTERNAL
    code_: ClassVar[str] = "EngineFailure"
    text_: ClassVar[str] = "The engine failed."
    retry_after_: ClassVar[int | None] = None

    def __init__(
        self, message: str | None = None, *, engine_code: int | None = None, engine_message: str = ""
    ) -> None:
        self.engine_code = engine_code
        self.engine_message = engine_message
        self.correlation_id = secrets.token_hex(8)
        text = message or self.text_
        if self.category_ is Category.INTERNAL:
            text = f"{text} Correlation id: {self.correlation_id}."
        super().__init__(self.category_, self.code_, text, retry_after_seconds=self.retry_after_)


class QueryTimedOut(EngineError):
    """The deadline passed."""

    category_ = Category.TIMEOUT
    code_ = "Timeout"
    text_ = "The query took longer than it was allowed to."


class QueryCancelled(EngineError):
    """The query was killed before its end."""

    category_ = Category.CONFLICT
    code_ = "QueryCancelled"
    text_ = "The query was cancelled."


class ResourceLimitExceeded(EngineError):
    """A limit of this query was reached: memory, rows or bytes read, rows or bytes of the result."""

    category_ = Category.INVALID
    code_ = "ResourceLimit"
    text_ = "The query needs more resources than one query may use. Narrow its time range or filter earlier."


class WorkspaceKeyUnavailable(EngineError):
    """The key of the workspace's disk is missing, wrong or revoked."""

    category_ = Category.UNAVAILABLE
    code_ = "WorkspaceKeyUnavailable"
    text_ = "The encryption key of the workspace can't be used at present."


class InsertThrottled(EngineError):
    """The table has more parts than merges keep up with. The same insert may be sent again."""

    category_ = Category.THROTTLED
    code_ = "InsertThrottled"
    text_ = "The table receives more inserts than it can merge."
    retry_after_ = 5


class StorageFull(EngineError):
    """No space is left where the engine keeps its data."""

    category_ = Category.UNAVAILABLE
    code_ = "StorageFull"
    text_ = "No space is left for the engine's data."
    retry_after_ = 60


class EngineUnavailable(EngineError):
    """The engine is stopping, or is too busy as a whole."""

    category_ = Category.UNAVAILABLE
    code_ = "EngineUnavailable"
    text_ = "The engine can't take the request at present."
    retry_after_ = 5


class RowsRejected(EngineError):
    """The body of an insert is not what its statement declares. Sending the same again fails again."""

    category_ = Category.INVALID
    code_ = "RowsRejected"
    text_ = "The rows can't be read in the declared format."


class EngineTableNotFound(EngineError):
    """The engine has no such table: it was not made yet, or has been removed or closed."""

    category_ = Category.NOT_FOUND
    code_ = "EngineTableNotFound"
    text_ = "The table is not in the engine."


class DataFolderRefused(ServiceError):
    """The data folder was written by an engine that this one can't follow, or is in use."""

    def __init__(self, message: str) -> None:
        super().__init__(Category.UNAVAILABLE, "DataFolderRefused", message)


_CLASSES: Mapping[int, type[EngineError]] = {
    36: WorkspaceKeyUnavailable,  # BAD_ARGUMENTS, but only with the text of a missing key: see `_classify`
    60: EngineTableNotFound,  # UNKNOWN_TABLE
    81: EngineTableNotFound,  # UNKNOWN_DATABASE
    158: ResourceLimitExceeded,  # TOO_MANY_ROWS
    159: QueryTimedOut,  # TIMEOUT_EXCEEDED
    160: QueryTimedOut,  # TOO_SLOW
    191: ResourceLimitExceeded,  # SET_SIZE_LIMIT_EXCEEDED
    202: EngineUnavailable,  # TOO_MANY_SIMULTANEOUS_QUERIES
    241: ResourceLimitExceeded,  # MEMORY_LIMIT_EXCEEDED
    243: StorageFull,  # NOT_ENOUGH_SPACE
    252: InsertThrottled,  # TOO_MANY_PARTS
    307: ResourceLimitExceeded,  # TOO_MANY_BYTES
    390: EngineTableNotFound,  # CANNOT_GET_CREATE_TABLE_QUERY: nothing to attach
    394: QueryCancelled,  # QUERY_WAS_CANCELLED
    396: ResourceLimitExceeded,  # TOO_MANY_ROWS_OR_BYTES
    592: WorkspaceKeyUnavailable,  # DATA_ENCRYPTION_ERROR
    734: QueryCancelled,  # QUERY_WAS_CANCELLED_BY_CLIENT
    1000: WorkspaceKeyUnavailable,  # POCO_EXCEPTION, but only with the text of a missing key: see `_classify`
}
_ONLY_WITH_KEY_TEXT = frozenset({36, 1000})
_UNREADABLE = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        25,  # CANNOT_PARSE_ESCAPE_SEQUENCE
        26,  # CANNOT_PARSE_QUOTED_STRING
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        32,  # ATTEMPT_TO_READ_AFTER_EOF
        33,  # CANNOT_READ_ALL_DATA
        38,  # CANNOT_PARSE_DATE
        41,  # CANNOT_PARSE_DATETIME
        69,  # ARGUMENT_OUT_OF_BOUND
        72,  # CANNOT_PARSE_NUMBER
        117,  # INCORRECT_DATA
        306,  # TOO_DEEP_RECURSION
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        376,  # CANNOT_PARSE_UUID
        395,  # FUNCTION_THROW_IF_VALUE_IS_NON_ZERO: a statement's own check of the rows
        407,  # DECIMAL_OVERFLOW
        467,  # CANNOT_PARSE_BOOL
    }
)
"""Codes that speak of the rows, where an insert fails with them."""


def map_engine_error(engine_message: str) -> EngineError:
    """Return the error that stands for the engine's text, which is kept for the log and not shown."""
    found = _CODE.search(engine_message)
    code = int(found.group(1)) if found else None
    return _classify(code, engine_message)(engine_code=code, engine_message=engine_message)


def map_insert_error(engine_message: str) -> EngineError:
    """Return the error that stands for the engine's text about an insert."""
    error = map_engine_error(engine_message)
    if error.engine_code in _UNREADABLE:
        return RowsRejected(engine_code=error.engine_code, engine_message=engine_message)
    return error


def _classify(code: int | None, engine_message: str) -> type[EngineError]:
    if code in _ONLY_WITH_KEY_TEXT and not _NO_KEY.search(engine_message):
        return StorageFull if _NO_SPACE.search(engine_message) else EngineError
    if code is not None and code in _CLASSES:
        return _CLASSES[code]
    return StorageFull if _NO_SPACE.search(engine_message) else EngineError
