"""A rule tried on the past: stored events through an engine, its alerts beside those that were raised.

Pure: events come in order of arrival, time passes as it did (`lateness` behind arrival, as in the
ingest shell), and people close what they closed. A rule is tried alone: what other rules would
have inhibited or grouped is not part of its answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from devices.event import Event
from devices.model import Registry
from rules.alert import EventKey, Signal, Verb
from rules.engine import Engine, MemoryKey, Outcome
from rules.override import NONE, Overrides
from rules.ruleset import Ruleset
from rules.window import Memory

LATENESS = timedelta(seconds=2)  # the ingest shell's own
SLACK = timedelta(minutes=1)  # two alerts this far apart are still about the same thing
LOCAL = timezone(timedelta(hours=8))  # days are counted as people there count them
MOST_EXAMPLES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """An alert as far as a comparison needs it; `ended` is None while it stands."""

    fingerprint: str
    rule: str
    severity: int
    place: str
    subject: str
    device: str | None
    at: datetime
    ended: datetime | None = None
    reason: str = ""
    evidence: tuple[EventKey, ...] = ()
    id: int | None = None  # of a stored alert
    outcome: str | None = None  # what people said of a stored alert


@dataclass(frozen=True, slots=True)
class Closing:
    """A person ended the alert of this fingerprint."""

    at: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the alert log, without its number and the hour of writing."""

    at: datetime
    verb: str
    fingerprint: str
    rule: str
    reason: str

    def __str__(self) -> str:
        """One line, the same for the same decision."""
        return f"{self.at.isoformat()} {self.verb:<5} {self.fingerprint} by {self.rule}: {self.reason}"


@dataclass(slots=True)
class _Open:
    first: Signal
    cleared: bool = False


class Ledger:
    """Alerts as the database would hold them: one open per fingerprint.

    `tidy`: an end that only a person may put to an alert counts as put when the condition is over.
    """

    def __init__(self, *, tidy: bool) -> None:
        self.alerts: list[Raised] = []
        self.log: list[Line] = []
        self._open: dict[str, _Open] = {}
        self._tidy = tidy

    def apply(self, signal: Signal) -> None:
        """Carry out one signal, as ingest does."""
        name = signal.fingerprint
        known = self._open.get(name)
        if signal.verb is Verb.RAISE:
            if known is None or signal.evidence:
                self._note(signal)
            if known is None:
                self._open[name] = _Open(signal)
            else:
                known.cleared = False
        elif known is None:
            return
        elif signal.verb is Verb.HIT:
            known.cleared = False
        elif not known.cleared:
            known.cleared = True
            self._note(signal)
            if signal.ends or self._tidy:
                self.end(name, signal.at)

    def end(self, fingerprint: str, at: datetime) -> None:
        """End an alert, if it stands."""
        known = self._open.pop(fingerprint, None)
        if known is not None:
            self.alerts.append(_raised(known.first, max(at, known.first.at)))

    def finish(self) -> None:
        """Count what still stands."""
        for known in self._open.values():
            self.alerts.append(_raised(known.first, None))
        self._open.clear()
        self.alerts.sort(key=lambda a: (a.at, a.fingerprint))

    def _note(self, s: Signal) -> None:
        self.log.append(Line(s.at, s.verb, s.fingerprint, s.rule, s.reason))


def _raised(s: Signal, ended: datetime | None) -> Raised:
    return Raised(
        fingerprint=s.fingerprint,
        rule=s.rule,
        severity=int(s.severity),
        place=s.place,
        subject=s.subject,
        device=s.device,
        at=s.at,
        ended=ended,
        reason=s.reason,
        evidence=s.evidence,
    )


