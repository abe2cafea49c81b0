"""A rule tried on the past: what it would have raised, which of it was false, what it would have missed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from devices.event import Event
from devices.profiles.access_gate import GatePass
from devices.profiles.sos_button import Sos
from rules.backtest import Closing, Player, Raised, compare
from rules.inspect import Carry, choose
from rules.ruleset import Ruleset, parse
from rules.texts import only, predicates, shipped, shipped_sources, split
from tests.strategies import ESTATE, REGISTRY, T0, event

REFUSALS = """
rules:
  - code: TEST-001
    names: {{zh: 拒, en: Refused}}
    severity: 3
    subject: {subject}
    condition:
      kind: count
      at_least: {least}
      within: 60s
      quiet_for: 2m
      when: {{gate.pass: data.result == 'denied'}}
    roles: [PM]
    sla: {{accept: 5m}}
"""
HELP = """
rules:
  - code: TEST-002
    names: {zh: 求助, en: Help}
    severity: 1
    subject: device
    condition:
      kind: threshold
      when: {sos: data.action == 'pressed'}
      clear: {sos: data.action != 'pressed'}
    ends: false
    repeat: 60s
    roles: [OP]
    sla: {accept: 30s}
"""
DAY = timedelta(days=1)


def refusals(*runs: int) -> list[Event]:
    """Runs of refusals at one gate, an hour apart."""
    denied = GatePass(direction="in", method="face", result="denied")
    return [
        event("gate-1", 3600 * hour + 5 * n, denied) for hour, times in enumerate(runs) for n in range(times)
    ]


def played(text: str, events: Iterable[Event], closings: Iterable[Closing] = ()) -> list[Raised]:
    """The alerts of one rule over a day."""
    player = Player(Ruleset(parse(text, "t")), REGISTRY, T0, closings=closings)
    for one in events:
        player.feed(one)
    return list(player.finish(T0 + DAY))


def counting(least: int, subject: str = "device") -> str:
    """The rule with a threshold."""
    return REFUSALS.format(least=least, subject=subject)


def test_a_higher_threshold_raises_fewer_and_says_which_were_false_and_which_it_would_miss() -> None:
    events = refusals(3, 4, 5, 3)
    now, then = played(counting(3), events), played(counting(4), events)
    said = [None, "false_alarm", None, "false_alarm"]
    stored = [
        Raised(
            fingerprint=a.fingerprint,
            rule=a.rule,
            severity=3,
            place=a.place,
            subject=a.subject,
            device=a.device,
            at=a.at,
            ended=a.ended,
            outcome=outcome,
        )
        for a, outcome in zip(now, said, strict=True)
    ]
    report = compare(
        rule="TEST-001",
        start=T0,
        end=T0 + DAY,
        events=len(events),
        would=then,
        live=now,
        stored=stored,
    )
    counts = (len(report.would), len(report.false), len(report.missed), len(report.spared), len(report.fresh))
    assert counts == (2, 1, 1, 1, 0)
    assert "would have raised 2 alerts" in report.sentence_en
    assert "会漏掉 1 条" in report.sentence_zh
    assert report.days == {"2026-03-01": {"would": 2, "live": 4, "stored": 4}}


def test_the_same_rule_misses_nothing_and_finds_nothing_new() -> None:
    alerts = played(counting(3), refusals(3, 4))
    report = compare(
        rule="TEST-001", start=T0, end=T0 + DAY, events=7, would=alerts, live=alerts, stored=alerts
    )
    assert (report.missed, report.fresh, len(report.confirmed)) == ((), (), 2)


def test_alerts_of_the_run_up_are_not_counted() -> None:
    alerts = played(counting(3), refusals(3, 4))
    late = T0 + timedelta(minutes=30)
    report = compare(rule="r", start=late, end=T0 + DAY, events=7, would=alerts, live=(), stored=())
    assert len(report.would) == len(report.fresh) == 1


def test_what_a_person_closed_is_raised_again_and_what_nobody_closed_is_one_alert() -> None:
    presses = [event("sos-1", 600.0 * n, Sos(action="pressed")) for n in range(3)]
    assert len(played(HELP, presses)) == 1
    closing = Closing(T0 + timedelta(seconds=300), f"{ESTATE}/TEST-002/sos-1")
    assert [a.ended for a in played(HELP, presses, [closing])] == [closing.at, None]


def test_two_plays_of_the_same_past_are_the_same_to_the_letter() -> None:
    events = refusals(5, 3, 4)
    assert played(counting(3), events) == played(counting(3), events)


def test_memory_is_kept_only_where_kind_and_subject_stay() -> None:
    (old,), (new,) = parse(counting(3), "a"), parse(counting(4), "b")
    (by_place,), (other,) = parse(counting(3, "place"), "c"), parse(HELP, "d")
    assert choose(None, new).carry is Carry.NOTHING
    assert choose(old, new).carry is Carry.KEPT
    assert choose(old, by_place).carry is Carry.RESTARTED
    assert choose(old, other).carry is Carry.RESTARTED


def test_a_rule_file_comes_apart_into_texts_that_mean_the_same() -> None:
    both = counting(3) + "\n# help\n" + HELP.replace("\nrules:\n", "")
    first, second = split(both, "f.yaml")
    assert (first.rule.id, second.rule.id) == ("TEST-001", "TEST-002")
    assert only(second.source, "f").condition.types == ("sos",)
    assert predicates(second.source) == {"sos": ("data.action == 'pressed'", "data.action != 'pressed'")}


def test_every_shipped_rule_stands_alone() -> None:
    texts = shipped()
    assert len({t.rule.id for t in texts}) == len(texts)
    assert {t.source for t in texts} == shipped_sources()
    for text in texts:
        assert only(text.source, "alone").id == text.rule.id
