from __future__ import annotations

import pytest

from kelp.base.errors import Category
from kelp.engine.errors import (
    EngineError,
    EngineTableNotFound,
    EngineUnavailable,
    InsertThrottled,
    QueryCancelled,
    QueryTimedOut,
    ResourceLimitExceeded,
    RowsRejected,
    StorageFull,
    WorkspaceKeyUnavailable,
    map_engine_error,
    map_insert_error,
)


@pytest.mark.parametrize(
    "text, expected, category",
    [
        ("Code: 159. DB::Exception: Timeout exceeded", QueryTimedOut, Category.TIMEOUT),
        ("Streaming query failed: Code: 394. DB::Exception: cancelled", QueryCancelled, Category.CONFLICT),
        ("Code: 241. DB::Exception: memory limit exceeded", ResourceLimitExceeded, Category.INVALID),
        ("Code: 396. DB::Exception: Limit for result", ResourceLimitExceeded, Category.INVALID),
        ("Code: 307. DB::Exception: Limit for bytes", ResourceLimitExceeded, Category.INVALID),
        ("Code: 158. DB::Exception: Limit for rows", ResourceLimitExceeded, Category.INVALID),
        ("Code: 252. DB::Exception: Too many parts", InsertThrottled, Category.THROTTLED),
        ("Code: 243. DB::Exception: not enough space", StorageFull, Category.UNAVAILABLE),
        (
            "Code: 75. DB::ErrnoException: write failed: errno: 28, strerror: No space left on device",
            StorageFull,
            Category.UNAVAILABLE,
        ),
        ("[Errno 28] No space left on device", StorageFull, Category.UNAVAILABLE),
        (
            "Code: 1000. Exception: std: No space left on device",
            StorageFull,
            Category.UNAVAILABLE,
        ),
        ("Code: 592. DB::Exception: Not found a key", WorkspaceKeyUnavailable, Category.UNAVAILABLE),
        (
            "Code: 36. DB::Exception: Encryption key must not be empty",
            WorkspaceKeyUnavailable,
            Category.UNAVAILABLE,
        ),
        (
            "Code: 1000. DB::Exception: Env variable is not set: K1",
            WorkspaceKeyUnavailable,
            Category.UNAVAILABLE,
        ),
        ("Code: 36. DB::Exception: a bad argument", EngineError, Category.INTERNAL),
        ("Code: 27. DB::Exception: Cannot parse input", EngineError, Category.INTERNAL),
        ("Code: 60. DB::Exception: no such table", EngineTableNotFound, Category.NOT_FOUND),
        ("Code: 81. DB::Exception: no such database", EngineTableNotFound, Category.NOT_FOUND),
        ("Code: 202. DB::Exception: too many queries", EngineUnavailable, Category.UNAVAILABLE),
        ("Code: 4711. DB::Exception: who knows", EngineError, Category.INTERNAL),
        ("something else", EngineError, Category.INTERNAL),
    ],
)
def test_a_code_of_the_engine_becomes_our_error(
    text: str, expected: type[EngineError], category: Category
) -> None:
    error = map_engine_error(text)
    assert type(error) is expected
    assert error.category is category
    assert error.engine_message == text
    assert "DB::" not in error.message


@pytest.mark.parametrize("code", [6, 25, 26, 27, 33, 41, 69, 72, 117, 376, 467])
def test_an_insert_may_fail_for_its_rows(code: int) -> None:
    error = map_insert_error(f"Code: {code}. DB::Exception: private")
    assert type(error) is RowsRejected
    assert (error.category, error.engine_code) == (Category.INVALID, code)
    assert error.engine_message == f"Code: {code}. DB::Exception: private"


def test_an_insert_may_fail_like_a_query() -> None:
    assert type(map_insert_error("Code: 241.")) is ResourceLimitExceeded
    assert type(map_insert_error("Code: 252.")) is InsertThrottled


def test_the_code_is_kept_for_the_log() -> None:
    assert map_engine_error("Code: 4711. DB::Exception").engine_code == 4711
    assert map_engine_error("nothing").engine_code is None


def test_only_internal_errors_show_their_correlation_id() -> None:
    internal, known = map_engine_error("Code: 49."), map_engine_error("Code: 159.")
    assert internal.correlation_id in internal.message
    assert known.correlation_id not in known.message
    assert internal.correlation_id != map_engine_error("Code: 49.").correlation_id


def test_what_may_be_tried_again_says_when() -> None:
    assert InsertThrottled().retry_after_seconds == 5
    assert StorageFull().retry_after_seconds == 60
    assert ResourceLimitExceeded().retry_after_seconds is None


def test_codes_are_stable() -> None:
    expected: dict[str, type[EngineError]] = {
        "Timeout": QueryTimedOut,
        "QueryCancelled": QueryCancelled,
        "ResourceLimit": ResourceLimitExceeded,
        "WorkspaceKeyUnavailable": WorkspaceKeyUnavailable,
        "InsertThrottled": InsertThrottled,
        "StorageFull": StorageFull,
        "EngineUnavailable": EngineUnavailable,
        "RowsRejected": RowsRejected,
        "EngineTableNotFound": EngineTableNotFound,
        "EngineFailure": EngineError,
    }
    assert {code: kind().code for code, kind in expected.items()} == {code: code for code in expected}
