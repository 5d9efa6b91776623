"""How failures look on the wire: the one table from category to status, and one shape for each of Azure's surfaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, TypeAlias, assert_never

from kelp.base.errors import Category, ServiceError
from kelp.identity.errors import SignInFailed
from kelp.kql.diagnostics import Diagnostic, Severity
from kelp.kql.text import SourceText

Document: TypeAlias = dict[str, Any]

STATUS_OF_CATEGORY: Mapping[Category, int] = MappingProxyType(
    {
        Category.INVALID: 400,
        Category.UNAUTHENTICATED: 401,
        Category.FORBIDDEN: 403,
        Category.NOT_FOUND: 404,
        Category.CONFLICT: 409,
        Category.TOO_LARGE: 413,
        Category.THROTTLED: 429,
        Category.UNSUPPORTED: 501,
        Category.TIMEOUT: 504,
        Category.UNAVAILABLE: 503,
        Category.INTERNAL: 500,
    }
)
_STATUS_OF_CODE: Mapping[str, int] = MappingProxyType(
    {
        "CannotDeleteLastRbacAdminAssignment": 412,
        "MethodNotAllowed": 405,
        "PreconditionFailed": 412,
        "UnsupportedMediaType": 415,
    }
)
"""Codes that HTTP has a status of its own for."""


class Surface(Enum):
    """A family of clients that expects errors in one shape."""

    MANAGEMENT = auto()
    TOKEN = auto()
    QUERY = auto()
    INGESTION = auto()
    DATA_COLLECTOR = auto()
    KUSTO = auto()
    GRAPH = auto()
    KEY_VAULT = auto()
    PORTAL = auto()


class RefusedQuery(ServiceError):
    """A query text that does not compile, with what is needed to point into it."""

    def __init__(self, text: str, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(Category.INVALID, "BadArgumentError", "The request had some invalid properties")
        self.text = text
        self.diagnostics = tuple(diagnostics)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What stands in the way; the other diagnostics are warnings."""
        return tuple(found for found in self.diagnostics if found.severity is Severity.ERROR)

    @property
    def first_error(self) -> Diagnostic:
        """The one that clients show which show one."""
        return self.errors[0]


@dataclass(frozen=True, slots=True)
class FailureContext:
    """What the shapes say about the request beside the error itself."""

    correlation_id: str
    client_request_id: str
    at: datetime


def status_of(error: ServiceError) -> int:
    """Return the HTTP status of an error."""
    return _STATUS_OF_CODE.get(error.code, STATUS_OF_CATEGORY[error.category])


def internal_error(correlation_id: str) -> ServiceError:
    """Return what the caller is told about a failure of ours: nothing but where the log has it."""
    return ServiceError(
        Category.INTERNAL,
        "InternalServerError",
        f"The service failed to answer this request. Correlation id: {correlation_id}.",
    )


def encode_error(surface: Surface, error: ServiceError, context: FailureContext) -> Document:
    """Return the document of an error as the surface's clients read it."""
    match surface:
        case Surface.MANAGEMENT | Surface.INGESTION:
            return {"error": management_error(error)}
        case Surface.TOKEN:
            return _token_error(error, context)
        case Surface.QUERY:
            return {"error": query_error(error, context)}
        case Surface.DATA_COLLECTOR:
            return {"Error": error.code, "Message": error.message}
        case Surface.KUSTO:
            return {"error": kusto_error(error, context)}
        case Surface.GRAPH:
            return {"error": _graph_error(error, context)}
        case Surface.KEY_VAULT:
            return {"error": _key_vault_error(error)}
        case Surface.PORTAL:
            return {"error": _portal_error(error, context)}
        case _ as unreachable:
            assert_never(unreachable)


def management_error(error: ServiceError) -> Document:
    """Return an error as Resource Manager tells it. Cf. the Azure Resource Manager API contract, error response."""
    document: Document = {"code": error.code, "message": error.message}
    if error.target is not None:
        document["target"] = error.target
    if error.details:
        document["details"] = [management_error(detail) for detail in error.details]
    return document


def _key_vault_error(error: ServiceError) -> Document:
    """Cf. "Authentication, requests and responses" of Azure Key Vault: the inner error says why."""
    document: Document = {"code": error.code, "message": error.message}
    if error.details:
        inner = error.details[0]
        document["innererror"] = {"code": inner.code, "message": inner.message}
    return document


def _token_error(error: ServiceError, context: FailureContext) -> Document:
    """Cf. RFC 6749 section 5.2, with the members that Azure's token endpoint adds."""
    numbers = [error.number] if isinstance(error, SignInFailed) else []
    return {
        "error": error.code,
        "error_description": (
            f"{error.message} Trace ID: {context.correlation_id} Correlation ID: {context.correlation_id} "
            f"Timestamp: {context.at:%Y-%m-%d %H:%M:%SZ}"
        ),
        "error_codes": numbers,
        "timestamp": f"{context.at:%Y-%m-%d %H:%M:%SZ}",
        "trace_id": context.correlation_id,
        "correlation_id": context.client_request_id or context.correlation_id,
    }


_CODES_OF_GRAPH: Mapping[str, str] = MappingProxyType(
    {
        "AuthenticationFailed": "InvalidAuthenticationToken",
        "AuthorizationFailed": "Authorization_RequestDenied",
        "ExpiredAuthenticationToken": "InvalidAuthenticationToken",
        "InvalidAuthenticationTokenAudience": "InvalidAuthenticationToken",
        "InvalidAuthenticationTokenTenant": "InvalidAuthenticationToken",
        "InvalidParameter": "Request_BadRequest",
        "InvalidRequestContent": "BadRequest",
        "TenantNotFound": "Request_ResourceNotFound",
    }
)
"""What Microsoft Graph calls failures that other surfaces name otherwise."""


