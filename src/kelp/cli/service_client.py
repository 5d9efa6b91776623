"""Talks HTTPS to a Kelp service: one connection, a token when one is needed. Knows no route but the token's."""

from __future__ import annotations

import http.client
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from kelp.cli.exit_codes import CommandFailed, ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.cli.credentials import Credentials

TIMEOUT_SECONDS = 660.0
"""A little more than the longest query may take."""
_RENEW_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, read to its end; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int | str


class _WireError(msgspec.Struct):
    code: str = ""
    message: str = ""


class _WireFailure(msgspec.Struct, rename={"data_collector_message": "Message"}):
    """The members in which the surfaces of the service say what is wrong."""

    error: _WireError | str = ""
    error_description: str = ""
    data_collector_message: str = ""


class ServiceClient:
    """A client of one service for one command; used by one thread."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._endpoint = urlsplit(credentials.require("endpoint", "--endpoint URL"))
        if self._endpoint.scheme not in ("http", "https") or not self._endpoint.hostname:
            raise CommandFailed(
                ExitCode.USAGE, f"'{credentials.endpoint}' is no address such as https://host:port."
            )
        self._connection: http.client.HTTPConnection | None = None
        self._token: tuple[str, float] | None = None

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        with_token: bool = True,
    ) -> Response:
        """Send a request and read the whole answer, whatever its status. Raises `CommandFailed` (not reached)."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if with_token:
            sent["Authorization"] = f"Bearer {self._get_token()}"
        target = self._endpoint.path.rstrip("/") + path
        # A connection that was kept open may have been closed by the other side: then once more on a new one.
        for attempt in (1, 2):
            is_reused = self._connection is not None
            try:
                return self._send(method, target, body, sent)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if not is_reused or attempt == 2:
                    raise CommandFailed(
                        ExitCode.NOT_REACHED,
                        f"{self._credentials.endpoint} can't be reached: {error or 'no answer'}.",
                    ) from error
        raise AssertionError("the loop returns or raises")

    def close(self) -> None:
        """Close the connection. Safe to call again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Response:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.request(method, target, body, dict(headers))
        answer = self._connection.getresponse()
        content = answer.read()
        return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._endpoint.hostname or "", self._endpoint.port
        if self._endpoint.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        try:
            context = ssl.create_default_context(cafile=self._credentials.ca_file)
        except (OSError, ssl.SSLError) as error:
            message = f"Can't read the certificates in {self._credentials.ca_file}: {error}."
            raise CommandFailed(ExitCode.USAGE, message) from error
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)

    def _get_token(self) -> str:
        if self._token is not None and time.monotonic() < self._token[1]:
            return self._token[0]
        credentials = self._credentials
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.require("client_id", ""),
            "client_secret": credentials.require("client_secret", ""),
            "scope": f"{str(credentials.endpoint).rstrip('/')}/.default",
        }
        answer = self.request(
            "POST",
            f"/{quote(credentials.require('tenant_id', ''), safe='')}/oauth2/v2.0/token",
            urlencode(form).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
            with_token=False,
        )
        if not answer.is_success:
            raise CommandFailed(ExitCode.NOT_REACHED, f"Signing in failed: {describe_failure(answer)}")
        token = msgspec.json.decode(answer.body, type=_Token)
        self._token = (token.access_token, time.monotonic() + float(token.expires_in) - _RENEW_SECONDS)
        return token.access_token


def describe_failure(answer: Response) -> str:
    """Return what a refusing answer says, in whichever of the service's shapes; else its status."""
    try:
        failure = msgspec.json.decode(answer.body, type=_WireFailure)
    except msgspec.DecodeError:
        return f"the answer has status {answer.status}."
    error = failure.error
    message = error.message if isinstance(error, _WireError) else error
    return (
        failure.error_description or failure.data_collector_message or message or f"status {answer.status}."
    )


def exit_code_of(answer: Response) -> ExitCode:
    """Return how a command ends that got this refusal."""
    if answer.status in (401, 403):
        return ExitCode.NOT_REACHED
    return ExitCode.REFUSED if 400 <= answer.status < 500 else ExitCode.FAILED
