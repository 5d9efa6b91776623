from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from kelp.identity.addresses import Addresses
from kelp.identity.audiences import Audience
from kelp.identity.directory import Account, Directory
from kelp.identity.errors import InvalidToken
from kelp.identity.principal import AccountKind, Principal
from kelp.identity.signing_keys import SigningKeys
from kelp.identity.tokens import TokenService
from kelp.resources.database import Database
from tests.unit.resources.doubles import OwnKeys, TurnedClock

from .conftest import BASE_URL

EVERY = frozenset(Audience)


@pytest.fixture
def signing_keys(database: Database, keys: OwnKeys, clock: TurnedClock) -> SigningKeys:
    return SigningKeys(database, keys, clock)


@pytest.fixture
def tokens(
    signing_keys: SigningKeys, directory: Directory, addresses: Addresses, clock: TurnedClock
) -> TokenService:
    return TokenService(signing_keys, directory, addresses, clock)


def issue(
    tokens: TokenService, account: Account, audience: Audience = Audience.MANAGEMENT, version: int = 2
) -> str:
    client_id = str(account.application_id or "04b07795-8ddb-461a-bbee-02f9e1bf7b46")
    return tokens.issue(account, audience, base_url=BASE_URL, version=version, client_id=client_id).text


def refusal(tokens: TokenService, token: str, accepted: frozenset[Audience] = EVERY) -> str:
    with pytest.raises(InvalidToken) as refused:
        tokens.validate(token, accepted)
    return refused.value.code


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def forge(token: str, key: object, header: dict[str, Any] | None = None, **changed: object) -> str:
    claims = {name: value for name, value in (claims_of(token) | changed).items() if value is not None}
    kept = {"kid": jwt.get_unverified_header(token)["kid"]}
    return jwt.encode(claims, key, "RS256", kept | (header or {}))  # type: ignore[arg-type]


def test_a_token_stands_for_its_account(tokens: TokenService, application: Account, user: Account) -> None:
    assert tokens.validate(issue(tokens, application), EVERY) == Principal(
        application.tenant_id,
        application.object_id,
        AccountKind.SERVICE_PRINCIPAL,
        "importer",
        application.application_id,
    )
    assert tokens.validate(issue(tokens, user), EVERY).name == "ada@contoso.local"


@pytest.mark.parametrize("version, issuer_end, client_claim", [(1, "/", "appid"), (2, "/v2.0", "azp")])
def test_claims_have_the_familiar_names(
    tokens: TokenService, application: Account, version: int, issuer_end: str, client_claim: str
) -> None:
    token = issue(tokens, application, version=version)
    claims = claims_of(token)
    assert claims["iss"] == f"{BASE_URL}/{application.tenant_id}{issuer_end}"
    assert claims["aud"] == "https://management.azure.com"
    assert claims[client_claim] == str(application.application_id)
    assert claims["oid"] == claims["sub"] == str(application.object_id)
    assert claims["idtyp"] == "app"
    assert claims["ver"] == f"{version}.0"
    assert claims["exp"] - claims["iat"] == 3600
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    assert tokens.validate(token, EVERY).object_id == application.object_id


def test_a_published_key_verifies_a_token(
    tokens: TokenService, signing_keys: SigningKeys, application: Account
) -> None:
    token = issue(tokens, application)
    keys = jwt.PyJWKSet.from_dict({"keys": signing_keys.public_documents()})
    key = keys[jwt.get_unverified_header(token)["kid"]]
    jwt.decode(
        token,
        key,
        ["RS256"],
        {"verify_exp": False, "verify_aud": False, "verify_nbf": False, "verify_iat": False},
    )


def test_it_ends_when_it_says(tokens: TokenService, application: Account, clock: TurnedClock) -> None:
    token = issue(tokens, application)
    clock.turn(minutes=59, seconds=59)
    tokens.validate(token, EVERY)
    clock.turn(seconds=1)
    assert refusal(tokens, token) == "ExpiredAuthenticationToken"


