"""Runs a query through the query API of a service."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from kelp.cli.diagnostics import WireFinding, describe_findings
from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.result import QueryAnswer, decode_answer
from kelp.cli.service_client import ServiceClient, describe_failure, exit_code_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.cli.credentials import Credentials
    from kelp.cli.service_client import Response

_PREFER = "wait=600"


class _WireRefusal(msgspec.Struct):
    error: WireFinding


class _WireExplanation(msgspec.Struct):
    explain: dict[str, Any]


def query_service(text: str, credentials: Credentials, timespan: str | None = None) -> QueryAnswer:
    """Return the answer of the service, over an ISO 8601 duration or interval if given. Raises `CommandFailed`."""
    body = _ask(text, credentials, "", timespan)
    with _foreign_answers(credentials):
        return decode_answer(body, text)


def explain_with_service(text: str, credentials: Credentials) -> dict[str, Any]:
    """Return what the service says that the query would do. Raises `CommandFailed`."""
    body = _ask(text, credentials, "?explain=true")
    with _foreign_answers(credentials):
        return msgspec.json.decode(body, type=_WireExplanation).explain


def _ask(text: str, credentials: Credentials, parameters: str, timespan: str | None = None) -> bytes:
    body = {"query": text, "timespan": timespan} if timespan else {"query": text}
    with closing(ServiceClient(credentials)) as client:
        workspace = credentials.require("workspace_id", "--workspace GUID")
        answer = client.request(
            "POST",
            f"/v1/workspaces/{quote(workspace, safe='')}/query{parameters}",
            msgspec.json.encode(body),
            {"Prefer": _PREFER},
        )
    if not answer.is_success:
        raise CommandFailed(exit_code_of(answer), _describe_refusal(text, answer))
    return answer.body


@contextmanager
def _foreign_answers(credentials: Credentials) -> Iterator[None]:
    try:
        yield
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
    first = WireFinding(innermost.code or error.code, innermost.message or error.message)
    placed = innermost if innermost.line is not None else first
    found = [one for one in error.details if one.line is not None] or [placed]
    return describe_findings(text, [one.locate(text) for one in found])
