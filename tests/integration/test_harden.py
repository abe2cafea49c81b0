"""What the hardening guide tells people to type does what it says, and makes what it promises."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from string import Template

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner

from console.__main__ import app
from console.accounts import create_user
from console.permissions import Role
from console.reference import ROOT
from ingest.registry_ca import Authority

GUIDE = ROOT / "docs/howto/harden.md"
BLOCK = re.compile(r"^ *```sh\n(.*?)```", re.DOTALL | re.MULTILINE)
FORBIDDEN = ("users", "audit_log", "personal.fields")  # to the account that hears devices


def lines() -> list[tuple[str, str]]:
    """Every command of the guide, with what its answer must say."""
    found = [line.strip() for block in BLOCK.findall(GUIDE.read_text("utf-8")) for line in block.splitlines()]
    return [
        (command.strip(), says.strip())
        for command, _, says in (line.partition("# says") for line in found if line)
    ]


def run(words: list[str]) -> tuple[int, str]:
    """Run a command in this process where it is ours, as the machine's otherwise."""
    if words[0] == "shequ":
        result = CliRunner().invoke(app, words[1:])
        return result.exit_code, f"{result.output}{result.exception or ''}"
    done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - the guide's own words
    return done.returncode, done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")


@pytest.fixture
async def platform(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A platform with its first administrator, in a folder of its own; answers the owner's address."""
    async with await psycopg.AsyncConnection.connect(
        database, row_factory=dict_row, autocommit=True
    ) as connection:
        await create_user(connection, "boss", "correct horse battery", Role.SYSTEM_ADMIN)
    Authority.open(tmp_path / "ca")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHEQU_DATABASE_URL", database)
    monkeypatch.setenv("SHEQU_DATA", str(tmp_path))
    monkeypatch.setenv("SHEQU_CA_FOLDER", str(tmp_path / "ca"))
    monkeypatch.setenv("SHEQU_HOME", str(ROOT))
    return database


def test_every_command_of_the_guide_runs_and_says_what_it_promises(platform: str, tmp_path: Path) -> None:
    words = {"SHEQU_HOME": str(ROOT)}
    assert len(lines()) > 12
    for command, says in lines():
        code, answer = run(shlex.split(Template(command).substitute(words)))
        assert code == 0, f"{command}: {answer}"
        assert says in answer, f"{command}: {answer}"
        if (key := re.search(r"age1\w+", answer)) is not None:
            words["RECIPIENT"] = key[0]
    url = (tmp_path / "logins/ingest.env").read_text("utf-8").partition("=")[2].strip().strip("'\"")
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM devices").fetchone() == (0,)
        for table in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT FROM {table}".encode())
