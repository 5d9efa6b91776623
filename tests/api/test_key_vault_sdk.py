"""Key vaults, driven by the real management, keys and secrets clients over real TLS."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.keyvault.keys import (
    JsonWebKey,
    KeyRotationLifetimeAction,
    KeyRotationPolicy,
    KeyRotationPolicyAction,
)
from azure.keyvault.keys.crypto import EncryptionAlgorithm, KeyWrapAlgorithm, SignatureAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.api.vault_clients import VaultClients, open_clients, resolve_vaults
from tests.servers import Server

SECRET = b"0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def names_of_vaults(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_vaults(monkeypatch)


@pytest.fixture
def clients(server: Server) -> Iterator[VaultClients]:
    with open_clients(server) as clients:
        yield clients


@pytest.fixture
def vault(clients: VaultClients) -> Any:
    return clients.make_vault()


def web_key_of(key: Any) -> Any:
    """The JSON Web Key of a key; the client sets its members in a way that types don't tell."""
    return key.key


def error_of(caught: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str, str]:
    error = caught.value.response.json()["error"]  # type: ignore[union-attr]
    return caught.value.status_code, error["code"], error.get("innererror", {}).get("code", "")


def test_a_vault_has_a_host_name_of_its_own(clients: VaultClients, vault: Any) -> None:
    port = clients.server.endpoint.rpartition(":")[2]
    assert vault.properties.vault_uri == f"https://{vault.name}.vault.localhost:{port}/"
    assert vault.properties.enable_soft_delete is True
    assert vault.properties.soft_delete_retention_in_days == 90
    assert vault.properties.sku.name == "standard"


def test_the_life_of_a_key(clients: VaultClients, vault: Any) -> None:
    keys = clients.keys(vault.properties.vault_uri)
    first = keys.create_rsa_key("signing", size=3072, tags={"of": "tests"})
    assert first.id is not None
    assert first.id.startswith(f"{vault.properties.vault_uri}keys/signing/")
    assert (first.key_type, len(web_key_of(first).n or b""), web_key_of(first).d) == ("RSA", 384, None)
    second = keys.rotate_key("signing")
    assert (second.properties.version != first.properties.version, len(web_key_of(second).n or b"")) == (
        True,
        384,
    )
    assert keys.get_key("signing").id == second.id
    assert web_key_of(keys.get_key("signing", first.properties.version)).n == web_key_of(first).n
    versions = {found.version for found in keys.list_properties_of_key_versions("signing")}
    assert versions == {first.properties.version, second.properties.version}
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    changed = keys.update_key_properties("signing", expires_on=until, tags={"of": "nobody"})
    assert (changed.properties.expires_on, changed.properties.tags) == (until, {"of": "nobody"})
    deleted = keys.begin_delete_key("signing").result()
    assert deleted.recovery_id == f"{vault.properties.vault_uri}deletedkeys/signing"
    assert deleted.deleted_date is not None
    assert deleted.scheduled_purge_date == deleted.deleted_date + timedelta(days=90)
    with pytest.raises(ResourceNotFoundError, match="KeyNotFound"):
        keys.get_key("signing")
    assert [found.name for found in keys.list_deleted_keys()] == ["signing"]
    with pytest.raises(ResourceExistsError) as held:
        keys.create_ec_key("signing")
    assert error_of(held) == (409, "Conflict", "ObjectIsDeletedButRecoverable")
    assert keys.begin_recover_deleted_key("signing").result().id == second.id
    keys.begin_delete_key("signing").wait()
    keys.purge_deleted_key("signing")
    with pytest.raises(ResourceNotFoundError):
        keys.get_deleted_key("signing")
    assert keys.create_ec_key("signing").key_type == "EC"


@pytest.mark.parametrize("form", ["host", "path"])
def test_wrapping_and_encrypting(clients: VaultClients, vault: Any, form: str) -> None:
    uri = vault.properties.vault_uri
    options: dict[str, Any] = {}
    if form == "path":
        uri, options = clients.path_of(uri), {"verify_challenge_resource": False}
    key = clients.keys(uri, **options).create_rsa_key("wrapping", size=2048)
    cryptography = clients.cryptography(key, **options)
    for algorithm in (KeyWrapAlgorithm.rsa_oaep_256, KeyWrapAlgorithm.rsa_oaep):
        wrapped = cryptography.wrap_key(algorithm, SECRET)
        assert wrapped.encrypted_key != SECRET
        assert cryptography.unwrap_key(algorithm, wrapped.encrypted_key).key == SECRET
    encrypted = cryptography.encrypt(EncryptionAlgorithm.rsa_oaep_256, b"short")
    assert cryptography.decrypt(EncryptionAlgorithm.rsa_oaep_256, encrypted.ciphertext).plaintext == b"short"
    with pytest.raises(HttpResponseError, match=r"RSA1_5 is refused: .* Use RSA-OAEP-256"):
        cryptography.unwrap_key(KeyWrapAlgorithm.rsa1_5, wrapped.encrypted_key)


