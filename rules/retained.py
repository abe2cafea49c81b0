"""Retained messages: memory, no news. Which rules they would have moved is noted, nothing moves."""

from __future__ import annotations

from devices.event import Event
from devices.model import Registry
from rules.alert import Reason, Silence
from rules.condition import key
from rules.outcome import Draft, Outcome
from rules.predicate import RuleFailed
from rules.subject import name_of
from rules.track import Way, meets


def remember(way: Way, event: Event, registry: Registry) -> Outcome:
    """Note which of the rules on an event's way it would have met."""
    draft = Draft()
    for track, ears in way:
        name = name_of(event, track.rule.subject, registry)
        try:
            met = name is not None and meets(ears, event.reading)
        except RuleFailed as exc:
            draft.failures.append(RuleFailed(exc.source, exc.problem, track.rule.id))
            continue
        if met and name is not None:
            draft.silences.append(
                Silence(
                    rule=track.rule.id,
                    estate=event.estate,
                    subject=name,
                    at=event.happened_at,
                    reason=Reason.RETAINED,
                    evidence=key(event),
                )
            )
    return draft.outcome()
