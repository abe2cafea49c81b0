"""`shequ drill`: play a scenario whose truth is known against the whole platform, and reconcile."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from console.commands.chaos import as_line
from console.commands.drill_cameras import drill_cameras
from console.commands.drill_run import run_drill
from console.commands.shift import run_shift
from console.commands.storm import storm_drill
from console.reconcile import Report
from console.shift_report import ShiftReport
from ingest.clock import system_clock
from ingest.logs import set_up_logs
from simulators.chaos.faults import FAULTS, parse_chaos
from simulators.dialects import parse_dialects
from simulators.drill import plan_drill
from simulators.faults import parse_faults

BEFORE = timedelta(days=2)  # with chaos the play lies in the past, so that duty's waits are over in it


def drill(
    *,
    seed: Annotated[int, typer.Option(help="same seed, same community and same scenario")] = 7,
    estates: Annotated[int, typer.Option(min=1, help="how many estates")] = 3,
    duration: Annotated[float, typer.Option(min=5, help="seconds to play about 30 virtual hours in")] = 30,
    rate: Annotated[float, typer.Option(min=0, help="further telemetry, events per second")] = 0,
    faults: Annotated[str, typer.Option(help="all, none, or a list such as drop,duplicate,reorder")] = "all",
    chaos: Annotated[
        str,
        typer.Option(help=f"what goes wrong on the way, such as ingest,database-stop=5: {', '.join(FAULTS)}"),
    ] = "",
    dialects: Annotated[
        str, typer.Option(help="foreign dialects that most devices speak: all, none, or a list")
    ] = "none",
    storm: Annotated[
        bool, typer.Option(help="instead: one power cut, 10 000 messages a minute, one SOS")
    ] = False,
    cameras: Annotated[
        int, typer.Option(min=0, max=16, help="instead: so many rendered cameras, stream to picture")
    ] = 0,
    shift: Annotated[
        int, typer.Option(min=0, help="play a shift of so many cases with simulated people instead")
    ] = 0,
    speed: Annotated[float, typer.Option(min=1, help="how many times faster a shift's promises run")] = 60,
    report: Annotated[str, typer.Option(help="file for the JSON report; - prints it")] = "-",
) -> None:
    """Play a scenario on a private stack and reconcile; exit 0 only if nothing was missed or doubled."""
    set_up_logs("WARNING")
    if cameras:
        seen = asyncio.run(drill_cameras(cameras, seed))
        _write(seen, report)
        raise typer.Exit(0 if seen["passed"] else 1)
    if storm:
        told = asyncio.run(storm_drill(seed))
        _write(told, report)
        raise typer.Exit(0 if told["passed"] else 1)
    if shift:
        _finish(asyncio.run(run_shift(seed, shift, speed)), report)
    orders = parse_chaos(chaos)
    start = system_clock() - (BEFORE if orders else timedelta())
    plan = plan_drill(seed, estates, duration, parse_faults(faults), start, dialects=parse_dialects(dialects))
    result = asyncio.run(run_drill(plan, rate=rate, orders=orders))
    _finish(result, report)


def _finish(result: Report | ShiftReport, report: str) -> NoReturn:
    """Print the table, write the JSON, and end with what it came to."""
    _print(result)
    _write(result.as_json(), report)
    raise typer.Exit(0 if result.passed else 1)


def _write(result: Mapping[str, Any], report: str) -> None:
    text = json.dumps(result, ensure_ascii=False, indent=2)
    if report == "-":
        typer.echo(text)
    else:
        Path(report).write_text(text + "\n", encoding="utf-8")


def _print(report: Report | ShiftReport) -> None:
    """The table for people, on standard error, so that `--report -` stays JSON."""
    for name, value in report.as_json().items():
        if name == "faults":
            sys.stderr.writelines(f"{as_line(fault)}\n" for fault in value)
        elif name != "details":
            sys.stderr.write(f"{name:>16}  {value}\n")
