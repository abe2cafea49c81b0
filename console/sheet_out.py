"""Tables handed out: workbooks, and CSV that spreadsheets open in the right characters and run nothing of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from fastapi.responses import Response

from devices.registry.sheet import safe

Format = Literal["csv", "xlsx"]
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHEETS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind.partition(";")[0]: {} for kind in _TYPES.values()}}
}
"""What a route that answers a sheet of either kind says about itself."""
CSV: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/csv": {}}}}
"""What a route that answers CSV says about itself."""


def csv_bytes(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as CSV with a byte order mark, which Excel needs to see UTF-8; figures stay figures."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(heading)
    for row in rows:
        writer.writerow([cell if isinstance(cell, (int, float)) else safe(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def csv_answer(name: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The same as a download."""
    return sheet_answer(name, "csv", csv_bytes(heading, rows))


def sheet_answer(name: str, kind: Format, content: bytes) -> Response:
    """A sheet as a download."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(content, media_type=_TYPES[kind], headers=headers)
