"""Log lines: the action, the ids that are bound where they were written, and one JSON object where asked."""

from __future__ import annotations

import json
import logging

from ingest.logs import Binder, JsonFormatter, TextFormatter, bound

FORM = "%(levelname)s %(action)s%(ids)s: %(message)s"


def record(**extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "part", "levelname": "INFO", "msg": "%s fell", "args": ("it",), **extra}
    )
    assert Binder().filter(made)
    return made


def test_ids_stand_on_what_is_logged_inside_and_nowhere_else() -> None:
    with bound(trace="t1", alert=7, incident=None):
        inside = TextFormatter(FORM).format(record(action="door_fell"))
        with bound(letter="k"):
            deeper = TextFormatter(FORM).format(record())
    assert inside == "INFO door_fell trace=t1 alert=7: it fell"
    assert deeper == "INFO part trace=t1 alert=7 letter=k: it fell"
    assert TextFormatter(FORM).format(record(action="door_fell")) == "INFO door_fell: it fell"


def test_a_collector_gets_one_object_per_line_with_everything_in_it() -> None:
    with bound(trace="t1"):
        exc = ValueError("no\nhinge")
        made = record(action="door_fell", door=3, exc_info=(ValueError, exc, None))
    text = JsonFormatter().format(made)
    assert "\n" not in text
    line = json.loads(text)
    assert (line["action"], line["trace"], line["door"], line["text"]) == ("door_fell", "t1", 3, "it fell")
    assert "ValueError" in line["error"]
