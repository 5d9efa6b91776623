"""Everything that knows who callers are, made once and passed to whoever serves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.identity.attempts import Attempts
from kelp.identity.authorization_codes import AuthorizationCodes
from kelp.identity.client_certificates import ClientCertificates
from kelp.identity.device_codes import DeviceCodes
from kelp.identity.events import ignore_event
from kelp.identity.outside_providers import OutsideProviders
from kelp.identity.outside_sign_in import OutsideSignIn
from kelp.identity.redirect_uris import RedirectUris
from kelp.identity.refresh_tokens import RefreshTokens
from kelp.identity.second_factor import SecondFactors
from kelp.identity.sessions import Sessions
from kelp.identity.sign_in import SignIn
from kelp.identity.signing_keys import SigningKeys
from kelp.identity.tokens import TokenService

if TYPE_CHECKING:
    from collections.abc import Collection

    from kelp.base.clock import Clock
    from kelp.base.keys import KeyProvider
    from kelp.identity.accounts import Connections
    from kelp.identity.addresses import Addresses
    from kelp.identity.directory import Directory
    from kelp.identity.events import EventSink


@dataclass(frozen=True, slots=True)
class IdentityServices:
    """The directory, the token service and what they rest on. `tell` takes what is to be logged."""

    connections: Connections
    clock: Clock
    addresses: Addresses
    directory: Directory
    signing_keys: SigningKeys
    tokens: TokenService
    sign_in: SignIn
    sessions: Sessions
    certificates: ClientCertificates
    redirect_uris: RedirectUris
    refresh_tokens: RefreshTokens
    authorization_codes: AuthorizationCodes
    device_codes: DeviceCodes
    second_factors: SecondFactors
    providers: OutsideProviders
    outside: OutsideSignIn
    tell: EventSink


def make_identity_services(
    connections: Connections,
    keys: KeyProvider,
    clock: Clock,
    directory: Directory,
    addresses: Addresses,
    tell: EventSink = ignore_event,
    sign_in_hosts: Collection[str] = (),
) -> IdentityServices:
    """Make everything over a directory; `sign_in_hosts` are those that outside providers may be on."""
    providers = OutsideProviders(connections, keys, directory, clock)
    signing_keys = SigningKeys(connections, keys, clock)
    refresh_tokens = RefreshTokens(connections, clock)
    second_factors = SecondFactors(connections, keys, clock)
    certificates = ClientCertificates(connections, addresses, clock)
    return IdentityServices(
        connections=connections,
        clock=clock,
        addresses=addresses,
        directory=directory,
        signing_keys=signing_keys,
        tokens=TokenService(signing_keys, directory, addresses, clock),
        sign_in=SignIn(directory, Attempts(clock, connections), certificates, second_factors),
        sessions=Sessions(connections, directory, clock),
        certificates=certificates,
        redirect_uris=RedirectUris(connections),
        refresh_tokens=refresh_tokens,
        authorization_codes=AuthorizationCodes(connections, refresh_tokens, clock),
        device_codes=DeviceCodes(connections, clock),
        second_factors=second_factors,
        providers=providers,
        outside=OutsideSignIn(providers, clock, sign_in_hosts),
        tell=tell,
    )
