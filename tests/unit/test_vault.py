"""Sealed fields: opened by whoever has the key, moved to another key, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import SettingError, StoreError
from ingest.vault import Vault, add_key, drop_old_keys, key_name, masked

ABOUT = "person:p1/phone"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "keys"
    add_key(file)
    return file


def test_a_sealed_text_says_nothing_and_opens_again(keys: Path) -> None:
    vault = Vault.open(keys)
    sealed = vault.seal("13800000001", ABOUT)
    assert b"13800000001" not in sealed
    assert sealed != vault.seal("13800000001", ABOUT)
    assert vault.unseal(sealed, ABOUT) == "13800000001"


def test_a_text_sealed_for_one_field_opens_for_no_other(keys: Path) -> None:
    vault = Vault.open(keys)
    with pytest.raises(StoreError):
        vault.unseal(vault.seal("13800000001", ABOUT), "person:p2/phone")


@given(st.data())
def test_a_changed_byte_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    file = tmp_path_factory.mktemp("keys") / "keys"
    add_key(file)
    vault = Vault.open(file)
    sealed = bytearray(vault.seal("13800000001", ABOUT))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises((StoreError, SettingError)):
        vault.unseal(bytes(sealed), ABOUT)


def test_a_new_key_seals_and_the_old_one_still_opens(keys: Path) -> None:
    vault = Vault.open(keys)
    old = vault.seal("13800000001", ABOUT)
    name = add_key(keys)
    assert vault.first == name
    assert vault.unseal(old, ABOUT) == "13800000001"
    new = vault.rewrap(old)
    assert (key_name(old), key_name(new)) == (key_name(old), name)
    assert drop_old_keys(keys) == 1
    fresh = Vault.open(keys)
    assert fresh.unseal(new, ABOUT) == "13800000001"
    with pytest.raises(SettingError, match="not in the key file"):
        fresh.unseal(old, ABOUT)


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(SettingError, match="encrypted or not at all"):
        Vault.open(None).seal("13800000001", ABOUT)


def test_a_key_file_that_others_may_read_is_refused(keys: Path) -> None:
    keys.chmod(0o644)
    with pytest.raises(SettingError, match="chmod 600"):
        Vault.open(keys)


@pytest.mark.parametrize("content", ["", "short", "AAAA", "é"])
def test_a_key_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys"
    file.touch(mode=0o600)
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingError):
        Vault.open(file)


@given(st.text(min_size=2, max_size=40))
def test_a_mask_never_shows_all_of_it(text: str) -> None:
    assert text[1:-4] not in masked(text)[1:] or len(text) < 6
    assert len(masked(text).replace("*", "")) <= 7


def test_masks_look_as_people_know_them() -> None:
    assert masked("13800000001") == "138****0001"
    assert masked("陈建国") == "陈**"
