"""`shequ bench`: how fast, always beside a bare limit measured in the same run on the same machine."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from enum import StrEnum
from importlib import import_module
from inspect import iscoroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from console.commands.bench_history import add_to_history
from ingest.logs import set_up_logs


class Part(StrEnum):
    """What can be measured."""

    PIPELINE = "pipeline"
    ENGINE = "engine"
    CAMERAS = "cameras"
    CONSOLE = "console"
    BACKPRESSURE = "backpressure"
    SOAK = "soak"
    READS = "reads"
    RIVALS = "rivals"
    GROWTH = "growth"
    SIZE = "size"


_WORK: Mapping[Part, tuple[str, str, tuple[str, ...]]] = {
    # module, function, the options it takes; imported only when asked for: the cameras' brings OpenCV
    Part.PIPELINE: ("console.commands.bench_pipeline", "pipeline_speed", ("messages", "runs")),
    Part.RIVALS: ("console.commands.bench_rivals", "rivals_speed", ("messages", "runs")),
    Part.GROWTH: ("console.commands.bench_growth", "growth", ("messages",)),
    Part.ENGINE: ("console.commands.bench_engine", "engine_speed", ()),
    Part.CAMERAS: ("console.commands.bench_cameras", "cameras_speed", ()),
    Part.CONSOLE: ("console.commands.bench_console", "console_speed", ()),
    Part.BACKPRESSURE: ("console.commands.bench_backpressure", "backpressure", ("times", "seconds")),
    Part.SOAK: ("console.commands.bench_soak", "soak", ("seconds", "rate", "picture")),
    Part.SIZE: ("console.commands.bench_size", "size", ("events",)),
    Part.READS: ("benchmarks.reads", "reads_speed", ("events", "say")),
}


def bench(
    part: Annotated[Part, typer.Argument(help="what to measure")] = Part.PIPELINE,
    *,
    report: Annotated[str, typer.Option(help="file for the JSON report; - prints it")] = "-",
    messages: Annotated[int, typer.Option(min=1000, help="messages per run")] = 150_000,
    runs: Annotated[int, typer.Option(min=1, help="alternating runs of limit and product")] = 3,
    times: Annotated[float, typer.Option(min=0.1, help="backpressure: how many times the capacity")] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="backpressure, soak: for how long")] = 30,
    rate: Annotated[float, typer.Option(min=1, help="soak: messages per second")] = 1000,
    picture: Annotated[Path | None, typer.Option(help="soak: file for the plots, SVG")] = None,
    history: Annotated[
        Path | None, typer.Option(help="file of JSON lines to add the figures to; its plot stands beside it")
    ] = None,
    events: Annotated[
        int, typer.Option(min=100_000, help="reads, size: events that are stored first")
    ] = 1_000_000,
) -> None:
    """Measure and report as JSON; a ratio is worth more than a number."""
    set_up_logs("WARNING")
    options: dict[str, Any] = {
        "messages": messages,
        "runs": runs,
        "times": times,
        "seconds": seconds,
        "rate": rate,
        "picture": picture,
        "events": events,
        "say": _say,
    }
    module, function, wanted = _WORK[part]
    found = getattr(import_module(module), function)(**{name: options[name] for name in wanted})
    result: dict[str, Any] = asyncio.run(found) if iscoroutine(found) else found
    text = json.dumps(result, indent=2)
    if part is Part.CAMERAS:
        sys.stderr.write(import_module(module).tables(result))
    else:
        shown = {name: value for name, value in result.items() if name != "samples"}
        sys.stderr.writelines(f"{name:>26}  {value}\n" for name, value in shown.items())
    if report == "-":
        typer.echo(text)
    else:
        Path(report).write_text(text + "\n", encoding="utf-8")
    if history is not None:
        add_to_history(history, part, result)
    if not result.get("passed", True):
        raise typer.Exit(1)


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
