"""An audit of dependencies that could ask nobody is no good news."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "audit_verdict.py"
SOUND = {"dependencies": [{"name": "anyio", "version": "4.16.0", "vulns": []}]}
FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["2.1"], "description": "x"}
WEAK = {"dependencies": [*SOUND["dependencies"], {"name": "x", "version": "2.0", "vulns": [FLAW]}]}
SKIPPED = {"dependencies": [*SOUND["dependencies"], {"name": "y", "skip_reason": "not found on PyPI: y"}]}
WEB_SOUND = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 300}}}
WEB_WEAK = {**WEB_SOUND, "vulnerabilities": {"vite": {"range": "<7.1", "severity": "high"}}}
WEB_AWAY = {"message": "405 Method Not Allowed", "method": "POST"}


@pytest.mark.parametrize(
    ("python", "web", "code", "says"),
    [
        (SOUND, WEB_SOUND, 0, "300 judged, 0 weak, 0 not judged"),
        (WEAK, WEB_SOUND, 1, "WEAK x 2.0: PYSEC-2026-1, mended in 2.1"),
        (SOUND, WEB_WEAK, 1, "WEAK vite <7.1: high"),
        (SKIPPED, WEB_SOUND, 2, "not judged: not found on PyPI: y"),
        (SOUND, WEB_AWAY, 2, "not judged: 405 Method Not Allowed"),
        (SKIPPED, WEB_WEAK, 1, "WEAK vite"),
        ({"dependencies": []}, WEB_SOUND, 2, "Python: 0 judged"),
        (None, WEB_SOUND, 2, "no report"),
    ],
)
def test_weak_sound_and_not_judged_are_told_apart(
    tmp_path: Path, python: Any, web: Any, code: int, says: str
) -> None:
    files = [tmp_path / "python.json", tmp_path / "web.json"]
    for file, report in zip(files, (python, web), strict=True):
        if report is not None:
            file.write_text(json.dumps(report), "utf-8")
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(SCRIPT), *map(str, files)], check=False, capture_output=True, text=True
    )
    assert done.returncode == code, done.stdout
    assert says in done.stdout
