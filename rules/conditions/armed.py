"""Armed hours: the condition is followed always, and speaks only while somebody wants to know.

What began before the hours opened and still holds is raised when they open (`carry`), or
with its next match in them. An alert that stands is not ended by the hours' end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from devices.event import Event
from rules.alert import Reason, Verb
from rules.condition import Condition, Ears, Said, Step, Subject, Verdict, earliest, stamp
from rules.schedule import Schedule
from rules.window import Gated, Memory


@dataclass(frozen=True, kw_only=True, slots=True)
class Armed:
    """Another condition, heard only in armed hours."""

    inner: Condition
    schedule: Schedule
    carry: bool = False
    remembers = Gated
    settles = False

    @property
    def by_arrival(self) -> bool:
        """As the condition."""
        return self.inner.by_arrival

    @property
    def types(self) -> tuple[str, ...]:
        """Hear what it hears."""
        return self.inner.types

    def ears(self, kind: str) -> Ears:
        """Hear what it hears."""
        return self.inner.ears(kind)

    def judge(
        self, memory: Gated | None, said: Said, event: Event, at: datetime, subject: Subject
    ) -> Step | None:
        """Follow the condition, and weigh what it says by the hour."""
        inner = memory.inner if memory is not None else None
        step = self.inner.judge(inner, said, event, at, subject)
        return None if step is None else self._weigh(memory, step)

    def wake(self, memory: Gated, now: datetime, subject: Subject) -> Step:
        """Raise what still holds as the hours open; otherwise go on as the condition does."""
        opens = self._opens(memory)
        due = self.inner.due(memory.inner, subject)
        if opens is None or (due is not None and due < opens):
            return self._weigh(memory, self.inner.wake(memory.inner, now, subject))
        began = memory.hushed
        verdict = Verdict(
            verb=Verb.RAISE,
            at=opens,
            reason=Reason.SCHEDULE_OPENED,
            explain={"since": stamp(began)} if began is not None else {},
        )
        return Step(replace(memory, hushed=None), (verdict,))

    def _weigh(self, memory: Gated | None, step: Step) -> Step:
        """Weigh each verdict: outside the hours nothing is raised, and what was not has no end."""
        hushed = memory.hushed if memory is not None else None
        said: list[Verdict] = []
        for verdict in step.verdicts:
            if verdict.verb is None:
                said.append(verdict)
            elif verdict.verb is Verb.CLEAR:
                if hushed is None:
                    said.append(verdict)
                hushed = None
            elif hushed is None and (verdict.verb is Verb.HIT or self.schedule.armed(verdict.at)):
                said.append(verdict)
            elif self.schedule.armed(verdict.at):
                said.append(_change(verdict, Verb.RAISE, Reason.CONDITION_MET))
                hushed = None
            elif verdict.verb is Verb.RAISE and hushed is None and _stands(memory):
                said.append(_change(verdict, Verb.HIT, Reason.STILL_TRUE))
            else:
                said.append(_change(verdict, None, Reason.NOT_ARMED))
                hushed = hushed or verdict.at
        return Step(Gated(step.memory, hushed), tuple(said))  # type: ignore[arg-type]

    def _opens(self, memory: Gated) -> datetime | None:
        if not self.carry or memory.hushed is None:
            return None
        return self.schedule.opens(memory.hushed)

    def due(self, memory: Gated, subject: Subject) -> datetime | None:
        """When the condition is due, or the hours open for what was hushed."""
        return earliest(self.inner.due(memory.inner, subject), self._opens(memory))

    def deaf_until(self, memory: Gated, subject: Subject) -> datetime | None:
        """As the condition."""
        return self.inner.deaf_until(memory.inner, subject)

    def arm(self, subject: Subject, now: datetime) -> Memory | None:
        """Start as the condition does."""
        inner: Any = self.inner.arm(subject, now)
        return None if inner is None else Gated(inner)

    def review(self, memory: Gated, now: datetime, subject: Subject) -> Step | None:
        """Reconsider as the condition does."""
        step = self.inner.review(memory.inner, now, subject)
        return None if step is None else self._weigh(memory, step)


def _stands(memory: Gated | None) -> bool:
    return memory is not None and memory.fired


def _change(verdict: Verdict, verb: Verb | None, reason: Reason) -> Verdict:
    return Verdict(
        verb=verb,
        at=verdict.at,
        reason=reason,
        severity=verdict.severity,
        explain=verdict.explain,
        evidence=verdict.evidence,
    )
