"""What a process or a command does without, it does not import: tests and operators start them all day."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from console.__main__ import COMMANDS, app

PICTURES = ("cv2", "av", "numpy", "PIL")
CONSOLE = ("console.app", "uvicorn", "openpyxl", "zxcvbn")
CEL = ("cel", "prompt_toolkit")  # the one brings the other


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("console.__main__", (*PICTURES, *CONSOLE, *CEL, "psycopg", "fastapi", "rules.ruleset")),
        ("ingest.__main__", (*PICTURES, *CONSOLE, *CEL, "fastapi", "httpx")),  # cel once there are rules
        ("ingest.deliver.__main__", (*PICTURES, *CONSOLE, *CEL, "fastapi")),
        ("console.serving", ("openpyxl", "zxcvbn", *CEL)),
    ],
)
def test_it_starts_without(module: str, without: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & set({without!r})))"
    words = [sys.executable, "-c", code]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert ended.stdout.split() == []


def test_every_command_is_there() -> None:
    told = CliRunner().invoke(app, ["--help"], terminal_width=200, env={"COLUMNS": "200"})
    assert told.exit_code == 0
    assert [name for name in COMMANDS if f" {name} " not in told.stdout] == []
