"""What the runbook tells people to type does what it says."""

from __future__ import annotations

import re
import shlex
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
from ingest.clock import system_clock
from ingest.store.registry import save_registry
from ingest.store.rulebook import import_shipped
from simulators.community import build

RUNBOOK = ROOT / "docs/howto/operate.md"
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


@pytest.fixture
async def device(database: str) -> str:
    """A platform with an estate, its rules and a person; answers a device's id."""
    community = build(3, 1, now=system_clock())
    async with await psycopg.AsyncConnection.connect(
        database, row_factory=dict_row, autocommit=True
    ) as connection:
        await save_registry(connection, places=community.places, devices=community.devices)
        await import_shipped(connection)
        await create_user(connection, "wang", "correct horse battery", Role.OPERATOR)
    return next(d.id for d in community.devices if d.profile == "smoke_sensor")


def test_every_command_of_the_runbook_runs(
    device: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHEQU_DATABASE_URL", database)
    monkeypatch.setenv("SHEQU_DATA", str(tmp_path))
    words = {"DEVICE": device, "WHO": "wang"}
    lines = [line for block in BLOCK.findall(RUNBOOK.read_text("utf-8")) for line in block.splitlines()]
    assert len(lines) > 10
    for line in dict.fromkeys(lines):
        program, *arguments = shlex.split(Template(line).substitute(words))
        assert program == "shequ"
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, f"{line}: {result.output} {result.exception}"
        if (key := re.search(r"age1\w+", result.output)) is not None:
            words["RECIPIENT"] = key[0]
    assert (tmp_path / "shequ.age").stat().st_size > 1000