def test_the_audience_must_be_accepted_each_time(tokens: TokenService, application: Account) -> None:
    token = issue(tokens, application, Audience.MONITOR)
    assert tokens.validate(token, frozenset({Audience.MONITOR}))
    assert refusal(tokens, token, frozenset({Audience.MANAGEMENT})) == "InvalidAuthenticationTokenAudience"
    ours = issue(tokens, application, Audience.OURSELVES)
    assert tokens.validate(ours, frozenset({Audience.OURSELVES}))


def test_a_disabled_account_has_no_valid_token(
    tokens: TokenService, directory: Directory, application: Account
) -> None:
    token = issue(tokens, application)
    tokens.validate(token, EVERY)
    directory.set_enabled(application.object_id, is_enabled=False)
    assert refusal(tokens, token) == "InvalidAuthenticationToken"
    directory.set_enabled(application.object_id, is_enabled=True)
    tokens.validate(token, EVERY)


def test_forgeries_are_refused(
    tokens: TokenService, signing_keys: SigningKeys, application: Account, user: Account, clock: TurnedClock
) -> None:
    token = issue(tokens, application)
    own_key = signing_keys.current().private_key
    header, payload, signature = token.split(".")
    altered = json.loads(base64.urlsafe_b64decode(payload + "=="))
    altered["oid"] = str(user.object_id)
    altered_payload = base64.urlsafe_b64encode(json.dumps(altered).encode()).decode().rstrip("=")
    none_header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    foreign = generate_private_key(public_exponent=65537, key_size=2048)
    hour = 3600
    now = int(clock.now().timestamp())
    for forged in (
        "",
        "nonsense",
        "a.b.c",
        "x" * 20_000,
        f"{header}.{altered_payload}.{signature}",
        f"{header}.{payload}.",
        f"{none_header}.{payload}.",
        f"{none_header}.{payload}.{signature}",
        forge(token, foreign),
        forge(token, foreign, {"kid": "unknown"}),
        forge(token, own_key, oid=str(user.object_id), tid=str(user.object_id)),
        forge(token, own_key, oid="no-guid"),
        forge(token, own_key, iss="https://evil.example/x/v2.0"),
        forge(token, own_key, iss=f"{BASE_URL}/{user.object_id}/v2.0"),
        forge(token, own_key, aud="https://storage.azure.com"),
        forge(token, own_key, exp=None),
        forge(token, own_key, nbf="soon"),
        forge(token, own_key, nbf=now + hour, exp=now + 2 * hour),
    ):
        assert refusal(tokens, forged).startswith("InvalidAuthenticationToken"), forged


def test_a_symmetric_signature_with_the_public_key_is_refused(
    tokens: TokenService, signing_keys: SigningKeys, application: Account
) -> None:
    import hashlib
    import hmac

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    token = issue(tokens, application)
    key = signing_keys.current()
    pem = key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = (
        base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": key.kid}).encode()).decode().rstrip("=")
    )
    signed = f"{header}.{token.split('.')[1]}"
    mac = (
        base64.urlsafe_b64encode(hmac.new(pem, signed.encode(), hashlib.sha256).digest()).decode().rstrip("=")
    )
    assert refusal(tokens, f"{signed}.{mac}") == "InvalidAuthenticationToken"


def test_an_id_token_opens_nothing(tokens: TokenService, user: Account, application: Account) -> None:
    token = tokens.issue_id_token(
        user, base_url=BASE_URL, version=2, client_id=str(application.application_id)
    )
    assert claims_of(token)["preferred_username"] == "ada@contoso.local"
    assert refusal(tokens, token) == "InvalidAuthenticationToken"
    posing = tokens.issue_id_token(
        user, base_url=BASE_URL, version=2, client_id="https://management.azure.com"
    )
    assert refusal(tokens, posing) == "InvalidAuthenticationToken"


def test_tokens_outlive_a_change_of_keys(
    tokens: TokenService, signing_keys: SigningKeys, application: Account
) -> None:
    token = issue(tokens, application)
    signing_keys.rotate()
    assert tokens.validate(token, EVERY)
