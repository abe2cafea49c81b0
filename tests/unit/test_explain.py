"""Why nothing fired: every rule's answer to every event, with the figures it looked at."""

from __future__ import annotations

from datetime import timedelta

from devices.event import Event, Flag
from devices.profiles.access_gate import GateDoor, GatePass
from devices.profiles.smoke_sensor import Smoke
from rules.alert import Reason
from rules.engine import Engine, MemoryKey
from rules.explain import Account, Answer, Tracer
from rules.inspect import Standing, dues, look
from rules.plain_words import say
from rules.ruleset import Ruleset, parse
from rules.texts import predicates
from tests.strategies import ESTATE, REGISTRY, T0, event

RULES = """
rules:
  - code: TEST-001
    names: {zh: 拒, en: Refused}
    severity: 3
    subject: device
    condition:
      kind: count
      at_least: 3
      within: 60s
      quiet_for: 2m
      when: {gate.pass: data.result == 'denied'}
    roles: [PM]
    sla: {accept: 5m}
  - code: TEST-002
    names: {zh: 门, en: Door}
    severity: 3
    subject: device
    condition:
      kind: held
      for: 5m
      when: {gate.door: data.state == 'open'}
      until: {gate.door: data.state == 'closed'}
    roles: [PM]
    sla: {accept: 5m}
  - code: TEST-003
    names: {zh: 烟, en: Smoke}
    severity: 1
    subject: device
    condition:
      kind: threshold
      when: {smoke: data.alarm && !data.test}
      clear: {smoke: "!data.alarm"}
    roles: [PM]
    sla: {accept: 5m}
"""
RULESET = Ruleset(parse(RULES, "t"))
TEXTS = {rule.id: predicates(RULES) for rule in RULESET.rules}
DENIED = GatePass(direction="in", method="face", result="denied")


def trace(device: str, *events: Event, minutes: float = 60) -> Account:
    """Judge the events and account for one device."""
    tracer = Tracer(RULESET, REGISTRY, device, T0, texts=TEXTS)
    for one in events:
        tracer.feed(one, one.received_at - timedelta(seconds=2), wanted=True)
    tracer.wait(T0 + timedelta(minutes=minutes))
    return tracer.account()


def answers(account: Account, code: str) -> list[Answer]:
    """What one rule made of it."""
    return [f.answer for f in account.findings if f.code == code]


def test_a_false_predicate_shows_its_figures() -> None:
    account = trace("smoke-1", event("smoke-1", 0, Smoke(alarm=True, test=True)))
    (finding,) = [f for f in account.findings if f.code == "TEST-003"]
    assert finding.answer is Answer.PREDICATE_FALSE
    assert finding.tests[0].text == "data.alarm && !data.test"
    assert finding.tests[0].figures == {"alarm": True, "test": True}
    assert "alarm=true, test=true" in say(finding)[1]
    assert "条件不成立" in say(finding)[0]


def test_two_of_three_are_remembered_and_the_third_raises() -> None:
    account = trace("gate-1", *(event("gate-1", n, DENIED) for n in range(2)))
    assert Answer.RAISED not in answers(account, "TEST-001")
    account = trace("gate-1", *(event("gate-1", n, DENIED) for n in range(3)))
    assert Answer.RAISED in answers(account, "TEST-001")


def test_an_open_door_is_armed_and_says_until_when() -> None:
    account = trace("gate-1", event("gate-1", 0, GateDoor(state="open")), minutes=3)
    assert answers(account, "TEST-002") == [Answer.WAITING]
    (standing,) = [f for f in account.standing if f.code == "TEST-002"]
    assert standing.due == T0 + timedelta(minutes=5)


def test_time_alone_raises_and_is_told() -> None:
    account = trace("gate-1", event("gate-1", 0, GateDoor(state="open")), minutes=10)
    assert answers(account, "TEST-002") == [Answer.WAITING, Answer.RAISED]


def test_a_retained_message_is_kept_silent_with_its_reason() -> None:
    account = trace("smoke-1", event("smoke-1", 0, Smoke(alarm=True), flags=(Flag.RETAINED,)))
    (finding,) = [f for f in account.findings if f.code == "TEST-003"]
    assert (finding.answer, finding.reason) == (Answer.KEPT_SILENT, Reason.RETAINED)


def test_rules_that_hear_nothing_of_it_are_named() -> None:
    account = trace("smoke-1", event("smoke-1", 0, Smoke(alarm=False)))
    assert [code for _, code in account.deaf] == ["TEST-001", "TEST-002"]
    assert trace("smoke-2").events == 0


def test_a_look_into_the_engine_says_what_it_waits_for() -> None:
    engine = Engine(RULESET, REGISTRY)
    outcome = engine.feed(event("gate-1", 0, GateDoor(state="open")), T0)
    key = MemoryKey(ESTATE, "TEST-002", "gate-1")
    memory = outcome.memory[key]
    assert memory is not None
    rule = next(r for r in RULESET.rules if r.id == "TEST-002")
    seen = look(rule, key, memory, REGISTRY)
    assert seen.standing is Standing.WAITING
    assert seen.due is not None
    assert seen.due.isoformat() in seen.en
    assert 0 < seen.size < 1024
    assert dues(RULESET.rules, REGISTRY, {key: memory}) == {key: seen.due}
