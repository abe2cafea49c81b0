"""Alerts: what rules say, in the words that the database, the log and the page share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any


class Severity(IntEnum):
    """The one internal scale, 1 highest (domain.md section c).

    Not the legal warning levels: those are a human's to announce.
    """

    URGENT = 1  # 紧急
    IMPORTANT = 2  # 重要
    GENERAL = 3  # 一般
    NOTICE = 4  # 提示


class Verb(StrEnum):
    """What a signal does to the open alert of its fingerprint."""

    RAISE = "raise"  # open one, or count a hit on the one that is open
    HIT = "hit"  # count a hit if one is open; open none
    CLEAR = "clear"  # end the open one, if any


class Reason(StrEnum):
    """Why a rule spoke, or kept silent."""

    CONDITION_MET = "condition_met"
    HELD_FOR = "held_for"
    COUNT_REACHED = "count_reached"
    DISTINCT_REACHED = "distinct_reached"
    FOLLOWED = "followed"  # one thing after the other
    CHANGED_BY = "changed_by"
    CHANGED_LESS = "changed_less"
    EXCESS = "excess"  # more went through than were let in
    SCHEDULE_OPENED = "schedule_opened"  # it began before the armed hours and still holds
    ABSENT_FOR = "absent_for"
    STILL_TRUE = "still_true"
    REPEAT_INTERVAL = "repeat_interval"
    CLEARED_BY_EVENT = "cleared_by_event"
    SEEN_AGAIN = "seen_again"
    QUIET_FOR = "quiet_for"  # nothing matched for so long that it is over
    AWAY = "away"  # the person is declared absent
    SUBJECT_GONE = "subject_gone"  # the device, person or place is not registered any more
    # silence
    RETAINED = "retained"
    OUTDATED = "outdated"  # a newer state of the same subject is known already
    TOO_OLD = "too_old"  # late, and not about life
    NOT_ARMED = "not_armed"  # outside the rule's hours
    # on the way to the list
    SILENCED = "silenced"
    MAINTENANCE = "maintenance"
    TEST_MODE = "test_mode"
    DRILL = "drill"
    INHIBITED = "inhibited"  # it follows from a greater trouble that is on the list
    FLAPPING = "flapping"
    COMMON_CAUSE = "common_cause"  # most of a building's devices fell silent together
    CORROBORATED = "corroborated"  # other devices say the same
    RELEASED = "released"  # what held it back is over, and it still stands


@dataclass(frozen=True, slots=True)
class EventKey:
    """Which stored event a decision rests on."""

    device: str
    id: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """One decision of one rule about one subject.

    `fingerprint` names the alert while it is open; `at` is event time; `explain`
    holds the figures that decided, JSON-ready; `late_by` is the age of the news where
    it came late. A CLEAR that does not `ends` the alert only notes that the condition is
    gone: a human still has to close it.
    """

    verb: Verb
    rule: str
    code: str
    severity: Severity
    fingerprint: str
    estate: str
    place: str
    subject: str
    device: str | None
    at: datetime
    reason: Reason
    explain: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[EventKey, ...] = ()
    late_by: timedelta | None = None
    ends: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """One rule's decision not to speak although its condition matched, and why (design law 5)."""

    rule: str
    estate: str
    subject: str
    at: datetime
    reason: Reason
    evidence: EventKey | None


class AlertState(StrEnum):
    """Life of an alert (domain.md section c); it is over once `ended_at` is set."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated_to_incident"
    SUPPRESSED = "suppressed"
    AUTO_CLEARED = "auto_cleared"
    FALSE_ALARM = "false_alarm"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What an alert turned out to be; a closing operator must say (domain.md section a)."""

    TRUE_ALARM = "true_alarm"
    FALSE_ALARM = "false_alarm"
    TEST = "test"
    DRILL = "drill"
    DUPLICATE = "duplicate"
    OTHER = "other"
