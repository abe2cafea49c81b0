"""From a verdict about a subject to the words that the log and the page share."""

from __future__ import annotations

from datetime import timedelta

from devices.event import Event, Flag
from rules.alert import Reason, Signal, Silence, Verb
from rules.condition import Subject, Verdict
from rules.ruleset import Rule


def fingerprint(estate: str, rule: str, subject: str) -> str:
    """Name the alert of one rule about one subject; two rules of one code never end each other's alerts."""
    return f"{estate}/{rule}/{subject}"


def signal(
    rule: Rule, subject: Subject, verdict: Verdict, event: Event | None, late_by: timedelta | None
) -> Signal:
    """Say a verdict aloud."""
    if event is not None and event.flags and Flag.LATE in event.flags:
        late_by = event.received_at - verdict.at
    return Signal(
        verb=verdict.verb or Verb.HIT,
        rule=rule.id,
        code=rule.code,
        severity=verdict.severity or rule.severity,
        fingerprint=fingerprint(subject.estate, rule.id, subject.name),
        estate=subject.estate,
        place=subject.place,
        subject=subject.name,
        device=subject.device or _speaker(verdict, event),
        at=verdict.at,
        reason=verdict.reason,
        explain=verdict.explain,
        evidence=verdict.evidence,
        late_by=late_by,
        ends=rule.ends or verdict.reason is Reason.SUBJECT_GONE if verdict.verb is Verb.CLEAR else True,
    )


def _speaker(verdict: Verdict, event: Event | None) -> str | None:
    """Which device the news about a place or a person came from."""
    if event is not None:
        return event.device
    return verdict.evidence[-1].device if verdict.evidence else None


def silence(rule: Rule, subject: Subject, verdict: Verdict) -> Silence:
    """Note a verdict that says nothing."""
    return Silence(
        rule=rule.id,
        estate=subject.estate,
        subject=subject.name,
        at=verdict.at,
        reason=verdict.reason,
        evidence=verdict.evidence[0] if verdict.evidence else None,
    )
