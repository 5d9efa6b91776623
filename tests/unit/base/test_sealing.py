"""A sealed message opens with its key and context, and only with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.base.errors import Category
from kelp.base.keys import DataKey
from kelp.base.sealing import SealBroken, open_sealed, seal, sealed_key_version

KEY = DataKey(7, bytes(range(32)))
TWICE = DataKey(7, bytes(range(32)), second_secret=bytes(range(32, 64)))


@pytest.mark.parametrize("key", [KEY, TWICE], ids=["one layer", "two layers"])
@pytest.mark.parametrize("plain", [b"", b"x", b"secret words" * 1000])
def test_a_message_comes_back(key: DataKey, plain: bytes) -> None:
    sealed = seal(key, plain, b"context")
    assert open_sealed(key, sealed, b"context") == plain
    assert sealed_key_version(sealed) == 7


@pytest.mark.parametrize("key", [KEY, TWICE], ids=["one layer", "two layers"])
def test_the_message_does_not_show(key: DataKey) -> None:
    sealed = seal(key, b"secret words", b"context")
    assert b"secret" not in sealed
    assert key.secret[:8] not in sealed
    assert seal(key, b"secret words", b"context") != sealed


def test_a_second_layer_changes_the_message_under_the_first() -> None:
    twice = seal(TWICE, b"secret words", b"")
    with pytest.raises(SealBroken, match="no second secret"):
        open_sealed(KEY, twice, b"")
    other = DataKey(7, TWICE.secret, second_secret=bytes(32))
    with pytest.raises(SealBroken):
        open_sealed(other, twice, b"")


def test_a_key_that_asks_for_two_layers_still_opens_one() -> None:
    assert open_sealed(TWICE, seal(KEY, b"old", b""), b"") == b"old"


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken) as caught:
        open_sealed(DataKey(7, bytes(32)), seal(KEY, b"plain", b""), b"")
    assert caught.value.category is Category.INTERNAL


def test_another_version_is_named() -> None:
    with pytest.raises(SealBroken, match="needs version 7 of the key, not 8"):
        open_sealed(DataKey(8, KEY.secret), seal(KEY, b"plain", b""), b"")


def test_another_context_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        open_sealed(KEY, seal(KEY, b"plain", b"here"), b"there")


@given(position=st.integers(min_value=0), bit=st.integers(0, 7), twice=st.booleans())
def test_no_bit_can_be_turned(position: int, bit: int, twice: bool) -> None:
    key = TWICE if twice else KEY
    sealed = bytearray(seal(key, b"plain text", b"context"))
    sealed[position % len(sealed)] ^= 1 << bit
    with pytest.raises(SealBroken):
        open_sealed(key, bytes(sealed), b"context")


@given(st.binary(max_size=200))
def test_no_other_bytes_open(content: bytes) -> None:
    with pytest.raises(SealBroken):
        open_sealed(KEY, content, b"")


def test_keys_do_not_show_in_text() -> None:
    assert "second_secret" not in repr(TWICE)
    assert repr(TWICE) == "DataKey(version=7)"
