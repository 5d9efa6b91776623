"""Runs a query through the query API of a service."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from kelp.cli.diagnostics import Finding, describe_findings
from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.result import QueryAnswer, decode_answer
from kelp.cli.service_client import ServiceClient, describe_failure, exit_code_of
from kelp.kql.text import Span

if TYPE_CHECKING:
    from kelp.cli.credentials import Credentials
    from kelp.cli.service_client import Response

_PREFER = "wait=600"


class _WirePlace(msgspec.Struct):
    """An error of the query API; the innermost of a chain knows the place in the text."""

    code: str = ""
    message: str = ""
    line: int | None = None
    pos: int | None = None
    token: str | None = None
    innererror: _WirePlace | None = None


class _WireRefusal(msgspec.Struct):
    error: _WirePlace


def query_service(text: str, credentials: Credentials) -> QueryAnswer:
    """Return the answer of the service. Raises `CommandFailed`."""
    with closing(ServiceClient(credentials)) as client:
        workspace = credentials.require("workspace_id", "--workspace GUID")
        answer = client.request(
            "POST",
            f"/v1/workspaces/{quote(workspace, safe='')}/query",
            msgspec.json.encode({"query": text}),
            {"Prefer": _PREFER},
        )
    if not answer.is_success:
        raise CommandFailed(exit_code_of(answer), _describe_refusal(text, answer))
    try:
        return decode_answer(answer.body)
    except msgspec.DecodeError as error:
        message = f"{credentials.endpoint} does not answer as a query API does: {error}."
        raise CommandFailed(ExitCode.FAILED, message) from error


def _describe_refusal(text: str, answer: Response) -> str:
    try:
        error = msgspec.json.decode(answer.body, type=_WireRefusal).error
    except msgspec.DecodeError:
        return describe_failure(answer)
    innermost = error
    while innermost.innererror is not None:
        innermost = innermost.innererror
    return describe_findings(
        text,
        [
            Finding(
                innermost.code or error.code, innermost.message or error.message, _find_span(text, innermost)
            )
        ],
    )


def _find_span(text: str, place: _WirePlace) -> Span | None:
    """The API counts lines from 1 and positions in them from 0."""
    if place.line is None or place.pos is None:
        return None
    lines = text.split("\n")
    if not 1 <= place.line <= len(lines):
        return None
    start = sum(len(line) + 1 for line in lines[: place.line - 1]) + place.pos
    return Span(start, start + max(1, len(place.token or "")))
