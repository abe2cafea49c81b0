"""The bench: the engine of the rules in force, and one for every version that runs in the shadow.

A version in the shadow judges the same events with a memory of its own. What it would have said
is written down; it pages nobody, and whatever goes wrong with it touches no live alert.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from devices.canary import CODE, flock
from devices.event import Event
from devices.model import Registry
from ingest.store.rulebook import Book
from rules.engine import Engine, MemoryKey, Outcome
from rules.inspect import SHADOW, carry_over, dues
from rules.ruleset import Rule, Ruleset
from rules.window import Memory


@dataclass(kw_only=True, slots=True)
class Bench:
    """Engines that judge together, and what must be saved because they took their seats."""

    book: Book
    engine: Engine
    shadows: tuple[Engine, ...]
    canaries: Engine  # the rule that hears a call for help, apart from everything real
    first: tuple[Outcome, ...]

    def enrol(self, registry: Registry, now: datetime) -> tuple[Outcome, ...]:
        """Tell everybody who there is."""
        self.canaries.enrol(flock(registry.places.values()), now)
        return tuple(engine.enrol(registry, now) for engine in (self.engine, *self.shadows))

    def shade(self, event: Event) -> list[Outcome]:
        """What the versions in the shadow make of an event."""
        return [shadow.feed(event, event.received_at) for shadow in self.shadows]

    def shade_tick(self, now: datetime, estate: str | None = None) -> list[Outcome]:
        """What time brings to the versions in the shadow."""
        return [shadow.tick(now, estate) for shadow in self.shadows]

    def estates(self) -> list[str]:
        """The estates in which anybody waits for something."""
        return sorted({e for engine in (self.engine, *self.shadows) for e in engine.estates})


def seat(
    book: Book,
    before: Mapping[str, tuple[int, Rule | None]],
    registry: Registry,
    memory: Mapping[MemoryKey, Memory],
    now: datetime,
) -> Bench:
    """Seat the engines of a rulebook; `before` names the versions that the memory belongs to."""
    changed = {
        rule: old
        for rule, (version, old) in before.items()
        if old is not None and version != book.versions.get(rule, version)
    }
    rules = (*book.live.rules, *book.shadows)
    kept, gone = carry_over(changed, rules, memory)
    live = {key: value for key, value in kept.items() if SHADOW not in key.rule}
    engine = Engine(book.live, registry, live)
    shadows = tuple(
        Engine(Ruleset((rule,)), registry, {k: v for k, v in kept.items() if k.rule == rule.id})
        for rule in book.shadows
    )
    upgraded = [rule for rule in book.live.rules if rule.id in changed]
    carried = {key: value for key, value in live.items() if key.rule in changed}
    settled = Outcome(
        memory=dict.fromkeys(gone),
        timers={**dict.fromkeys(gone), **dues(upgraded, registry, carried)},
    )
    heard = Ruleset(tuple(rule for rule in book.live.rules if rule.code == CODE))
    canaries = Engine(heard, flock(registry.places.values()), {})
    bench = Bench(book=book, engine=engine, shadows=shadows, canaries=canaries, first=(settled,))
    bench.first = (settled, *bench.enrol(registry, now))
    return bench
