"""A key in a vault elsewhere: this client against the real data plane, and what it does not let itself be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kelp.vault.customer_key import CustomerKey, find_problem, find_wrapping_version
from kelp.vault.errors import KeyRefused, KeyStoreDamaged, KeysUnavailable
from kelp.vault.external_vault import ExternalVault, VaultCredential
from tests.api.vault_clients import VaultClients, open_clients, resolve_vaults
from tests.servers import Server


@pytest.fixture(autouse=True)
def names_of_vaults(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_vaults(monkeypatch)


@pytest.fixture
def clients(server: Server) -> Iterator[VaultClients]:
    with open_clients(server) as clients:
        yield clients


@pytest.fixture
def credential(server: Server) -> VaultCredential:
    application = server.application
    return VaultCredential(
        ("localhost",),
        server.endpoint,
        str(application.tenant_id),
        application.client_id,
        application.client_secret,
        Path(server.ca_file),
    )


@pytest.mark.parametrize("form", ["host", "path"])
def test_a_key_is_wrapped_and_followed(clients: VaultClients, credential: VaultCredential, form: str) -> None:
    vault = clients.make_vault(enablePurgeProtection=True)
    keys = clients.keys(vault.properties.vault_uri)
    first = keys.create_rsa_key("ours")
    address = vault.properties.vault_uri if form == "host" else clients.path_of(vault.properties.vault_uri)
    key = ExternalVault(credential).open_key(address, "ours", "")
    root = CustomerKey(key)
    assert find_problem(key) is None
    assert "Purgeable" not in key.find_recovery_level()
    wrapped = root.wrap(b"a cluster's key", b"its context")
    assert b"cluster" not in wrapped
    assert find_wrapping_version(wrapped) == first.properties.version == root.find_version()
    assert root.unwrap(wrapped, b"its context") == b"a cluster's key"
    with pytest.raises(KeyStoreDamaged):
        root.unwrap(wrapped, b"another context")
    second = keys.rotate_key("ours")
    assert root.find_version() == second.properties.version
    assert root.unwrap(wrapped, b"its context") == b"a cluster's key"
    keys.update_key_properties("ours", first.properties.version, enabled=False)
    with pytest.raises(KeyRefused, match="KeyDisabled"):
        root.unwrap(wrapped, b"its context")


def test_absence_and_refusal_are_told_from_silence(
    clients: VaultClients, credential: VaultCredential
) -> None:
    vault = clients.make_vault()
    address = clients.path_of(vault.properties.vault_uri)
    assert "KeyNotFound" in str(find_problem(ExternalVault(credential).open_key(address, "absent", "")))
    stranger: Any = replace(credential, client_secret="wrong")
    clients.keys(vault.properties.vault_uri).create_rsa_key("ours")
    assert "AADSTS7000215" in str(find_problem(ExternalVault(stranger).open_key(address, "ours", "")))
    silent = ExternalVault(credential).open_key("https://localhost:1/vaults/any", "ours", "")
    with pytest.raises(KeysUnavailable, match="can't be reached") as caught:
        silent.find_version()
    assert not isinstance(caught.value, KeyRefused)


def test_only_hosts_of_the_settings_are_asked(credential: VaultCredential) -> None:
    vault = ExternalVault(credential)
    for address in (
        "https://evil.example",
        "http://localhost",
        "https://notlocalhost",
        "https://localhost.evil.example",
        "https://localhost@evil.example",
    ):
        assert not vault.reaches(address)
        with pytest.raises(KeyRefused, match=r"vault\.external_hosts"):
            vault.open_key(address, "ours", "").find_version()
