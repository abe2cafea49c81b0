"""Named queries: SQL lives in `.sql` files, so Python never puts SQL together.

A file is a row of blocks: `-- name --` on a line of its own, then the query with
`%(parameter)s` placeholders.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import LiteralString

_NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)


def read(package: str, file: str) -> LiteralString:
    """Return the text of an SQL file of ours; vouched for, because it ships with the code."""
    return files(package).joinpath(file).read_text(encoding="utf-8")


def load(package: str, file: str) -> dict[str, LiteralString]:
    """Read a file of named queries.

    Raises ValueError where a name stands twice or a query is empty: both are our mistakes.
    """
    parts = _NAME.split(read(package, file))
    queries: dict[str, LiteralString] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        if name in queries or not body.strip():
            problem = f"{package}/{file}: query {name!r} is empty or stands twice"
            raise ValueError(problem)
        queries[name] = body.strip()
    return queries


def storable(text: str) -> str:
    """Write a NUL out as backslash and zero: PostgreSQL stores none."""
    return text.replace("\x00", "\\0")
