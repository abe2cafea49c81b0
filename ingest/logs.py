"""Logs: one line per fact, a stable `action` key beside the human text."""

from __future__ import annotations

import logging
import sys


class ActionFormatter(logging.Formatter):
    """Puts the machine's key in front of the human's sentence."""

    def format(self, record: logging.LogRecord) -> str:
        """Return `time level action: text`."""
        record.action = getattr(record, "action", record.name)
        return super().format(record)


def set_up_logs(level: str = "INFO") -> None:
    """Write logs to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ActionFormatter("%(asctime)s %(levelname)s %(action)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
