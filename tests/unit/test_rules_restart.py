"""The engine's answer depends on the events alone: not on restarts, not on how often anybody ticks."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from devices.event import Event
from devices.profiles.door_contact import Contact
from rules.alert import Signal
from rules.engine import Engine, MemoryKey, Outcome
from rules.ruleset import load_catalogue
from rules.window import Memory, decode_memory, encode_memory
from tests.strategies import REGISTRY, T0, event, streams

PATIENTLY = settings(deadline=None)  # the machine may be busy with others
CALM = timedelta(minutes=10)  # how far a tick stays behind arrival, as the shell's watermark does


class Run:
    """An engine with what a database would have kept of it."""

    def __init__(self) -> None:
        self.stored: dict[MemoryKey, bytes] = {}
        self.timers: dict[MemoryKey, datetime] = {}
        self.signals: list[Signal] = []
        self.engine = Engine(load_catalogue(), REGISTRY)
        self.keep(self.engine.enrol(REGISTRY, T0))

    def keep(self, outcome: Outcome) -> None:
        """Save what the outcome says."""
        self.signals += outcome.signals
        for name, memory in outcome.memory.items():
            if memory is None:
                self.stored.pop(name, None)
            else:
                self.stored[name] = encode_memory(memory)
        for name, due in outcome.timers.items():
            if due is None:
                self.timers.pop(name, None)
            else:
                self.timers[name] = due

    def feed(self, one: Event) -> None:
        """Judge one event and save."""
        self.keep(self.engine.feed(one, one.received_at))

    def tick(self, now: datetime) -> None:
        """Let time pass and save."""
        self.keep(self.engine.tick(now))

    def restart(self) -> None:
        """Forget the engine, and go on from what was saved."""
        memory: dict[MemoryKey, Memory] = {k: decode_memory(v) for k, v in reversed(self.stored.items())}
        self.engine = Engine(load_catalogue(), REGISTRY, memory)
        self.keep(self.engine.enrol(REGISTRY, T0))


def signals_of(events: list[Event], restarts: set[int], *, ticks: bool) -> list[Signal]:
    run = Run()
    for i, one in enumerate(events):
        if i in restarts:
            run.restart()
        run.feed(one)
        if ticks:
            run.tick(one.received_at - CALM)
    run.tick(events[-1].received_at + timedelta(days=4))
    assert run.timers == {k: v for k, v in _dues(run.engine).items() if v is not None}
    return run.signals


def _dues(engine: Engine) -> dict[MemoryKey, datetime | None]:
    return {slot.key: slot.due for track in engine._ranked for slot in track.slots.values()}


@PATIENTLY
@given(streams(), st.sets(st.integers(0, 30), max_size=6), st.booleans())
def test_a_restart_anywhere_changes_nothing(events: list[Event], restarts: set[int], ticks: bool) -> None:  # noqa: FBT001
    assert signals_of(events, restarts, ticks=ticks) == signals_of(events, set(), ticks=ticks)


@PATIENTLY
@given(streams())
def test_the_same_events_say_the_same(events: list[Event]) -> None:
    assert signals_of(events, set(), ticks=True) == signals_of(events, set(), ticks=True)


def _once(signals: list[Signal]) -> list[tuple[datetime, str, str, str]]:
    """What was raised for the first time and what ended, in event time; repeats are reminders."""
    told = [s for s in signals if s.reason not in ("repeat_interval", "still_true")]
    return sorted((s.at, s.fingerprint, str(s.verb), str(s.severity)) for s in told)


@PATIENTLY
@given(streams())
@example([event("door-1", 0, Contact(state="open")), event("door-1", 360, Contact(state="closed"))])
def test_how_often_somebody_ticks_changes_nothing_about_events_in_order(events: list[Event]) -> None:
    prompt = [e for e in events if e.at == e.received_at]
    if prompt:
        assert _once(signals_of(prompt, set(), ticks=True)) == _once(signals_of(prompt, set(), ticks=False))


@PATIENTLY
@given(streams())
def test_every_end_follows_a_beginning(events: list[Event]) -> None:
    standing: set[str] = set()
    for signal in signals_of(events, set(), ticks=True):
        if signal.verb == "raise":
            standing.add(signal.fingerprint)
        elif signal.verb == "hit":
            assert signal.fingerprint in standing
        else:
            assert signal.fingerprint in standing
            standing.discard(signal.fingerprint)


@PATIENTLY
@given(streams())
def test_a_retained_message_changes_nothing(events: list[Event]) -> None:
    news = [e for e in events if not e.retained]
    if news:
        last = max(e.received_at for e in events) + timedelta(days=4)
        runs = []
        for batch in (events, news):
            run = Run()
            for one in batch:
                run.feed(one)
            run.tick(last)
            runs.append(run.signals)
        assert runs[0] == runs[1]
