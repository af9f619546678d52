"""What is sealed opens with its own key, in its own place, unchanged, and in no other way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import SettingsError, WrongKey
from moderation.storage.crypto import FORM, NONCE, NOT_OURS, Vault

SECRET = "a secret of more than thirty-two characters"
VAULT = Vault(SECRET)
PLACES = st.text(st.characters(codec="utf-8"), max_size=20)


@given(plain=st.binary(max_size=200), place=PLACES)
def test_what_is_sealed_opens_again(plain: bytes, place: str) -> None:
    sealed = VAULT.seal(plain, place)
    assert VAULT.open(sealed, place) == plain
    assert Vault(SECRET).open(sealed, place) == plain
    assert len(sealed) == len(FORM) + NONCE + len(plain) + 16


@given(plain=st.binary(min_size=8, max_size=50))
def test_it_shows_nothing_of_what_is_in_it(plain: bytes) -> None:
    first, second = VAULT.seal(plain, "place"), VAULT.seal(plain, "place")
    assert first != second
    assert plain not in first


@given(plain=st.binary(max_size=50), data=st.data())
def test_one_changed_bit_is_noticed(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(VAULT.seal(plain, "place"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(WrongKey):
        VAULT.open(bytes(sealed), "place")


@given(plain=st.binary(max_size=20), length=st.integers(0, 40))
def test_a_value_cut_short_is_noticed(plain: bytes, length: int) -> None:
    sealed = VAULT.seal(plain, "place")
    with pytest.raises(WrongKey):
        VAULT.open(sealed[: min(length, len(sealed) - 1)], "place")


@given(plain=st.binary(max_size=20), places=st.lists(PLACES, min_size=2, max_size=2, unique=True))
def test_a_value_in_another_place_is_noticed(plain: bytes, places: list[str]) -> None:
    with pytest.raises(WrongKey):
        VAULT.open(VAULT.seal(plain, places[0]), places[1])


def test_another_key_opens_nothing() -> None:
    sealed = VAULT.seal(b"words", "place")
    for other in (Vault(SECRET + "!"), Vault.make_throwaway(), Vault.make_throwaway()):
        with pytest.raises(WrongKey) as caught:
            other.open(sealed, "place")
        assert str(caught.value) == NOT_OURS


def test_a_value_of_a_later_form_is_not_called_a_wrong_key() -> None:
    with pytest.raises(WrongKey, match="does not know"):
        VAULT.open(b"\x02" + VAULT.seal(b"words", "place")[1:], "place")


def test_a_short_secret_is_refused_and_the_way_to_a_good_one_is_shown() -> None:
    Vault("x" * 32)
    with pytest.raises(SettingsError) as caught:
        Vault("x" * 31)
    assert str(caught.value) == (
        "STEWARD_SECRET_KEY must have at least 32 characters; make one with: "
        'python -c "import secrets; print(secrets.token_urlsafe(32))"'
    )


def test_no_secret_shows_in_a_traceback() -> None:
    assert SECRET not in repr(VAULT) + str(vars(VAULT))
