"""`uniqueString`: a text's MurmurHash in 64 bits, as 13 characters.

Azure does not document the function. This gives what published implementations and published values of Azure's give:
a variant of MurmurHash3 (public domain) over the texts with dashes between them, in base 32, highest bits first.
"""

from __future__ import annotations

from collections.abc import Sequence

_MASK = 0xFFFF_FFFF
_FIRST, _SECOND = 0x239B_961B, 0xAB0E_9789
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_CHARACTERS = 13


def unique_text(texts: Sequence[str]) -> str:
    """Return the 13 characters for these texts."""
    value = hash_bytes("-".join(texts).encode())
    shifted = (value << 5 * position for position in range(_CHARACTERS))
    return "".join(_ALPHABET[(one >> 59) & 31] for one in shifted)


def hash_bytes(content: bytes) -> int:
    """Return the hash, below 2**64."""
    low = high = 0
    whole = len(content) - len(content) % 8
    for start in range(0, whole, 8):
        low ^= _mix_first(content[start : start + 4])
        low = (_rotate(low, 19) + high) * 5 + 0x561C_CD1B & _MASK
        high ^= _mix_second(content[start + 4 : start + 8])
        high = (_rotate(high, 13) + low) * 5 + 0x0BCA_A747 & _MASK
    rest = content[whole:]
    if rest:
        low ^= _mix_first(rest[:4])
    if len(rest) > 4:
        high ^= _mix_second(rest[4:])
    low, high = low ^ len(content), high ^ len(content)
    low = low + high & _MASK
    high = high + low & _MASK
    low, high = _finish(low), _finish(high)
    low = low + high & _MASK
    high = high + low & _MASK
    return high << 32 | low


def _mix_first(part: bytes) -> int:
    return _rotate(int.from_bytes(part, "little") * _FIRST & _MASK, 15) * _SECOND & _MASK


def _mix_second(part: bytes) -> int:
    return _rotate(int.from_bytes(part, "little") * _SECOND & _MASK, 17) * _FIRST & _MASK


def _rotate(value: int, bits: int) -> int:
    return (value << bits | value >> 32 - bits) & _MASK


def _finish(value: int) -> int:
    value = (value ^ value >> 16) * 0x85EB_CA6B & _MASK
    value = (value ^ value >> 13) * 0xC2B2_AE35 & _MASK
    return value ^ value >> 16