@pytest.mark.parametrize(
    ("curve", "algorithm", "digest"),
    [
        ("P-256", SignatureAlgorithm.es256, hashlib.sha256),
        ("P-384", SignatureAlgorithm.es384, hashlib.sha384),
        ("P-521", SignatureAlgorithm.es512, hashlib.sha512),
    ],
)
def test_signing_on_curves(
    clients: VaultClients, vault: Any, curve: str, algorithm: SignatureAlgorithm, digest: Any
) -> None:
    key = clients.keys(vault.properties.vault_uri).create_ec_key("curve", curve=curve)
    cryptography = clients.cryptography(key)
    signed = digest(b"what is signed").digest()
    signature = cryptography.sign(algorithm, signed).signature
    # The client checks by itself, with the public key that the vault gave it.
    assert cryptography.verify(algorithm, signed, signature).is_valid
    assert not cryptography.verify(algorithm, digest(b"another").digest(), signature).is_valid


def test_signing_with_rsa(clients: VaultClients, vault: Any) -> None:
    key = clients.keys(vault.properties.vault_uri).create_rsa_key("rsa")
    cryptography = clients.cryptography(key)
    signed = hashlib.sha256(b"what is signed").digest()
    for algorithm in (SignatureAlgorithm.rs256, SignatureAlgorithm.ps256):
        assert cryptography.verify(algorithm, signed, cryptography.sign(algorithm, signed).signature).is_valid


def test_symmetric_keys_wrap_only(clients: VaultClients, vault: Any) -> None:
    key = clients.keys(vault.properties.vault_uri).create_key("shared", "oct", size=256)
    assert web_key_of(key).k is None
    with clients.server.client(clients.server.token(scope="https://vault.azure.net/.default")) as http:
        path = f"{clients.path_of(vault.properties.vault_uri)}/keys/shared/{key.properties.version}"
        body = {"alg": "A256KW", "value": "MDEyMzQ1Njc4OWFiY2RlZg"}
        wrapped = http.post(f"{path}/wrapkey", params={"api-version": "7.4"}, json=body)
        back = http.post(
            f"{path}/unwrapkey", params={"api-version": "7.4"}, json=body | {"value": wrapped.json()["value"]}
        )
        signed = http.post(
            f"{path}/sign", params={"api-version": "7.4"}, json={"alg": "RS256", "value": "AA"}
        )
    assert back.json()["value"] == body["value"]
    assert (signed.status_code, signed.json()["error"]["innererror"]["code"]) == (
        403,
        "KeyOperationForbidden",
    )


def test_imported_keys_are_used_as_they_are(clients: VaultClients, vault: Any) -> None:
    own = rsa.generate_private_key(65537, 2048)
    numbers = own.private_numbers()

    def encode(number: int) -> bytes:
        return number.to_bytes((number.bit_length() + 7) // 8, "big")

    web_key = JsonWebKey(
        kty="RSA",
        key_ops=["wrapKey", "unwrapKey"],
        n=encode(numbers.public_numbers.n),
        e=encode(numbers.public_numbers.e),
        d=encode(numbers.d),
        p=encode(numbers.p),
        q=encode(numbers.q),
        dp=encode(numbers.dmp1),
        dq=encode(numbers.dmq1),
        qi=encode(numbers.iqmp),
    )
    keys = clients.keys(vault.properties.vault_uri)
    imported = keys.import_key("own", web_key)
    assert web_key_of(imported).n == encode(numbers.public_numbers.n)
    assert list(imported.key_operations) == ["wrapKey", "unwrapKey"]
    wrapped = clients.cryptography(imported).wrap_key(KeyWrapAlgorithm.rsa_oaep_256, SECRET)
    assert (
        clients.cryptography(imported).unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key).key
        == SECRET
    )
    curve = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    point = curve.public_numbers
    kept = keys.import_key(
        "curve",
        JsonWebKey(
            kty="EC", crv="P-256", x=encode(point.x), y=encode(point.y), d=encode(curve.private_value)
        ),
    )
    assert web_key_of(kept).crv == "P-256"


