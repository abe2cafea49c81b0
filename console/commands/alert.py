"""`shequ alert`: why an alert was raised, and why nothing was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from console.commands.database import with_database
from console.database import Connection
from console.explaining import chain_of, why_device
from console.rulebook import span_of
from ingest.clock import system_clock

app = typer.Typer(no_args_is_help=True, help="Alerts.")

Chinese = Annotated[bool, typer.Option("--zh", help="in Chinese")]


@app.command()
def explain(alert: Annotated[int, typer.Argument(help="alert number")], *, chinese: Chinese = False) -> None:
    """Tell the chain behind an alert: rule and version, figures, events, what kept silent."""

    async def work(connection: Connection) -> list[str]:
        answer = await chain_of(connection, alert, None)
        return [word["zh" if chinese else "en"] for word in answer["words"]]

    for line in with_database(work, "alert"):
        typer.echo(line)


@app.command()
def why(
    device: Annotated[str, typer.Argument(help="device id")],
    *,
    start: Annotated[
        datetime | None, typer.Option("--from", help="UTC; default: a day before the end")
    ] = None,
    end: Annotated[datetime | None, typer.Option("--to", help="UTC; default: now")] = None,
    chinese: Chinese = False,
) -> None:
    """Tell why nothing fired, or what did: a device's stored events judged again."""
    now = system_clock()
    until = _utc(end, now) if end is not None else now
    since = _utc(start, now) if start is not None else until - timedelta(days=1)
    span = span_of(since, until, now, most=timedelta(days=7))
    language = "zh" if chinese else "en"

    async def work(connection: Connection) -> list[str]:
        answer = await why_device(connection, device, span)
        lines = [answer["summary"][language], *(f[language] for f in answer["findings"])]
        lines += [f[language] for f in answer["standing"]]
        deaf = ", ".join(answer["deaf"])
        return [*lines, f"{'不监听' if chinese else 'heard nothing of its own'}: {deaf}"] if deaf else lines

    for line in with_database(work, "alert"):
        typer.echo(line)


def _utc(moment: datetime, now: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=now.tzinfo)