def _graph_error(error: ServiceError, context: FailureContext) -> Document:
    """Cf. "Microsoft Graph error responses"."""
    document: Document = {"code": _CODES_OF_GRAPH.get(error.code, error.code), "message": error.message}
    if error.details:
        document["details"] = [
            {
                "code": _CODES_OF_GRAPH.get(detail.code, detail.code),
                "message": detail.message,
                "target": detail.target,
            }
            for detail in error.details
        ]
    document["innerError"] = {
        "date": f"{context.at:%Y-%m-%dT%H:%M:%S}",
        "request-id": context.correlation_id,
        "client-request-id": context.client_request_id or context.correlation_id,
    }
    return document


_CODES_OF_QUERY_API: Mapping[str, str] = MappingProxyType(
    {
        "AmbiguousWorkspace": "BadArgumentError",
        "AuthenticationFailed": "AuthorizationRequiredError",
        "ExpiredAuthenticationToken": "ExpiredTokenError",
        "InsufficientAccess": "InsufficientAccessError",
        "InvalidAuthenticationToken": "InvalidTokenError",
        "InvalidAuthenticationTokenAudience": "InvalidTokenError",
        "InvalidAuthenticationTokenTenant": "InvalidTokenError",
        "InvalidRequestContent": "BadArgumentError",
        "TooManyWorkspaces": "BadArgumentError",
        "WorkspaceNotFound": "WorkspaceNotFoundError",
    }
)
"""What the query API calls failures that other surfaces name otherwise."""


def query_error(error: ServiceError, context: FailureContext) -> Document:
    """Return the `error` member of the query API (cf. "Log Analytics API errors"), also for an item of a batch."""
    document: Document = {
        "code": _CODES_OF_QUERY_API.get(error.code, error.code),
        "message": error.message,
        "correlationId": context.correlation_id,
    }
    if isinstance(error, RefusedQuery):
        document["innererror"] = _locate(error)
        document["details"] = [diagnostic_document(found, error.text) for found in error.diagnostics]
    elif error.details:
        document["details"] = [query_error(detail, context) for detail in error.details]
    return document


def _portal_error(error: ServiceError, context: FailureContext) -> Document:
    """Return the query API's error, with the members of a document that are at fault."""
    document = query_error(error, context)
    if error.target is not None:
        document["target"] = error.target
    if error.details and not isinstance(error, RefusedQuery):
        document["details"] = [management_error(detail) for detail in error.details]
    return document


def _locate(refused: RefusedQuery) -> Document:
    found = refused.first_error
    kind = "SyntaxError" if found.code.startswith("SYN") else "SemanticError"
    return {
        "code": kind,
        "message": "A syntax error has been identified in the query."
        if kind == "SyntaxError"
        else "A semantic error occurred.",
        "innererror": diagnostic_document(found, refused.text),
    }


def diagnostic_document(found: Diagnostic, text: str) -> Document:
    """Return a finding in a query: lines count from 1, positions in them from 0."""
    source = SourceText(text)
    line, position = source.locate(found.span.start)
    return {
        "code": found.code,
        "message": _with_hint(found),
        "line": line,
        "pos": position,
        "token": source.slice(found.span),
    }


def kusto_error(error: ServiceError, context: FailureContext) -> Document:
    """Return the OneApi error that Kusto clients read, also inside a frame."""
    kind, code, message = _name_for_kusto(error)
    is_permanent = error.retry_after_seconds is None and error.category not in (
        Category.UNAVAILABLE,
        Category.TIMEOUT,
        Category.THROTTLED,
    )
    document: Document = {
        "code": code,
        "message": message,
        "@type": kind,
        "@message": message,
        "@context": {
            "timestamp": context.at.isoformat().replace("+00:00", "Z"),
            "serviceAlias": "KELP",
            "clientRequestId": context.client_request_id,
            "activityId": context.correlation_id,
        },
        "@permanent": is_permanent,
    }
    if isinstance(error, RefusedQuery):
        inner = _locate(error)["innererror"]
        document["innererror"] = inner | {"@message": inner["message"], "@permanent": True}
    return document


def _name_for_kusto(error: ServiceError) -> tuple[str, str, str]:
    if isinstance(error, RefusedQuery):
        message = "\n".join(_print_for_kusto(found, error.text) for found in error.errors)
        return f"Kusto.Data.Exceptions.{_kind_of(error.first_error)}Exception", "General_BadRequest", message
    if error.code == "BadRequest_EntityNotFound":
        return "Kusto.Data.Exceptions.EntityNotFoundException", error.code, error.message
    match error.category:
        case Category.NOT_FOUND:
            return "Kusto.Data.Exceptions.EntityNotFoundException", "BadRequest_EntityNotFound", error.message
        case Category.THROTTLED:
            return "Kusto.Data.Exceptions.KustoServiceThrottledException", "Throttled", error.message
        case Category.INTERNAL:
            return "Kusto.Data.Exceptions.KustoServiceException", "General_InternalServerError", error.message
        case _:
            return "Kusto.Data.Exceptions.KustoBadRequestException", "General_BadRequest", error.message


def _kind_of(found: Diagnostic) -> str:
    return "Syntax" if found.code.startswith("SYN") else "Semantic"


def _print_for_kusto(found: Diagnostic, text: str) -> str:
    """Return one line that names kind, code and place; clients tell a semantic error by the first words."""
    line, position = SourceText(text).locate(found.span.start)
    return f"{_kind_of(found)} error: {found.code}: {_with_hint(found)} [line:position={line}:{position}]"


def _with_hint(found: Diagnostic) -> str:
    return f"{found.message}; {found.hint}" if found.hint else found.message
