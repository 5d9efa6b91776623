"""What this machine is called and runs. Reads the operating system; sends nothing."""

from __future__ import annotations

import ipaddress
import platform
import socket
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, getnode, uuid5

import psutil

_NAMESPACE = UUID("6f2b5a3e-4f0d-5c55-9a63-0a4b1f7c9d21")
_MACHINE_ID_FILE = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True)
class Host:
    """This machine as its records name it.

    `identifier` is stable over restarts and derived from the machine id, which itself is not to leave the machine.
    """

    name: str
    identifier: UUID
    addresses: tuple[str, ...]
    system: str
    system_name: str
    major_version: str
    minor_version: str

    @property
    def address(self) -> str:
        """The first address by which other machines reach this one; empty when there is none."""
        return self.addresses[0] if self.addresses else ""


def describe_host() -> Host:
    """Ask the operating system. Blocking, a few milliseconds."""
    name, major, minor = _describe_system()
    return Host(
        name=socket.gethostname(),
        identifier=uuid5(_NAMESPACE, _machine_id()),
        addresses=tuple(_iter_addresses()),
        system=platform.system(),
        system_name=name,
        major_version=major,
        minor_version=minor,
    )


def _machine_id() -> str:
    try:
        return _MACHINE_ID_FILE.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return f"{getnode():012x}"


def _describe_system() -> tuple[str, str, str]:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        version = platform.release()
        name = platform.system()
    else:
        version = release.get("VERSION_ID", "")
        name = release.get("NAME", platform.system())
    major, _, minor = version.partition(".")
    return name, major, minor


def _iter_addresses() -> list[str]:
    """Addresses that are neither loopback nor link-local, version 4 before version 6."""
    found = []
    for addresses in psutil.net_if_addrs().values():
        for entry in addresses:
            if entry.family not in (socket.AF_INET, socket.AF_INET6):
                continue
            address = ipaddress.ip_address(str(entry.address).partition("%")[0])
            if not (address.is_loopback or address.is_link_local):
                found.append(address)
    return [str(address) for address in sorted(found, key=lambda address: (address.version, int(address)))]