class Player:
    """One engine, and the past going by."""

    def __init__(
        self,
        ruleset: Ruleset,
        registry: Registry,
        start: datetime,
        *,
        closings: Iterable[Closing] = (),
        memory: Mapping[MemoryKey, Memory] | None = None,
        lateness: timedelta = LATENESS,
        tidy: bool = True,
        overrides: Overrides = NONE,
    ) -> None:
        self.engine = Engine(ruleset, registry, memory or {}, overrides)
        self.ledger = Ledger(tidy=tidy)
        self.events = 0
        self._lateness = lateness
        self._closings = sorted(closings, key=lambda c: (c.at, c.fingerprint), reverse=True)
        self._take(self.engine.enrol(registry, start))

    def feed(self, event: Event) -> Outcome:
        """Let time pass to the event's arrival, then judge it."""
        self.events += 1
        self.wait(event.received_at)
        outcome = self.engine.feed(event, event.received_at)
        self._take(outcome)
        return outcome

    def wait(self, until: datetime) -> None:
        """Let time pass; people close what they closed meanwhile."""
        while self._closings and self._closings[-1].at <= until:
            closing = self._closings.pop()
            self._take(self.engine.tick(closing.at - self._lateness))
            self.ledger.end(closing.fingerprint, closing.at)
        self._take(self.engine.tick(until - self._lateness))

    def finish(self, end: datetime) -> Sequence[Raised]:
        """Let the rest of the time pass and answer every alert."""
        self.wait(end)
        self.ledger.finish()
        return self.ledger.alerts

    def _take(self, outcome: Outcome) -> None:
        for signal in outcome.signals:
            self.ledger.apply(signal)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a version would have done in a span of the past."""

    rule: str
    start: datetime
    end: datetime
    events: int
    would: tuple[Raised, ...]  # what it would have raised
    live: tuple[Raised, ...]  # what the version in force raises on the same events
    stored: tuple[Raised, ...]  # what was raised
    confirmed: tuple[Raised, ...]  # of `would`: was raised too, and not closed as false
    false: tuple[Raised, ...]  # of `would`: was raised too, and closed as false
    fresh: tuple[Raised, ...]  # of `would`: was not raised
    missed: tuple[Raised, ...]  # of `stored`: it would not have raised, though nobody called it false
    spared: tuple[Raised, ...]  # of `stored`: closed as false, and it would not have raised
    days: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def sentence_en(self) -> str:
        """The answer in one sentence."""
        days = max(1, round((self.end - self.start) / timedelta(days=1)))
        text = (
            f"Over these {days} days this rule would have raised {len(self.would)} alerts "
            f"(the version in force: {len(self.live)}; really raised: {len(self.stored)}); "
            f"{len(self.false)} were closed as false; it would have missed {len(self.missed)}"
        )
        return f"{text} and spared {len(self.spared)} false ones; {len(self.fresh)} are new."

    @property
    def sentence_zh(self) -> str:
        """The answer in one sentence, in Chinese."""
        days = max(1, round((self.end - self.start) / timedelta(days=1)))
        return (
            f"过去 {days} 天内，该规则会产生 {len(self.would)} 条告警（现行版本 {len(self.live)} 条，"
            f"实际 {len(self.stored)} 条）；其中 {len(self.false)} 条已按误报关闭；"
            f"会漏掉 {len(self.missed)} 条，少报 {len(self.spared)} 条误报，新增 {len(self.fresh)} 条。"
        )


def compare(
    *,
    rule: str,
    start: datetime,
    end: datetime,
    events: int,
    would: Iterable[Raised],
    live: Iterable[Raised],
    stored: Iterable[Raised],
) -> Report:
    """Put what would have been raised beside what was; alerts before `start` were only the run-up."""
    mine, now, then = (tuple(a for a in part if start <= a.at < end) for part in (would, live, stored))
    by_would, by_stored = _by_fingerprint(mine), _by_fingerprint(then)
    groups: dict[str, list[Raised]] = defaultdict(list)
    for alert in mine:
        same = [s for s in by_stored[alert.fingerprint] if _meet(alert, s)]
        wrong = bool(same) and all(s.outcome == "false_alarm" for s in same)
        groups["false" if wrong else "confirmed" if same else "fresh"].append(alert)
    for alert in then:
        if not any(_meet(alert, w) for w in by_would[alert.fingerprint]):
            groups["spared" if alert.outcome == "false_alarm" else "missed"].append(alert)
    return Report(
        rule=rule,
        start=start,
        end=end,
        events=events,
        would=mine,
        live=now,
        stored=then,
        confirmed=tuple(groups["confirmed"]),
        false=tuple(groups["false"]),
        fresh=tuple(groups["fresh"]),
        missed=tuple(groups["missed"]),
        spared=tuple(groups["spared"]),
        days=_days({"would": mine, "live": now, "stored": then}),
    )


def _by_fingerprint(alerts: Iterable[Raised]) -> dict[str, list[Raised]]:
    found: dict[str, list[Raised]] = defaultdict(list)
    for alert in alerts:
        found[alert.fingerprint].append(alert)
    return found


def _meet(a: Raised, b: Raised) -> bool:
    """Whether two alerts of one fingerprint are about the same time."""
    return (b.ended is None or a.at <= b.ended + SLACK) and (a.ended is None or b.at <= a.ended + SLACK)


def _days(series: Mapping[str, Iterable[Raised]]) -> dict[str, dict[str, int]]:
    counts = {
        name: Counter(a.at.astimezone(LOCAL).date().isoformat() for a in part)
        for name, part in series.items()
    }
    days = sorted({day for count in counts.values() for day in count})
    return {day: {name: count[day] for name, count in counts.items()} for day in days}
