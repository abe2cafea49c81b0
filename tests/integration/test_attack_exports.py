"""No export, whatever people wrote into names, holds a cell that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import openpyxl

from console.permissions import PERMISSIONS, Role
from devices.registry.sheet import RUNS
from tests.integration.route_matrix import MARK
from tests.integration.route_walk import Step, open_walk

FORMULA: Final = f"=1+{MARK}"
STATIC: Final = {"import_template", "people_template"}  # one example of ours, nothing that people wrote
PERIOD: Final = {"start": "2026-01-01T00:00:00+08:00", "end": "2026-12-31T00:00:00+08:00"}


async def test_no_export_of_any_route_hands_out_a_formula(database: str, tmp_path: Path) -> None:
    async with open_walk(database, tmp_path, name=FORMULA) as walk:
        sheets = [step for step in walk.steps if step.sheet]
        assert len(sheets) >= 6
        told: dict[str, int] = {}
        for step in sheets:
            for form in ("csv", "xlsx"):
                answer = await walk.ask(_asked(step, form), _who(step))
                assert answer.status_code == 200, (step.name, answer.text)
                kind = answer.headers["content-type"].partition(";")[0]
                cells = list(_cells(kind, answer.content))
                assert not [cell for cell in cells if isinstance(cell, str) and cell.startswith(RUNS)], (
                    step.name
                )
                told[step.name] = sum(FORMULA in str(cell) for cell in cells)
    assert {name for name, count in told.items() if not count} <= STATIC, (
        "it proves nothing where nothing is told"
    )


def _asked(step: Step, form: str) -> Step:
    return replace(step, query={**step.query, **PERIOD, "format": form})


def _who(step: Step) -> str:
    return f"{next(role for role in Role if role in PERMISSIONS[step.name])}-EST1"


def _cells(kind: str, content: bytes) -> Iterator[Any]:
    if kind == "text/csv":
        for line in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
            yield from (cell for cell in line if not _figure(cell))
        return
    book = openpyxl.load_workbook(io.BytesIO(content))
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            assert cell.data_type != "f", cell.value
            yield cell.value


def _figure(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
