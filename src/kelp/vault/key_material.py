"""The material of a vault's keys: making it, reading it out of a JSON Web Key, and the part of it that may be shown.

Cf. RFC 7517 and RFC 7518. Private parts leave this module as bytes that the store wraps, and in no other way.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from kelp.vault.errors import BadParameter

RSA_SIZES = (2048, 3072, 4096)
SYMMETRIC_BITS = 256
_PUBLIC_EXPONENT = 65537


class KeyKind(StrEnum):
    """What a key is made of, as JSON Web Keys name it."""

    RSA = "RSA"
    EC = "EC"
    OCT = "oct"


CURVES: Mapping[str, type[ec.EllipticCurve]] = MappingProxyType(
    {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
)
OPERATIONS: Mapping[KeyKind, tuple[str, ...]] = MappingProxyType(
    {
        KeyKind.RSA: ("encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"),
        KeyKind.EC: ("sign", "verify"),
        KeyKind.OCT: ("wrapKey", "unwrapKey"),
    }
)
"""What can be done with a key of each kind; a key has all of them unless its owner names fewer."""

PrivateKey: TypeAlias = "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | bytes"


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """A new key. `public` are the members of its JSON Web Key that anyone may see; `private` is to be wrapped."""

    kind: KeyKind
    public: dict[str, str]
    private: bytes = field(repr=False)


def generate(kind: str, size: int | None, curve: str | None) -> KeyMaterial:
    """Make a key. Raises `BadParameter` for a kind, size or curve that there is none of."""
    match _read_kind(kind):
        case KeyKind.RSA:
            bits = RSA_SIZES[0] if size is None else size
            if bits not in RSA_SIZES:
                raise BadParameter(f"An RSA key has 2048, 3072 or 4096 bits, not {bits}.", "key_size")
            return _of_rsa(rsa.generate_private_key(_PUBLIC_EXPONENT, bits))
        case KeyKind.EC:
            return _of_curve(ec.generate_private_key(_find_curve(curve or "P-256")()))
        case KeyKind.OCT:
            if size not in (None, SYMMETRIC_BITS):
                raise BadParameter(f"A symmetric key has {SYMMETRIC_BITS} bits, not {size}.", "key_size")
            return KeyMaterial(KeyKind.OCT, {}, secrets.token_bytes(SYMMETRIC_BITS // 8))


def read_web_key(document: Mapping[str, Any]) -> KeyMaterial:
    """Read a JSON Web Key with its private members. Raises `BadParameter` with what is wrong."""
    kind = _read_kind(str(document.get("kty", "")))
    try:
        match kind:
            case KeyKind.RSA:
                return _of_rsa(_read_rsa(document))
            case KeyKind.EC:
                return _of_curve(_read_curve(document))
            case KeyKind.OCT:
                secret = decode_base64url(document.get("k"), "key.k")
                if len(secret) * 8 != SYMMETRIC_BITS:
                    raise BadParameter(f"A symmetric key has {SYMMETRIC_BITS} bits.", "key.k")
                return KeyMaterial(KeyKind.OCT, {}, secret)
    except ValueError as error:
        raise BadParameter(f"The members of the key do not belong together: {error}.", "key") from error


def load_private(kind: KeyKind, private: bytes) -> PrivateKey:
    """Return the key of what `generate` or `read_web_key` made."""
    if kind is KeyKind.OCT:
        return private
    key = load_der_private_key(private, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return key


def encode_base64url(content: bytes) -> str:
    """Return base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_base64url(text: object, name: str) -> bytes:
    """Read base64url, with or without padding. Raises `BadParameter` that names the member."""
    if not isinstance(text, str) or not text:
        raise BadParameter(f"'{name}' is missing; it is base64url text.", name)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadParameter(f"'{name}' is not base64url.", name) from None


def _read_kind(name: str) -> KeyKind:
    """Read `kty`; what Azure keeps in a hardware module is kept in software here, and shown as such."""
    plain = name.removesuffix("-HSM")
    for kind in KeyKind:
        if kind.value.lower() == plain.lower():
            return kind
    raise BadParameter(f"'{name}' is no type of key: kty is RSA, EC or oct.", "kty")


def _find_curve(name: str) -> type[ec.EllipticCurve]:
    found = CURVES.get(name)
    if found is None:
        raise BadParameter(f"'{name}' is no curve that Kelp has: {', '.join(CURVES)}.", "crv")
    return found


def _of_rsa(key: rsa.RSAPrivateKey) -> KeyMaterial:
    numbers = key.public_key().public_numbers()
    public = {"n": _encode_number(numbers.n), "e": _encode_number(numbers.e)}
    return KeyMaterial(KeyKind.RSA, public, _serialize(key))


def _of_curve(key: ec.EllipticCurvePrivateKey) -> KeyMaterial:
    numbers = key.public_key().public_numbers()
    size = (key.key_size + 7) // 8
    name = next(name for name, curve in CURVES.items() if isinstance(key.curve, curve))
    public = {
        "crv": name,
        "x": encode_base64url(numbers.x.to_bytes(size, "big")),
        "y": encode_base64url(numbers.y.to_bytes(size, "big")),
    }
    return KeyMaterial(KeyKind.EC, public, _serialize(key))


def _serialize(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _read_rsa(document: Mapping[str, Any]) -> rsa.RSAPrivateKey:
    n, e, d = (_decode_number(document, name) for name in ("n", "e", "d"))
    if n.bit_length() not in RSA_SIZES:
        raise BadParameter(f"An RSA key has 2048, 3072 or 4096 bits, not {n.bit_length()}.", "key.n")
    if document.get("p") and document.get("q"):
        p, q = _decode_number(document, "p"), _decode_number(document, "q")
    else:
        p, q = rsa.rsa_recover_prime_factors(n, e, d)
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(e, n),
    ).private_key()


def _read_curve(document: Mapping[str, Any]) -> ec.EllipticCurvePrivateKey:
    curve = _find_curve(str(document.get("crv", "")))()
    x, y, d = (_decode_number(document, name) for name in ("x", "y", "d"))
    return ec.EllipticCurvePrivateNumbers(d, ec.EllipticCurvePublicNumbers(x, y, curve)).private_key()


def _encode_number(number: int) -> str:
    return encode_base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _decode_number(document: Mapping[str, Any], name: str) -> int:
    return int.from_bytes(decode_base64url(document.get(name), f"key.{name}"), "big")
