"""No rule file crashes the loader: every kind of condition, spoiled in every way, is refused or read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import RuleError
from rules.ruleset import load_catalogue, parse
from rules.spec import known_keys
from rules.spec_kinds import KIND_NAMES
from rules.texts import shipped

HEAD = """\
rules:
  - code: TEST-001
    names: {zh: 试验, en: Trial}
    severity: 2
    subject: device
    params: {n: 3, t: 5m}
    armed: {hours: {daily: ["22:00-06:00"]}}
    roles: [PM]
    sla: {accept: 60s}
    condition:
      kind: """
KINDS = {
    "threshold": "threshold\n      when: {smoke: data.alarm}\n      clear: {smoke: '!data.alarm'}\n",
    "held": "held\n      for: $t\n      when: {contact: data.state == 'open'}\n",
    "count": "count\n      at_least: $n\n      within: $t\n      quiet_for: 1h\n      when: {fault: true}\n",
    "distinct": (
        "distinct\n      at_least: $n\n      within: $t\n      quiet_for: 1h\n"
        "      of: {gate.pass: person_ref}\n      when: {gate.pass: true}\n"
    ),
    "sequence": (
        "sequence\n      within: $t\n      quiet_for: 1h\n      when: {sos: data.action == 'pressed'}\n"
        "      then: {sos: data.action == 'cancelled'}\n      unless: {sos: data.action == 'answered'}\n"
    ),
    "change": (
        "change\n      rise: 2.0\n      within: $t\n      quiet_for: 1h\n"
        "      of: {meter: total}\n      when: {meter: true}\n"
    ),
    "still": (
        "still\n      less_than: 1\n      for: $t\n      of: {meter: total}\n      when: {meter: true}\n"
    ),
    "excess": (
        "excess\n      more: 1\n      within: $t\n      quiet_for: 1h\n"
        "      when: {camera.object: data.phase == 'enter'}\n      than: {gate.pass: true}\n"
    ),
    "geofence": "geofence\n      fence: {centre: [30.98, 104.28], radius: 300}\n      for: $t\n",
    "absence": (
        "absence\n      when: {'*': true}\n"
        "      steps: [{after: 24h, severity: 3}, {after: 48h, severity: 2}]\n"
    ),
}
TEXTS = {kind: HEAD + text for kind, text in KINDS.items()}
ODD = st.one_of(
    st.sampled_from(
        ["~", "[]", "{}", "-1", "1e400", "0x1F", "!!binary aGk=", "&a [*a]", "*a", "<<: {}", "? x", "'", "|"]
    ),
    st.sampled_from(["$n", "$nothing", "true", "9" * 400, "2026-03-01", "5m", "\u2028", "\x00", "\ud7ff"]),
    st.sampled_from(known_keys()),
    st.text(max_size=8),
)


def test_every_kind_is_fuzzed() -> None:
    assert set(KINDS) == {str(kind) for kind in KIND_NAMES}


@pytest.mark.parametrize("kind", KINDS)
def test_each_text_is_good_before_it_is_spoiled(kind: str) -> None:
    assert len(parse(TEXTS[kind], "good.yaml")) == 1


def only_rule_errors(text: str) -> None:
    """Read a text: rules, or a complaint with a place and a sentence; nothing else may come out."""
    try:
        rules = parse(text, "any.yaml")
    except RuleError as exc:
        assert exc.problem  # noqa: PT017 - some texts raise, some do not
        assert exc.line >= 1  # noqa: PT017
        assert exc.column >= 1  # noqa: PT017
    else:
        for rule in rules:
            for name, value in rule.params.items():
                spoil(lambda rule=rule, name=name, value=value: rule.vary({name: value}))


def spoil(work: Any) -> None:
    """Do something that may be refused."""
    try:
        work()
    except RuleError as exc:
        assert exc.problem  # noqa: PT017


@settings(max_examples=150)
@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_a_piece_cut_out_or_put_in_raises_a_rule_error_or_nothing(data: st.DataObject, kind: str) -> None:
    text = TEXTS[kind]
    place = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(place, min(len(text), place + 12)))
    only_rule_errors(text[:place] + data.draw(ODD) + text[end:])


@settings(max_examples=150)
@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_a_value_of_another_kind_raises_a_rule_error_or_nothing(data: st.DataObject, kind: str) -> None:
    values = list(re.finditer(r"(?<=: )[^\n{},]+", TEXTS[kind]))
    chosen = data.draw(st.sampled_from(values))
    only_rule_errors(TEXTS[kind][: chosen.start()] + data.draw(ODD) + TEXTS[kind][chosen.end() :])


@settings(max_examples=60)
@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_lines_left_out_doubled_or_moved_raise_a_rule_error_or_nothing(
    data: st.DataObject, kind: str
) -> None:
    lines = TEXTS[kind].splitlines()
    order = data.draw(st.lists(st.integers(0, len(lines) - 1), min_size=1, max_size=len(lines) + 4))
    only_rule_errors("\n".join(lines[n] for n in order))


@settings(max_examples=60)
@given(st.data(), st.sampled_from([text.source for text in shipped()]))
def test_a_spoiled_rule_of_the_catalogue_raises_a_rule_error_or_nothing(
    data: st.DataObject, text: str
) -> None:
    place = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(place, min(len(text), place + 20)))
    only_rule_errors(text[:place] + data.draw(ODD) + text[end:])


@settings(max_examples=150)
@given(
    st.sampled_from([rule for rule in load_catalogue().rules if rule.params]),
    st.data(),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=9),
        st.lists(st.text(max_size=3)),
    ),
)
def test_an_override_of_any_value_is_taken_or_refused_with_a_sentence(
    rule: Any, data: st.DataObject, value: Any
) -> None:
    name = data.draw(st.sampled_from(sorted(rule.params)))
    spoil(lambda: rule.vary({name: value}))
