from __future__ import annotations

import pytest

from console.accounts import check_password, hash_password, known_name, verify_password
from console.problems import Invalid


async def test_a_hash_opens_to_its_password_only() -> None:
    stored = await hash_password("correct horse 9")
    assert stored.startswith("$argon2id$")
    assert await verify_password(stored, "correct horse 9")
    assert not await verify_password(stored, "correct horse 8")
    assert not await verify_password("not a hash", "x")


async def test_nobody_has_no_password() -> None:
    assert not await verify_password(None, "the password of nobody: compared when a name does not exist")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "abababababab", "x" * 300, "WANG.XIAOMING"])
def test_easy_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid):
        check_password("wang.xiaoming", password)


def test_what_is_no_name_is_not_written_down() -> None:
    assert known_name("wang") == "wang"
    assert known_name("my password!") == "(not a name)"
