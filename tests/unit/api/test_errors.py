from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kelp.api.errors import (
    STATUS_OF_CATEGORY,
    FailureContext,
    RefusedQuery,
    Surface,
    encode_error,
    internal_error,
    status_of,
)
from kelp.base.errors import Category, ServiceError
from kelp.identity.errors import SignInFailed
from kelp.kql.diagnostics import Diagnostic, Severity
from kelp.kql.text import Span
from kelp.resources.errors import InvalidDocument, Problem

CONTEXT = FailureContext("correlation", "client", datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC))
TEXT = "Syslog\n| where Colour == 1"
WARNING = Diagnostic("KLP0100", Severity.WARNING, "Slow", Span(0, 6))
UNKNOWN = Diagnostic("SEM0100", Severity.ERROR, "No column 'Colour'", Span(15, 21), "did you mean 'Color'?")
BROKEN = Diagnostic("SYN0002", Severity.ERROR, "Expected an expression", Span(26, 26))


def encode(surface: Surface, error: ServiceError) -> dict[str, Any]:
    return encode_error(surface, error, CONTEXT)


def test_every_category_has_one_status() -> None:
    assert set(STATUS_OF_CATEGORY) == set(Category)
    assert len(set(STATUS_OF_CATEGORY.values())) == len(Category)


def test_http_has_its_own_status_for_some_codes() -> None:
    assert status_of(ServiceError(Category.CONFLICT, "Conflict", "x")) == 409
    assert status_of(ServiceError(Category.CONFLICT, "PreconditionFailed", "x")) == 412
    assert status_of(ServiceError(Category.INVALID, "MethodNotAllowed", "x")) == 405


def test_management_shows_target_and_every_detail() -> None:
    error = InvalidDocument([Problem("a", "A is wrong."), Problem("b", "B is wrong.", "Wrong")])
    assert encode(Surface.MANAGEMENT, error) == {
        "error": {
            "code": "InvalidParameter",
            "message": "2 problems. A is wrong. B is wrong.",
            "target": "a",
            "details": [
                {"code": "InvalidParameter", "message": "A is wrong.", "target": "a"},
                {"code": "Wrong", "message": "B is wrong.", "target": "b"},
            ],
        }
    }


def test_the_token_endpoint_shows_the_number() -> None:
    document = encode(Surface.TOKEN, SignInFailed(Category.INVALID, "invalid_request", 90002, "No tenant."))
    assert document["error"] == "invalid_request"
    assert document["error_codes"] == [90002]
    assert document["error_description"].startswith("AADSTS90002: No tenant. Trace ID: correlation")
    assert document["timestamp"] == "2026-03-01 12:00:00Z"
    assert (document["trace_id"], document["correlation_id"]) == ("correlation", "client")


@pytest.mark.parametrize(
    "found, kind, line, position, token, message",
    [
        (UNKNOWN, "SemanticError", 2, 8, "Colour", "No column 'Colour'; did you mean 'Color'?"),
        (BROKEN, "SyntaxError", 2, 19, "", "Expected an expression"),
    ],
)
def test_a_refused_query_points_into_its_text(
    found: Diagnostic, kind: str, line: int, position: int, token: str, message: str
) -> None:
    error = encode(Surface.QUERY, RefusedQuery(TEXT, [WARNING, found]))["error"]
    assert error["code"] == "BadArgumentError"
    assert error["correlationId"] == "correlation"
    assert error["innererror"]["code"] == kind
    assert error["innererror"]["innererror"] == {
        "code": found.code,
        "message": message,
        "line": line,
        "pos": position,
        "token": token,
    }


def test_the_query_api_has_its_own_names() -> None:
    error = encode(Surface.QUERY, ServiceError(Category.NOT_FOUND, "WorkspaceNotFound", "Where?"))["error"]
    assert error == {"code": "WorkspaceNotFoundError", "message": "Where?", "correlationId": "correlation"}


def test_kusto_shows_a_refusal_as_an_exception_of_its_own() -> None:
    error = encode(Surface.KUSTO, RefusedQuery(TEXT, [BROKEN]))["error"]
    assert error["code"] == "General_BadRequest"
    assert error["@type"] == "Kusto.Data.Exceptions.SyntaxException"
    assert error["@message"] == "Syntax error: SYN0002: Expected an expression [line:position=2:19]"
    assert error["@permanent"] is True
    assert error["@context"]["clientRequestId"] == "client"
    assert error["innererror"]["code"] == "SYN0002"


@pytest.mark.parametrize(
    "category, code, permanent",
    [
        (Category.NOT_FOUND, "BadRequest_EntityNotFound", True),
        (Category.INVALID, "General_BadRequest", True),
        (Category.THROTTLED, "Throttled", False),
        (Category.TIMEOUT, "General_BadRequest", False),
        (Category.INTERNAL, "General_InternalServerError", True),
    ],
)
def test_kusto_is_told_whether_to_try_again(category: Category, code: str, permanent: bool) -> None:
    error = encode(Surface.KUSTO, ServiceError(category, "Code", "Text."))["error"]
    assert (error["code"], error["message"], error["@permanent"]) == (code, "Text.", permanent)


def test_the_data_collector_has_two_members() -> None:
    error = ServiceError(Category.FORBIDDEN, "InvalidAuthorization", "Wrong signature.")
    assert encode(Surface.DATA_COLLECTOR, error) == {
        "Error": "InvalidAuthorization",
        "Message": "Wrong signature.",
    }


def test_ingestion_has_code_and_message() -> None:
    error = ServiceError(Category.INVALID, "InvalidPayload", "Not JSON.")
    assert encode(Surface.INGESTION, error) == {"error": {"code": "InvalidPayload", "message": "Not JSON."}}


def test_an_internal_error_says_where_the_log_has_it_and_nothing_else() -> None:
    error = internal_error("abc")
    assert "abc" in error.message
    assert status_of(error) == 500
