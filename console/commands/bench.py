"""`shequ bench`: how fast, always beside a bare limit measured in the same run on the same machine."""

from __future__ import annotations

import asyncio
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.reads import reads_speed
from console.commands.bench_backpressure import backpressure
from console.commands.bench_cameras import cameras_speed, tables
from console.commands.bench_console import console_speed
from console.commands.bench_engine import engine_speed
from console.commands.bench_pipeline import pipeline_speed
from console.commands.bench_soak import soak
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
    events: Annotated[
        int, typer.Option(min=100_000, help="stored events that reads are measured over")
    ] = 1_000_000,
) -> None:
    """Measure and report as JSON; a ratio is worth more than a number."""
    set_up_logs("WARNING")
    if part is Part.PIPELINE:
        result: dict[str, Any] = asyncio.run(pipeline_speed(messages=messages, runs=runs))
    elif part is Part.ENGINE:
        result = engine_speed()
    elif part is Part.CONSOLE:
        result = console_speed()
    elif part is Part.BACKPRESSURE:
        result = asyncio.run(backpressure(times=times, seconds=seconds))
    elif part is Part.SOAK:
        result = asyncio.run(soak(seconds=seconds, rate=rate, picture=picture))
    elif part is Part.READS:
        result = asyncio.run(reads_speed(events, _say))
    else:
        result = cameras_speed()
    text = json.dumps(result, indent=2)
    if part is Part.CAMERAS:
        sys.stderr.write(tables(result))
    else:
        shown = {name: value for name, value in result.items() if name != "samples"}
        sys.stderr.writelines(f"{name:>26}  {value}\n" for name, value in shown.items())
    if report == "-":
        typer.echo(text)
    else:
        Path(report).write_text(text + "\n", encoding="utf-8")
    if not result.get("passed", True):
        raise typer.Exit(1)


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
