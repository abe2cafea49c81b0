"""Every statement of the law has a proof that exists, or a record that says why not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from console.reference import ROOT

PAGE = (ROOT / "docs/compliance.md").read_text(encoding="utf-8")
ROWS = {
    int(number): proof for number, proof in re.findall(r"^\| (\d+) \| .* \| (.*) \|$", PAGE, re.MULTILINE)
}
WHY_NOT = (ROOT / "docs/adr/046-statements.md").read_text(encoding="utf-8")
STATEMENTS = range(1, 37)


def named_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def excused(number: int) -> bool:
    """Whether the record has a paragraph that names the statement, alone or in a range."""
    for heads in re.findall(r"\*\*([^*]+)\*\*", WHY_NOT):
        for first, last in re.findall(r"(?<![\d.])(\d+)(?:–(\d+))?(?= ?\(| in )", heads):
            if int(first) <= number <= int(last or first):
                return True
    return False


@pytest.mark.parametrize("number", STATEMENTS)
def test_a_statement_has_a_test_that_exists_or_a_reason(number: int) -> None:
    proof = ROWS[number]
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", proof)
    missing = [name for path, name in tests if name not in named_tests(ROOT / path)]
    assert missing == []
    assert tests or "046" in proof
    assert "046" not in proof or excused(number), "the record says nothing of it"