def test_backups_come_back(clients: VaultClients, vault: Any) -> None:
    keys = clients.keys(vault.properties.vault_uri)
    keys.create_rsa_key("kept")
    newest = keys.rotate_key("kept")
    backup = keys.backup_key("kept")
    assert backup is not None
    with pytest.raises(ResourceExistsError):
        keys.restore_key_backup(backup)
    elsewhere = clients.keys(clients.make_vault().properties.vault_uri)
    restored = elsewhere.restore_key_backup(backup)
    assert (restored.name, web_key_of(restored).n) == ("kept", web_key_of(newest).n)
    assert len(list(elsewhere.list_properties_of_key_versions("kept"))) == 2
    with pytest.raises(HttpResponseError, match="no backup of a key"):
        elsewhere.restore_key_backup(b"nonsense")


def test_rotation_policies(clients: VaultClients, vault: Any) -> None:
    keys = clients.keys(vault.properties.vault_uri)
    keys.create_rsa_key("turning")
    assert keys.get_key_rotation_policy("turning").expires_in is None
    action = KeyRotationLifetimeAction(KeyRotationPolicyAction.rotate, time_before_expiry="P30D")
    policy = keys.update_key_rotation_policy(
        "turning", KeyRotationPolicy(), expires_in="P90D", lifetime_actions=[action]
    )
    assert (policy.expires_in, policy.lifetime_actions[0].time_before_expiry) == ("P90D", "P30D")
    rotated = keys.rotate_key("turning")
    assert rotated.properties.expires_on is not None
    assert rotated.properties.created_on is not None
    assert rotated.properties.expires_on - rotated.properties.created_on == timedelta(days=90)
    with pytest.raises(HttpResponseError, match="28 days or more"):
        keys.update_key_rotation_policy("turning", KeyRotationPolicy(), expires_in="P3D")
    assert len(keys.get_random_bytes(count=24)) == 24


