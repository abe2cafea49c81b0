"""The past judged again: a rule tried out, a day replayed, an event's way through the rules traced."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from devices.model import Registry
from ingest.store import history
from ingest.store.history import Connection, Span
from ingest.store.wishes import load_overrides
from rules.backtest import LATENESS, Line, Player, Raised, Report, compare
from rules.condition import ANY
from rules.ruleset import Rule, Ruleset

RUN_UP = timedelta(days=3)  # judged before the span, so that windows and silences are filled


def types_of(rules: Sequence[Rule]) -> list[str] | None:
    """The event types that rules hear; None: all."""
    kinds = {kind for rule in rules for kind in rule.condition.types}
    return None if ANY in kinds else sorted(kinds)


def part_of(registry: Registry, estates: tuple[str, ...] | None) -> Registry:
    """The registry of some estates only: whoever is not played is not silent either."""
    if estates is None:
        return registry
    return Registry.of(
        places=registry.places.values(),
        devices=(d for d in registry.devices.values() if d.estate in estates),
        cared=(c for c in registry.cared.values() if c.estate in estates),
    )


async def backtest(
    connection: Connection,
    registry: Registry,
    span: Span,
    candidate: Rule,
    live: Rule | None,
    *,
    run_up: timedelta = RUN_UP,
    lateness: timedelta = LATENESS,
) -> Report:
    """Try a rule on the stored past, beside the version in force and what was raised."""
    wide = Span(start=span.start - run_up, end=span.end, estates=span.estates)
    closings = await history.closings(connection, wide)
    rules = [candidate, *([live] if live is not None else [])]
    overrides = await load_overrides(connection)
    part = part_of(registry, span.estates)
    players = [
        Player(Ruleset((rule,)), part, wide.start, closings=closings, lateness=lateness, overrides=overrides)
        for rule in rules
    ]
    async for chunk in history.events(connection, wide, types_of(rules)):
        for event in chunk:
            for player in players:
                player.feed(event)
        await asyncio.sleep(0)  # the live feed and other requests go on meanwhile
    found: list[Sequence[Raised]] = [player.finish(wide.end) for player in players]
    return compare(
        rule=candidate.id,
        start=span.start,
        end=span.end,
        events=players[0].events,
        would=found[0],
        live=found[1] if live is not None else (),
        stored=await history.alerts(connection, span, candidate.id),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """A stored span judged again, line by line beside the alert log."""

    events: int
    same: int
    only_stored: tuple[Line, ...]
    only_played: tuple[Line, ...]

    @property
    def identical(self) -> bool:
        """Whether the log came out the same."""
        return not self.only_stored and not self.only_played


async def replay(
    connection: Connection,
    registry: Registry,
    span: Span,
    ruleset: Ruleset,
    *,
    run_up: timedelta = RUN_UP,
    lateness: timedelta = LATENESS,
) -> Replay:
    """Judge a stored span again by a ruleset and compare with the alert log."""
    wide = Span(start=span.start - run_up, end=span.end, estates=span.estates)
    closings = await history.closings(connection, wide)
    part = part_of(registry, span.estates)
    player = Player(
        ruleset,
        part,
        wide.start,
        closings=closings,
        lateness=lateness,
        tidy=False,
        overrides=await load_overrides(connection),
    )
    async for chunk in history.events(connection, wide, types_of(ruleset.rules)):
        for event in chunk:
            player.feed(event)
        await asyncio.sleep(0)
    player.finish(wide.end)
    played = [line for line in player.ledger.log if span.start <= line.at < span.end]
    stored = await history.lines(connection, span)
    mine, theirs = {str(line) for line in played}, {str(line) for line in stored}
    return Replay(
        events=player.events,
        same=len(mine & theirs),
        only_stored=tuple(line for line in stored if str(line) not in mine),
        only_played=tuple(line for line in played if str(line) not in theirs),
    )
