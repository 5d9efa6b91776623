"""What is done with a vault's keys: encrypting, wrapping, signing. Pure; who may do it is asked elsewhere.

Algorithms by the names of RFC 7518. `RSA1_5` is refused: its padding lets whoever may ask for decryptions find out
what was encrypted (Bleichenbacher 1998).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from kelp.vault.errors import BadParameter
from kelp.vault.key_material import PrivateKey

Hash: TypeAlias = "type[hashes.SHA1 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512]"

_OAEP: Mapping[str, Hash] = MappingProxyType({"RSA-OAEP-256": hashes.SHA256, "RSA-OAEP": hashes.SHA1})
_SYMMETRIC_WRAP = "A256KW"
_HASHES: Mapping[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = MappingProxyType(
    {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
)
_CURVE_OF_ALGORITHM: Mapping[str, str] = MappingProxyType(
    {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}
)


def encrypt(key: PrivateKey, algorithm: str, plain: bytes) -> bytes:
    """Encrypt or wrap a short text. Raises `BadParameter` where algorithm, key and text do not go together."""
    match key:
        case rsa.RSAPrivateKey():
            scheme = _find_oaep(algorithm)
            try:
                return key.public_key().encrypt(plain, scheme)
            except ValueError:
                size = key.key_size // 8
                message = f"A key of {key.key_size} bits encrypts fewer than {size} bytes with {algorithm}."
                raise BadParameter(message, "value") from None
        case bytes():
            _require_symmetric(algorithm)
            if len(plain) < 16 or len(plain) % 8:
                raise BadParameter("A256KW wraps 16 bytes or more, in steps of 8 (RFC 3394).", "value")
            return aes_key_wrap(key, plain)
        case ec.EllipticCurvePrivateKey():
            raise BadParameter("A key of type EC signs and verifies; it does not encrypt.", "alg")


def decrypt(key: PrivateKey, algorithm: str, ciphertext: bytes) -> bytes:
    """Undo `encrypt`. Raises `BadParameter`, also for what this key did not encrypt."""
    match key:
        case rsa.RSAPrivateKey():
            scheme = _find_oaep(algorithm)
            try:
                return key.decrypt(ciphertext, scheme)
            except ValueError:
                raise _not_of_this_key() from None
        case bytes():
            _require_symmetric(algorithm)
            try:
                return aes_key_unwrap(key, ciphertext)
            except (InvalidUnwrap, ValueError):
                raise _not_of_this_key() from None
        case ec.EllipticCurvePrivateKey():
            raise BadParameter("A key of type EC signs and verifies; it does not decrypt.", "alg")


def sign(key: PrivateKey, algorithm: str, digest: bytes) -> bytes:
    """Sign a digest; the signature of an EC key is r and s side by side (RFC 7518, section 3.4)."""
    digest_hash = _find_digest(algorithm, digest)
    match key:
        case rsa.RSAPrivateKey():
            return key.sign(digest, _find_padding(algorithm, digest_hash), Prehashed(digest_hash()))
        case ec.EllipticCurvePrivateKey():
            _require_curve(key, algorithm)
            r, s = decode_dss_signature(key.sign(digest, ec.ECDSA(Prehashed(digest_hash()))))
            size = (key.key_size + 7) // 8
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        case bytes():
            raise BadParameter("A symmetric key wraps and unwraps; it does not sign.", "alg")


def verify(key: PrivateKey, algorithm: str, digest: bytes, signature: bytes) -> bool:
    """Tell whether the signature is the key's over the digest."""
    digest_hash = _find_digest(algorithm, digest)
    try:
        match key:
            case rsa.RSAPrivateKey():
                scheme = _find_padding(algorithm, digest_hash)
                key.public_key().verify(signature, digest, scheme, Prehashed(digest_hash()))
            case ec.EllipticCurvePrivateKey():
                _require_curve(key, algorithm)
                half = (key.key_size + 7) // 8
                if len(signature) != 2 * half:
                    return False
                r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
                scheme_of_curve = ec.ECDSA(Prehashed(digest_hash()))
                key.public_key().verify(encode_dss_signature(r, s), digest, scheme_of_curve)
            case bytes():
                raise BadParameter("A symmetric key wraps and unwraps; it does not verify.", "alg")
    except InvalidSignature:
        return False
    return True


def _find_oaep(algorithm: str) -> padding.OAEP:
    if algorithm == "RSA1_5":
        raise BadParameter(
            "RSA1_5 is refused: its padding (PKCS #1 v1.5) lets whoever may ask for decryptions find out what was "
            "encrypted. Use RSA-OAEP-256.",
            "alg",
        )
    found = _OAEP.get(algorithm)
    if found is None:
        raise BadParameter(f"An RSA key encrypts with {', '.join(_OAEP)}, not '{algorithm}'.", "alg")
    return padding.OAEP(padding.MGF1(found()), found(), None)


def _require_symmetric(algorithm: str) -> None:
    if algorithm != _SYMMETRIC_WRAP:
        raise BadParameter(f"A key of type oct wraps with {_SYMMETRIC_WRAP}, not '{algorithm}'.", "alg")


def _find_digest(algorithm: str, digest: bytes) -> type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]:
    found = _HASHES.get(algorithm[2:]) if algorithm[:2] in ("RS", "PS", "ES") else None
    if found is None:
        allowed = ", ".join(f"{family}{size}" for family in ("RS", "PS", "ES") for size in _HASHES)
        raise BadParameter(f"'{algorithm}' is no algorithm of signatures: {allowed}.", "alg")
    if len(digest) != found.digest_size:
        message = f"{algorithm} signs a digest of {found.digest_size} bytes; this one has {len(digest)}."
        raise BadParameter(message, "value")
    return found


def _find_padding(
    algorithm: str, digest_hash: type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]
) -> padding.PKCS1v15 | padding.PSS:
    if algorithm.startswith("RS"):
        return padding.PKCS1v15()
    if algorithm.startswith("PS"):
        return padding.PSS(padding.MGF1(digest_hash()), digest_hash.digest_size)
    raise BadParameter(f"An RSA key signs with RS256 to PS512, not '{algorithm}'.", "alg")


def _require_curve(key: ec.EllipticCurvePrivateKey, algorithm: str) -> None:
    if _CURVE_OF_ALGORITHM.get(algorithm) != key.curve.name:
        wanted = {curve: name for name, curve in _CURVE_OF_ALGORITHM.items()}[key.curve.name]
        raise BadParameter(f"A key on this curve signs with {wanted}, not '{algorithm}'.", "alg")


def _not_of_this_key() -> BadParameter:
    return BadParameter("The value does not open with this key and algorithm.", "value")
