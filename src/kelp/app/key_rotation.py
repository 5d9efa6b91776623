"""Puts together what replaces keys: it has to know everybody who keeps secrets of the product."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kelp.identity.certificates import CertificateAuthority
from kelp.identity.personal_keys import PersonalKeys
from kelp.identity.second_factor import SecondFactors
from kelp.jobs.key_rotation import KeyRotation

if TYPE_CHECKING:
    from kelp.app.installation import Installation
    from kelp.base.settings import Settings
    from kelp.identity.signing_keys import SigningKeys


def make_key_rotation(
    installation: Installation, settings: Settings, signing_keys: SigningKeys
) -> KeyRotation:
    """Return what replaces the keys of an installation; `signing_keys` are those that sign in this process."""
    keys, clock = installation.keys, installation.clock
    return KeyRotation(
        keys,
        signing_keys,
        installation.vault_items,
        (
            installation.store.rewrap_shared_keys,
            installation.vault_items.rewrap,
            SecondFactors(installation.database, keys, clock).rewrap,
            PersonalKeys(installation.database, keys).rewrap,
            CertificateAuthority(installation.layout.certificates, keys, clock).rewrap,
        ),
        clock,
        timedelta(days=settings.vault.rotation_days),
    )
