"""Punycode (RFC 3492), of texts and of each label of a domain (rules PUNY-1 and PUNY-2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from kelp.segments.distinct import map_distinct

if TYPE_CHECKING:
    from kelp.segments.table import ScalarFunction

_PREFIX = "xn--"
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
"""What parts labels (RFC 3490, section 3.1)."""


def _encode(text: str) -> str:
    return text.encode("punycode").decode("ascii") if text else ""


def _decode(text: str) -> str:
    """PUNY-1: what is not Punycode gives the empty text."""
    try:
        return text.encode("ascii").decode("punycode")
    except UnicodeError:
        return ""


def _encode_domain(domain: str) -> str:
    """PUNY-2: labels keep their letters' case; those of ASCII alone stay as they are."""
    labels = _DOTS.split(domain)
    return ".".join(label if label.isascii() else _PREFIX + _encode(label) for label in labels)


def _decode_domain(domain: str) -> str:
    labels = _DOTS.split(domain)
    decoded = [_decode_label(label) for label in labels]
    return ".".join(decoded) if all(new or not old for new, old in zip(decoded, labels, strict=True)) else ""


def _decode_label(label: str) -> str:
    if label[: len(_PREFIX)].lower() == _PREFIX:
        return _decode(label[len(_PREFIX) :])
    return label


def _over_texts(function: Callable[[str], str]) -> ScalarFunction:
    def computed(arguments: Sequence[pa.Array]) -> pa.Array:
        return map_distinct(function, arguments[0])

    return computed


FUNCTIONS: Mapping[str, ScalarFunction] = {
    "punycode_from_string": _over_texts(_encode),
    "punycode_to_string": _over_texts(_decode),
    "punycode_domain_to_string": _over_texts(_encode_domain),
    "punycode_domain_from_string": _over_texts(_decode_domain),
}
