"""The whole alert catalogue of domain.md section d: every row is there, and every example comes true."""

from __future__ import annotations

import pytest

from rules.examples import ExampleResult, play_examples
from rules.ruleset import Rule, load_catalogue

ROWS = {
    "FIRE": 9,  # eight of domain.md; two sensors of one building (FIRE-001's own row) are a rule beside it
    "DEV": 9,  # five of domain.md; power failure, gateway, unsteady link and wrong clock are ours
    "SOS": 4,
    "CARE": 6,
    "SEC": 13,
    "ENV": 3,
    "CIV": 1,
}
SEVERITIES = {  # as domain.md section d has them
    **dict.fromkeys(("FIRE-001", "FIRE-002", "FIRE-003", "FIRE-008", "SOS-001", "CARE-005", "CARE-006"), 1),
    **dict.fromkeys(("SEC-001", "SEC-012", "ENV-003"), 1),
    **dict.fromkeys(("FIRE-005", "FIRE-006", "FIRE-007", "DEV-003", "CARE-002", "CARE-004", "SEC-002"), 2),
    **dict.fromkeys(("SEC-006", "SEC-007", "SEC-008", "SEC-009", "ENV-002"), 2),
    **dict.fromkeys(("FIRE-004", "DEV-004", "DEV-005", "SOS-004", "CARE-001", "CARE-003", "SEC-003"), 3),
    **dict.fromkeys(("SEC-004", "SEC-005", "SEC-010", "ENV-001"), 3),
    **dict.fromkeys(("DEV-001", "DEV-002", "SOS-002", "SOS-003", "SEC-011", "SEC-013"), 4),
}
RULES = load_catalogue().rules


def test_every_row_of_the_catalogue_is_shipped() -> None:
    wanted = {f"{family}-{n:03d}" for family, count in ROWS.items() for n in range(1, count + 1)}
    assert set(load_catalogue().by_code) == wanted


def test_the_severities_are_those_of_the_domain() -> None:
    found = {r.code: int(r.severity) for r in reversed(RULES)}
    assert {code: found[code] for code in SEVERITIES} == SEVERITIES


def test_what_needs_a_human_says_so_and_why() -> None:
    for code in ("FIRE-001", "CARE-001", "CARE-002", "CARE-004", "SEC-011"):
        rule = load_catalogue().by_code[code]
        assert rule.confirm_required
        assert rule.legal_note_zh
        assert rule.legal_note_en


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_every_rule_has_an_example_that_alarms_and_one_that_does_not(rule: Rule) -> None:
    said = [bool(e.expect) and e.expect[0].startswith("raise") for e in rule.examples]
    assert True in said
    assert any(not e.expect for e in rule.examples)


@pytest.mark.parametrize(
    "result", [x for rule in RULES for x in play_examples(rule)], ids=lambda x: f"{x.rule}: {x.story}"
)
def test_the_example_comes_true(result: ExampleResult) -> None:
    assert result.got == result.expected


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_every_rule_says_who_and_how_soon_and_when_it_is_over(rule: Rule) -> None:
    assert rule.roles
    assert rule.sla.accept
    assert rule.name_zh
    assert rule.name_en
    assert rule.hazard
    assert rule.severity != 1 or not rule.ends or rule.code == "CARE-001"  # a human closes what is about life
