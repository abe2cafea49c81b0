"""What was measured when, on which machine, at which commit: one line each, and a plot of what matters."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from console.slope import Series, plot
from ingest.clock import system_clock

SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    # what a panel shows: the way to its figure in a line
    "ratio to a bare subscriber": ("pipeline", "ratio"),
    "events per second, end to end": ("pipeline", "end_to_end_events_per_s"),
    "processor µs per event, ingest": ("pipeline", "cpu_us_per_message", "ingest"),
    "processor µs per message, bare": ("pipeline", "cpu_us_per_message", "bare"),
    "alarm to feed p99, ms, at half the capacity": ("pipeline", "latency_ms", "50% of capacity", "p99"),
    "times as fast as Node-RED": ("rivals", "times_node_red"),
    "times as fast as a script": ("rivals", "times_script"),
    "processor µs per event, 100 000 devices": ("growth", "by_devices", "100000", "cpu_us"),
}


def add_to_history(file: Path, part: str, result: Mapping[str, Any]) -> None:
    """Add one line, and draw the plot anew beside the file, as SVG."""
    shown = {name: value for name, value in result.items() if name != "samples"}
    line = {
        "at": system_clock().isoformat(timespec="seconds"),
        "commit": _commit(),
        **_machine(),
        part: shown,
    }
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
    lines = [json.loads(text) for text in file.read_text(encoding="utf-8").splitlines()]
    file.with_suffix(".svg").write_text(plot(panels(lines)), encoding="utf-8")


def panels(lines: Iterable[Mapping[str, Any]]) -> dict[str, Series]:
    """The series of each panel, over days since the first line; what was not measured has no point."""
    known = list(lines)
    first = min((_day(line) for line in known), default=0.0)
    found = {
        name: [
            (_day(line) - first, float(value)) for line in known if (value := _figure(line, way)) is not None
        ]
        for name, way in SHOWN.items()
    }
    return {name: points for name, points in found.items() if points}


def _day(line: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(line["at"]).timestamp() / 86_400


def _figure(line: Mapping[str, Any], way: Iterable[str]) -> float | None:
    here: Any = line
    for step in way:
        if not isinstance(here, Mapping) or step not in here:
            return None
        here = here[step]
    return here if isinstance(here, int | float) else None


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
        "load_after": round(os.getloadavg()[0], 1),
    }


def _commit() -> str:
    """The commit measured, with a + where files had been changed since; empty outside a clone."""
    asked = subprocess.run(
        ("git", "describe", "--always", "--dirty=+"),  # noqa: S607 - whichever git made the clone
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()
