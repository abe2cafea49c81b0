"""Logs: one line per fact, a stable `action` key, and the ids of what it is about.

`bound` puts ids on every line that is written inside it, so that one search for a trace finds a message
in ingest, its alert in duty and its letters in the sender. `SHEQU_LOG_FORMAT=json` writes each line as
one JSON object for a collector. What others wrote (topics, names, headers) ends up in them, so nothing in
a message ends its line, moves the reader's cursor or turns the direction of the text.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, Literal

from pydantic import Field

from ingest.settings import Settings, load

_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "bound"}
_TRICKS: Final = (*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_SHOWN: Final = {code: f"\\u{code:04x}" for code in _TRICKS}  # as text and as JSON
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

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the one line of a fact."""
        return super().formatMessage(record).translate(_SHOWN)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """Return a traceback; each line is set in, so that none looks like a fact of its own."""
        lines = super().formatException(ei).split("\n")
        return "\n".join("  " + line.translate(_SHOWN) for line in lines)


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
        return json.dumps(line, ensure_ascii=False, default=str).translate(_SHOWN)


# they write whole addresses and headers, in which robots' keys and cookies stand
_TELLTALES: Final = ("httpx", "httpcore")


def set_up_logs(level: str = "INFO") -> None:
    """Write logs to standard error, in the form that the settings ask for."""
    for name in _TELLTALES:
        logging.getLogger(name).setLevel(logging.WARNING)
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Binder())
    if load(LogSettings).log_format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(TextFormatter("%(asctime)s %(levelname)s %(action)s%(ids)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
