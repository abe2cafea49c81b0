"""A name, a topic or a header never writes a line of the log that the platform did not write."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from ingest.logs import Binder, JsonFormatter, TextFormatter, bound

FORGED = "2026-01-01 00:00:00,000 INFO login: root signed in"
TRICKS = [
    f"x\n{FORGED}",
    f"x\r{FORGED}",
    f"x\r\n{FORGED}",
    f"x\u2028{FORGED}",
    f"x\x85{FORGED}",
    f"x\x0b{FORGED}",
]
CURSOR = [
    "\x1b[2K\x1b[1A",
    "\x9b2J",
    "\x1b]0;title\x07",
    "\x08\x08\x08",
    "\x00",
    "\u202egnp.exe",
    "\u2066hidden",
]


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(Binder())
    handler.setFormatter(TextFormatter("%(asctime)s %(levelname)s %(action)s%(ids)s: %(message)s"))
    log = logging.getLogger("test of injection")
    log.propagate = False
    log.addHandler(handler)
    yield log, out
    log.removeHandler(handler)
    handler.close()


@pytest.mark.parametrize("text", [*TRICKS, *CURSOR])
def test_what_others_wrote_stays_within_its_line(
    written: tuple[logging.Logger, io.StringIO], text: str
) -> None:
    log, out = written
    log.warning("refused topic %s", text, extra={"action": f"ingest.{text}"})
    log.warning("sentence with %s" % text)  # noqa: UP031, G002 - a careless one
    told = out.getvalue()
    assert len(told.splitlines()) == 2, told
    assert not [c for c in told.replace("\n", "") if not c.isprintable()], told.encode()


@pytest.mark.parametrize("text", [*TRICKS, *CURSOR])
def test_a_traceback_looks_like_no_fact(written: tuple[logging.Logger, io.StringIO], text: str) -> None:
    log, out = written
    try:
        int(f"nine {text}")
    except ValueError as exc:
        exc.add_note(text)
        log.exception("it broke")
    first, *rest = out.getvalue().splitlines()
    assert first.endswith("it broke")
    assert rest
    assert all(line.startswith("  ") for line in rest), rest
    assert not [c for c in out.getvalue().replace("\n", "") if not c.isprintable()]


@pytest.mark.parametrize("text", [*TRICKS, *CURSOR])
def test_as_json_it_is_one_line_that_says_what_was_said(
    written: tuple[logging.Logger, io.StringIO], text: str
) -> None:
    log, out = written
    log.handlers[0].setFormatter(JsonFormatter())
    with bound(trace=text):
        log.warning("refused topic %s", text, extra={"device": text})
    told = out.getvalue()
    assert len(told.splitlines()) == 1
    assert not [c for c in told.replace("\n", "") if not c.isprintable()], told.encode()
    assert [json.loads(told)[name] for name in ("trace", "device")] == [text, text]
