"""`shequ replay`: judge a stored span again and hold the answer against the alert log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from console.commands.database import with_database
from console.database import Connection
from ingest.clock import system_clock
from ingest.replay import RUN_UP, Replay
from ingest.replay import replay as replay_span
from ingest.store import rulebook
from ingest.store.history import Span
from ingest.store.registry import load_registry

SHOWN = 20  # differences printed


def replay(
    *,
    hours: Annotated[float, typer.Option(min=0.01, help="how far back")] = 24,
    end: Annotated[datetime | None, typer.Option(help="default: now; UTC")] = None,
    run_up_hours: Annotated[
        float, typer.Option(min=0, help="judged before the span, to fill windows and silences")
    ] = RUN_UP / timedelta(hours=1),
    estate: Annotated[list[str] | None, typer.Option(help="only these estates")] = None,
) -> None:
    """Judge stored events again by the rules in force; exit 0 if the alert log comes out the same."""
    clock = system_clock()
    until = clock if end is None else end if end.tzinfo is not None else end.replace(tzinfo=clock.tzinfo)
    estates = tuple(estate) if estate else None
    span = Span(start=until - timedelta(hours=hours), end=until, estates=estates)

    async def work(connection: Connection) -> Replay:
        book = await rulebook.load(connection)
        registry = await load_registry(connection)
        return await replay_span(connection, registry, span, book.live, run_up=timedelta(hours=run_up_hours))

    answer = with_database(work, "replay")
    typer.echo(f"{answer.events} events judged, {answer.same} lines of the alert log are the same")
    for sign, lines in (("-", answer.only_stored), ("+", answer.only_played)):
        for line in lines[:SHOWN]:
            typer.echo(f"{sign} {line}")
        if len(lines) > SHOWN:
            typer.echo(f"{sign} … and {len(lines) - SHOWN} more")
    if not answer.identical:
        raise typer.Exit(1)