def test_what_is_disabled_or_not_valid_now_is_refused(clients: VaultClients, vault: Any) -> None:
    keys = clients.keys(vault.properties.vault_uri)
    key = keys.create_rsa_key("off", enabled=False)
    with clients.server.client(clients.server.token(scope="https://vault.azure.net/.default")) as http:
        answer = http.post(
            f"{clients.path_of(vault.properties.vault_uri)}/keys/off/{key.properties.version}/wrapkey",
            params={"api-version": "7.4"},
            json={"alg": "RSA-OAEP-256", "value": "AAAA"},
        )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Forbidden")
    assert answer.json()["error"]["innererror"]["code"] == "KeyDisabled"
    secrets = clients.secrets(vault.properties.vault_uri)
    secrets.set_secret("later", "value", not_before=datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(HttpResponseError) as early:
        secrets.get_secret("later")
    assert error_of(early) == (403, "Forbidden", "SecretNotYetValid")


def test_the_life_of_a_secret(clients: VaultClients, vault: Any) -> None:
    secrets = clients.secrets(vault.properties.vault_uri)
    first = secrets.set_secret("password", "first", content_type="text/plain")
    secrets.set_secret("password", "sécond")
    assert secrets.get_secret("password").value == "sécond"
    assert secrets.get_secret("password", first.properties.version).value == "first"
    assert [found.name for found in secrets.list_properties_of_secrets()] == ["password"]
    assert len(list(secrets.list_properties_of_secret_versions("password"))) == 2
    secrets.update_secret_properties("password", first.properties.version, enabled=False)
    with pytest.raises(HttpResponseError, match="disabled"):
        secrets.get_secret("password", first.properties.version)
    backup = secrets.backup_secret("password")
    secrets.begin_delete_secret("password").wait()
    assert secrets.get_deleted_secret("password").name == "password"
    secrets.begin_recover_deleted_secret("password").wait()
    secrets.begin_delete_secret("password").wait()
    secrets.purge_deleted_secret("password")
    assert list(secrets.list_deleted_secrets()) == []
    secrets.restore_secret_backup(backup)
    assert secrets.get_secret("password").value == "sécond"


def test_long_lists_come_in_pages(clients: VaultClients, vault: Any) -> None:
    secrets = clients.secrets(clients.path_of(vault.properties.vault_uri), verify_challenge_resource=False)
    for number in range(30):
        secrets.set_secret(f"s-{number:02}", "value")
    assert [found.name for found in secrets.list_properties_of_secrets()] == [f"s-{n:02}" for n in range(30)]


def test_access_policies_decide(server: Server, clients: VaultClients, vault: Any) -> None:
    people = server.people
    with open_clients(server, people.reader) as others:
        keys = others.keys(vault.properties.vault_uri)
        with pytest.raises(HttpResponseError) as refused:
            keys.create_rsa_key("mine")
        assert error_of(refused) == (403, "Forbidden", "AccessDenied")
        group = str(server.home.resource_id.resource_group)
        policy = {
            "tenantId": str(people.reader.tenant_id),
            "objectId": str(people.reader.object_id),
            "permissions": {"keys": ["get", "create"]},
        }
        management: Any = clients.management()
        management.vaults.update_access_policy(
            group, vault.name, "add", {"properties": {"accessPolicies": [policy]}}
        )
        assert keys.create_rsa_key("mine").name == "mine"
        with pytest.raises(HttpResponseError, match="keys delete permission"):
            keys.begin_delete_key("mine")
        with pytest.raises(HttpResponseError) as no_secrets:
            others.secrets(vault.properties.vault_uri).set_secret("one", "value")
        assert error_of(no_secrets) == (403, "Forbidden", "AccessDenied")


def test_other_tenants_get_no_further_than_the_door(
    server: Server, clients: VaultClients, vault: Any
) -> None:
    clients.secrets(vault.properties.vault_uri).set_secret("own", "secret-own")
    with (
        open_clients(server, server.people.foreign_owner) as strangers,
        pytest.raises(ClientAuthenticationError),
    ):
        strangers.secrets(vault.properties.vault_uri).get_secret("own")
    with server.client() as http:
        answer = http.get(f"/vaults/{vault.name}/secrets/own", params={"api-version": "7.4"})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == (
            f'Bearer authorization="{server.endpoint}/{server.home.tenant_id}", resource="https://vault.azure.net"'
        )
    with server.client(server.token(scope="https://management.azure.com/.default")) as http:
        assert http.get(f"/vaults/{vault.name}/keys", params={"api-version": "7.4"}).status_code == 401


def test_a_deleted_vault_keeps_its_name_and_comes_back_whole(clients: VaultClients) -> None:
    vault = clients.make_vault()
    clients.secrets(vault.properties.vault_uri).set_secret("kept", "value")
    management: Any = clients.management()
    group = str(clients.server.home.resource_id.resource_group)
    management.vaults.delete(group, vault.name)
    with pytest.raises(ResourceNotFoundError):
        clients.secrets(vault.properties.vault_uri).get_secret("kept")
    assert vault.name in {found.name for found in management.vaults.list_deleted()}
    assert management.vaults.get_deleted(vault.name, "local").properties.vault_id == vault.id
    with pytest.raises(ResourceExistsError, match="deleted state"):
        clients.make_vault(vault.name)
    clients.make_vault(vault.name, createMode="recover")
    assert clients.secrets(vault.properties.vault_uri).get_secret("kept").value == "value"
    management.vaults.delete(group, vault.name)
    management.vaults.begin_purge_deleted(vault.name, "local").wait()
    clients.make_vault(vault.name)
    with pytest.raises(ResourceNotFoundError):
        clients.secrets(vault.properties.vault_uri).get_secret("kept")


def test_purge_protection_holds(clients: VaultClients) -> None:
    vault = clients.make_vault(enablePurgeProtection=True, softDeleteRetentionInDays=7)
    keys = clients.keys(vault.properties.vault_uri)
    assert keys.create_rsa_key("held").properties.recovery_level == "CustomizedRecoverable"
    keys.begin_delete_key("held").wait()
    with pytest.raises(HttpResponseError, match="purge protection"):
        keys.purge_deleted_key("held")
    management: Any = clients.management()
    group = str(clients.server.home.resource_id.resource_group)
    with pytest.raises(HttpResponseError, match="cannot be set to false"):
        management.vaults.update(group, vault.name, {"properties": {"enablePurgeProtection": False}})
    management.vaults.delete(group, vault.name)
    with pytest.raises(HttpResponseError, match="purge protection"):
        management.vaults.begin_purge_deleted(vault.name, "local").wait()


def test_all_problems_of_a_vault_are_told_at_once(clients: VaultClients) -> None:
    with pytest.raises(HttpResponseError) as refused:
        clients.make_vault(
            "9-lives",
            tenantId=str(uuid4()),
            softDeleteRetentionInDays=3,
            enablePurgeProtection=False,
            accessPolicies=[{"tenantId": "x", "permissions": {"keys": ["fly"]}}],
        )
    assert refused.value.status_code == 400
    targets = {detail["target"] for detail in refused.value.response.json()["error"]["details"]}  # type: ignore[union-attr]
    assert targets == {
        "name",
        "properties.tenantId",
        "properties.softDeleteRetentionInDays",
        "properties.enablePurgeProtection",
        "properties.accessPolicies[0].tenantId",
        "properties.accessPolicies[0].objectId",
        "properties.accessPolicies[0].permissions.keys[0]",
    }
