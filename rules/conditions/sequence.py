"""One thing after the other: A, then B within so long, optionally without C between.

It must be given its events in order (`Settled` does that); then one A that still waits is
all there is to remember.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from devices.event import Event
from devices.reading import Reading
from rules.alert import Reason, Verb
from rules.condition import (
    Ears,
    Listener,
    Predicate,
    Said,
    Step,
    Subject,
    Verdict,
    key,
    quiet,
    silent,
    too_old,
)
from rules.window import Hit, Tally


@dataclass(frozen=True, kw_only=True, slots=True)
class Sequence(Listener):
    """Raise when `then` follows `when` within `window`, with no `unless` between; over when quiet."""

    remembers = Tally
    then: Mapping[str, Predicate]
    unless: Mapping[str, Predicate] = field(default_factory=dict)
    window: timedelta
    quiet_for: timedelta

    @property
    def types(self) -> tuple[str, ...]:
        """All that may play a part."""
        return tuple(sorted({*self.when, *self.then, *self.unless}))

    def ears(self, kind: str) -> Ears:
        """Hear all three; which of them it is, `judge` asks again."""
        parts = [p[kind] for p in (self.when, self.then, self.unless) if kind in p]
        if not parts:
            return Ears(None, over=False)
        if len(parts) == 1:
            return Ears(parts[0], over=False)
        return Ears(lambda reading: any(part(reading) for part in parts), over=False)

    def judge(
        self,
        memory: Tally | None,
        said: Said,  # noqa: ARG002
        event: Event,
        at: datetime,
        subject: Subject,  # noqa: ARG002
    ) -> Step | None:
        """Go one step on, or back to the start."""
        known = memory if memory is not None else Tally()
        reading = event.reading
        first = known.hits[0] if known.hits else None
        if (
            first is not None
            and at >= first.at
            and _is(self.then, reading)
            and _gap(first, event, at) <= self.window
        ):
            return self._met(known, first, event, at)
        if _is(self.unless, reading):
            return Step(Tally((), known.fired, known.raised))
        if _is(self.when, reading) and (first is None or at >= first.at):
            return Step(Tally((Hit(at, key(event)),), known.fired, known.raised))
        return None

    def _met(self, known: Tally, first: Hit, event: Event, at: datetime) -> Step:
        if too_old(event):
            return Step(Tally((), known.fired, known.raised), (silent(event, at, Reason.TOO_OLD),))
        verb, reason = self.again(known.raised, at) if known.fired else (Verb.RAISE, Reason.FOLLOWED)
        verdict = Verdict(
            verb=verb,
            at=at,
            reason=reason,
            explain={
                "after_s": _gap(first, event, at).total_seconds(),
                "within_s": self.window.total_seconds(),
            },
            evidence=(first.event, key(event)),
        )
        return Step(Tally((), fired=True, raised=at), (verdict,))

    def wake(self, memory: Tally, now: datetime, subject: Subject) -> Step:  # noqa: ARG002
        """Quiet for so long: over."""
        at = self.due(memory, subject)
        if at is None:
            return Step(memory)
        return Step(Tally(memory.hits, fired=False, raised=memory.raised), (quiet(at, self.quiet_for),))

    def due(self, memory: Tally, subject: Subject) -> datetime | None:  # noqa: ARG002
        """When it will have been quiet for long enough since it last happened."""
        return memory.raised + self.quiet_for if memory.fired and memory.raised is not None else None


def _gap(first: Hit, event: Event, at: datetime) -> timedelta:
    """How long after: by the device's own clock, where both are its own word."""
    if first.event.device == event.device and event.at >= first.event.at:
        return event.at - first.event.at
    return at - first.at


def _is(part: Mapping[str, Predicate], reading: Reading) -> bool:
    predicate = part.get(reading.type)
    return predicate is not None and predicate(reading)
