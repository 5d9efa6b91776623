"""A key in a vault elsewhere, over the wire: Azure Key Vault, another Kelp, or whatever speaks the same protocol.

Synchronous and small: a request at a time, each with a time limit, no retries; who calls comes back.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from kelp.vault.customer_key import WRAPPING_ALGORITHM
from kelp.vault.errors import BadParameter, KeyRefused, KeysUnavailable
from kelp.vault.key_material import decode_base64url, encode_base64url

if TYPE_CHECKING:
    from pathlib import Path

API_VERSION = "7.4"
KEY_VAULT = "https://vault.azure.net"
"""The service for which a vault below a path has its tokens."""
_SECONDS = 10.0
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_REFUSALS = frozenset((400, 401, 403, 404, 409))
_MAXIMUM_ANSWER_BYTES = 1_048_576
_RENEWED_BEFORE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class VaultCredential:
    """The application as which an installation asks vaults elsewhere, and where it signs in.

    `hosts` are those that may be asked: host names, or their ends behind a dot.
    """

    hosts: tuple[str, ...]
    authority: str
    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: Path | None = None


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


class ExternalVault:
    """Keys of vaults elsewhere. Safe for concurrent use."""

    def __init__(self, credential: VaultCredential) -> None:
        self._credential = credential
        context = ssl.create_default_context(cafile=str(credential.ca_file) if credential.ca_file else None)
        self._opener = build_opener(HTTPSHandler(context=context), _NoRedirects())
        self._tokens: dict[str, tuple[str, float]] = {}
        self._resources: dict[str, str] = {}
        self._lock = threading.Lock()

    def reaches(self, vault_url: str) -> bool:
        """Tell whether the vault is one that may be asked."""
        parts = urlsplit(vault_url)
        host = (parts.hostname or "").lower()
        return parts.scheme == "https" and any(
            host == allowed or host.endswith(f".{allowed}") for allowed in self._credential.hosts
        )

    def open_key(self, vault_url: str, name: str, version: str) -> ExternalKey:
        """Return a key of a vault; nothing is asked yet."""
        return ExternalKey(self, vault_url.rstrip("/"), name, version)

    def ask(self, method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask a vault, and return its document. Raises `KeyRefused`, `KeysUnavailable`."""
        status, document, challenge = self._send(method, url, body, self._find_token(url))
        if status == 401 and challenge:
            self._learn(url, challenge)
            status, document, _ = self._send(method, url, body, self._find_token(url))
        if status in _REFUSALS:
            error = document.get("error", {})
            inner = error.get("innererror") or {}
            raise KeyRefused(
                f"{inner.get('code') or error.get('code') or status}: {error.get('message', '')}".strip()
            )
        if status != 200:
            raise KeysUnavailable(f"{urlsplit(url).netloc} answered {status}")
        return document

    def _find_token(self, url: str) -> str | None:
        resource = self._resources.get(urlsplit(url).netloc.lower())
        if resource is None:
            return None
        sign_in = f"{self._credential.authority.rstrip('/')}/{self._credential.tenant_id}"
        with self._lock:
            token, until = self._tokens.get(resource, ("", 0.0))
            if time.monotonic() < until:
                return token
            form = {
                "grant_type": "client_credentials",
                "client_id": self._credential.client_id,
                "client_secret": self._credential.client_secret,
                "scope": f"{resource}/.default",
            }
            status, document, _ = self._send("POST", f"{sign_in}/oauth2/v2.0/token", None, None, form)
            if status != 200:
                reason = str(document.get("error_description") or document.get("error") or status)
                raise KeyRefused(f"no token for {resource}: {reason}")
            token = str(document["access_token"])
            until = time.monotonic() + float(document.get("expires_in", 300)) - _RENEWED_BEFORE_SECONDS
            self._tokens[resource] = (token, until)
            return token

    def _learn(self, url: str, challenge: str) -> None:
        """Remember what a vault's tokens are for. The vault is named by a customer, so that it is not believed:

        where tokens are had is a setting, and they are for key vaults, or a service whose name the vault's host name
        ends in.
        """
        found = dict(_CHALLENGE.findall(challenge))
        resource = (found.get("resource") or found.get("scope", "").removesuffix("/.default")).rstrip("/")
        host = urlsplit(url).netloc.lower()
        service = urlsplit(resource).netloc.lower()
        if resource != KEY_VAULT and (not service or not (host == service or host.endswith(f".{service}"))):
            raise KeyRefused(f"{host} asks for a token for '{resource}', which is not for its host name")
        with self._lock:
            self._resources[host] = resource
            self._tokens.pop(resource, None)

    def _send(
        self,
        method: str,
        url: str,
        body: dict[str, Any] | None,
        token: str | None,
        form: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, Any], str]:
        headers = {"Accept": "application/json"}
        content: bytes | None = None
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if form is not None:
            content = urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif body is not None:
            content = json.dumps(body).encode() if token is not None else b""
            headers["Content-Type"] = "application/json"
        request = Request(url, data=content, headers=headers, method=method)  # noqa: S310 - https only, see `open_key`
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return answer.status, _read(answer.read(_MAXIMUM_ANSWER_BYTES)), ""
        except HTTPError as error:
            with error:
                challenge = error.headers.get("WWW-Authenticate", "")
                return error.code, _read(error.read(_MAXIMUM_ANSWER_BYTES)), challenge
        except (URLError, HTTPException, OSError) as error:
            raise KeysUnavailable(f"{urlsplit(url).netloc} can't be reached ({error})") from error


@dataclass(frozen=True, slots=True)
class ExternalKey:
    """Fulfils `VaultKey` over the wire."""

    vault: ExternalVault
    vault_url: str
    name: str
    pinned_version: str

    @property
    def address(self) -> str:
        return f"{self.vault_url}/keys/{self.name}"

    def find_version(self) -> str:
        document = self.vault.ask("GET", self._url(f"/{self.pinned_version}" if self.pinned_version else ""))
        if document.get("attributes", {}).get("enabled") is False:
            raise KeyRefused(f"the key {self.name} is disabled")
        version = str(document.get("key", {}).get("kid", "")).rstrip("/").rpartition("/")[2]
        if not version:
            raise KeysUnavailable(f"{self.vault_url} did not tell the version of {self.name}")
        return version

    def find_recovery_level(self) -> str:
        """Return what the vault says becomes of the key once it is deleted. Raises as the other methods do."""
        document = self.vault.ask("GET", self._url(f"/{self.pinned_version}" if self.pinned_version else ""))
        return str(document.get("attributes", {}).get("recoveryLevel", ""))

    def wrap(self, version: str, secret: bytes) -> bytes:
        return self._transform(version, "wrapkey", secret)

    def unwrap(self, version: str, wrapped: bytes) -> bytes:
        return self._transform(version, "unwrapkey", wrapped)

    def _transform(self, version: str, operation: str, value: bytes) -> bytes:
        body = {"alg": WRAPPING_ALGORITHM, "value": encode_base64url(value)}
        document = self.vault.ask("POST", self._url(f"/{quote(version)}/{operation}"), body)
        try:
            return decode_base64url(document.get("value"), "value")
        except BadParameter as error:
            raise KeysUnavailable(f"{self.vault_url} gave no result") from error

    def _url(self, path: str) -> str:
        if not self.vault.reaches(self.vault_url):
            raise KeyRefused(f"the setting vault.external_hosts does not list the host of {self.vault_url}")
        return f"{self.vault_url}/keys/{quote(self.name)}{path}?api-version={API_VERSION}"


def _read(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
