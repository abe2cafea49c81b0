"""Tables handed out as CSV that a spreadsheet opens in the right characters and runs nothing of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi.responses import Response

from devices.registry.sheet import safe


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
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(csv_bytes(heading, rows), media_type="text/csv; charset=utf-8", headers=headers)
