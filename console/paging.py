"""Keyset paging: a cursor holds the sort key of the last row shown, so new rows never shift a page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Query

from console.problems import Invalid

LONGEST_PAGE: Final = 200

LONGEST_QUEUE: Final = 1000  # a desk reads every open alert: ten answers for ten thousand, not fifty

Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="rows per page, at most")]
QueueLimit = Annotated[int, Query(ge=1, le=LONGEST_QUEUE, description="rows per page, at most")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next` of the page before")]


def after(cursor: str | None, *kinds: type[int | str | datetime]) -> list[Any]:
    """Read a cursor into one value per kind, each None for the first page.

    Raises Invalid for a cursor that is none of ours.
    """
    if cursor is None:
        return [None for _ in kinds]
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [_read(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, RecursionError, binascii.Error) as exc:
        raise Invalid({"cursor": "this is no cursor of this list: start again without one"}) from exc


def page(rows: Sequence[Mapping[str, Any]], limit: int, *keys: str) -> dict[str, Any]:
    """Build the answer from up to `limit` + 1 rows: their bodies, and where the next page starts."""
    shown = rows[:limit]
    more = len(rows) > limit
    return {
        "items": [row["body"] for row in shown],
        "next": _write([shown[-1][key] for key in keys]) if more else None,
    }


def _write(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _read(value: Any, kind: type[int | str | datetime]) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment
    if type(value) is not kind:
        raise TypeError(value)
    return value
