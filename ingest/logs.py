"""Logs: one line per fact, a stable `action` key, and the ids of what it is about.

`bound` puts ids on every line that is written inside it, so that one search for a trace finds a message
in ingest, its alert in duty and its letters in the sender. `SHEQU_LOG_FORMAT=json` writes each line as
one JSON object for a collector.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final, Literal

from pydantic import Field

from ingest.settings import Settings, load

_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "bound"}
_bound: ContextVar[Mapping[str, str]] = ContextVar("bound", default={})  # noqa: B039 - never changed


class LogSettings(Settings):
    """How every process writes its log."""

    log_format: Literal["text", "json"] = Field("text", description="form of log lines: `text` or `json`")


@contextmanager
def bound(**ids: object) -> Iterator[None]:
    """Put ids on every line that is logged in the block; those that are None are left out."""
    token = _bound.set({**_bound.get(), **{k: str(v) for k, v in ids.items() if v is not None}})
    try:
        yield
    finally:
        _bound.reset(token)


class Binder(logging.Filter):
    """Notes on each record what is bound where it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, with its ids and its action."""
        record.bound = _bound.get()
        record.action = getattr(record, "action", record.name)
        return True


class TextFormatter(logging.Formatter):
    """Puts the machine's key and the ids in front of the human's sentence."""

    def format(self, record: logging.LogRecord) -> str:
        """Return `time level action id=…: text`."""
        ids: Mapping[str, str] = getattr(record, "bound", {})
        record.ids = "".join(f" {name}={value}" for name, value in ids.items())
        return super().format(record)


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {"at": at, "level": record.levelname, **getattr(record, "bound", {})}
        line |= {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        line["text"] = record.getMessage()
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logs(level: str = "INFO") -> None:
    """Write logs to standard error, in the form that the settings ask for."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Binder())
    if load(LogSettings).log_format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(TextFormatter("%(asctime)s %(levelname)s %(action)s%(ids)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
