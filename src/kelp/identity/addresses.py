"""Under which names clients reach us, and whether a URL means us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_HOST_HEADER = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
_DATA_COLLECTOR_LABEL = ".ods."
_VAULT_LABEL = "vault"


def split_url(text: str) -> SplitResult:
    """Return the parts of an address; all of them empty for a text that can't be one."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # which is read, and may be none, only when it is asked for
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


@dataclass(frozen=True, slots=True)
class Addresses:
    """`base_url` is where we are reached unless a client shows otherwise, without a slash at its end.

    `host_names` are all names and addresses that the certificate holds, in lower case.
    """

    base_url: str
    host_names: frozenset[str]

    def base_url_for(self, host_header: str | None) -> str:
        """Return our URL as this client writes it; the default for a host name that is not ours.

        Clients follow the URLs in our documents, so they must lead back by the name under which the client trusts us.
        """
        match = _HOST_HEADER.fullmatch(host_header or "")
        if match is None or not self.is_our_host(match["name"]):
            return self.base_url
        return f"https://{host_header}"

    def is_ours(self, url: str) -> bool:
        """Tell whether the URL leads to us, whatever its port and path."""
        parts = split_url(url)
        return parts.scheme == "https" and parts.hostname is not None and self.is_our_host(parts.hostname)

    def is_our_host(self, name: str) -> bool:
        """Tell whether the host name is one of ours, or `<workspace>.ods.` or `<key vault>.vault.` before one."""
        name = name.strip("[]").lower()
        _, label, below = name.partition(_DATA_COLLECTOR_LABEL)
        if name in self.host_names or (bool(label) and below in self.host_names):
            return True
        return self.find_vault(name) is not None

    def find_vault(self, name: str) -> str | None:
        """Return the key vault whose host name this is: `<key vault>.vault.` before one of ours."""
        vault, _, below = name.lower().partition(".")
        label, _, host = below.partition(".")
        return vault if vault and label == _VAULT_LABEL and host in self.host_names else None

    def is_above_vaults(self, url: str) -> bool:
        """Tell whether the URL is that of `vault.` before one of our names, below which all key vaults lie."""
        parts = split_url(url)
        label, _, host = (parts.hostname or "").lower().partition(".")
        return parts.scheme == "https" and label == _VAULT_LABEL and host in self.host_names
