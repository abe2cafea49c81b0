"""What the threat model names as an answer is there."""

from __future__ import annotations

import re

from console.reference import ROOT

PAGE = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| \*\*([STRIDE])\*\* .*$", PAGE, re.MULTILINE)
LINES = [line for line in PAGE.splitlines() if line.startswith("| **")]


def test_each_kind_of_threat_has_an_answer() -> None:
    assert set(ROWS) == set("STRIDE")


def test_every_answer_is_a_test_that_exists_or_a_decision() -> None:
    missing = []
    for line in LINES:
        tests = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", line)
        assert tests or "(adr/" in line, line
        for path, name in tests:
            file = ROOT / path
            if not file.exists() or (name and f"def {name}(" not in file.read_text(encoding="utf-8")):
                missing.append(f"{path}::{name}")
    assert missing == []
