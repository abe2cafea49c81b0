"""Dispatch plans: read, chosen with a reason, and stepped through without ever calling 119 too early."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import RuleError
from devices.organisation import OUTSIDE
from rules.plan import (
    CodeMatch,
    Due,
    Facts,
    Verdict,
    choose,
    decide,
    mismatches,
    next_look,
    parse,
    parties,
    shipped,
    timetable,
)
from rules.plan_spec import Tell, When
from rules.ruleset import load_catalogue
from tests.phrases import said_in_chinese

PATH = ("510681", "510681101", "510681101001", "e1", "e1-b1")
START = Facts(elapsed_s=0, since_confirmed_s=None, acknowledged=False, arrived=False, over=False, drill=False)
OWN = """
plans:
  - id: own
    names: {zh: 本小区, en: Ours}
    codes: ["FIRE-*"]
    place: e1
    stages:
      - steps: [{do: send, role: PM}]
"""


def test_every_code_of_the_catalogue_has_a_plan_of_its_own_or_of_its_family() -> None:
    for rule in load_catalogue().rules:
        choice = choose(shipped(), rule.code, PATH)
        assert choice is not None, rule.code
        assert choice.code is not CodeMatch.ANY, rule.code


def test_shipped_plans_tell_whom_the_catalogue_names_and_nobody_too_early() -> None:
    catalogue = load_catalogue()
    chosen = {rule.code: choose(shipped(), rule.code, PATH) for rule in catalogue.rules}
    for code, choice in chosen.items():
        assert choice is not None
        assert mismatches(replace(choice.plan, codes=(code,)), catalogue) == (), code


def test_an_unknown_code_falls_to_the_general_plan() -> None:
    choice = choose(shipped(), "ABC-999", PATH)
    assert choice is not None
    assert (choice.plan.id, choice.code) == ("general", CodeMatch.ANY)


def test_the_most_specific_place_wins_before_the_most_specific_code() -> None:
    own = parse(OWN, "own.yaml")
    choice = choose((*shipped(), *own), "FIRE-001", PATH)
    assert choice is not None
    assert (choice.plan.id, choice.place, choice.code) == ("own", "e1", CodeMatch.FAMILY)
    assert "fire-smoke" in choice.beaten
    elsewhere = choose((*shipped(), *own), "FIRE-001", (*PATH[:3], "e2"))
    assert elsewhere is not None
    assert elsewhere.plan.id == "fire-smoke"


@pytest.mark.parametrize(
    ("change", "line", "problem"),
    [
        (("role: PM", "role: PMM"), 8, "did you mean 'PM'"),
        (("do: send", "do: sned"), 8, "sned"),
        (('"FIRE-*"', "fire"), 5, "does not match|pattern|regex"),
        (("place: e1", "plaze: e1"), None, "plaze"),
        (
            ("steps: [{do: send, role: PM}]", "when: unanswered\n        steps: [{do: send, role: PM}]"),
            8,
            "until",
        ),
        (("steps: [", "order: in_order\n        steps: [{do: camera}, "), 8, "each"),
        (("role: PM", "role: PM, skills: [fyre]"), 8, "did you mean 'fire'"),
    ],
)
def test_a_mistake_is_told_with_its_place(change: tuple[str, str], line: int | None, problem: str) -> None:
    with pytest.raises(RuleError, match=problem) as caught:
        parse(OWN.replace(*change), "own.yaml")
    assert line is None or caught.value.line == line
    assert said_in_chinese(caught.value.problem)


def plan_of(code: str) -> tuple[Due, ...]:
    choice = choose(shipped(), code, PATH)
    assert choice is not None
    return timetable(choice.plan)


def test_a_fire_calls_119_only_once_somebody_has_confirmed() -> None:
    steps = plan_of("FIRE-001")
    brigade = next(due for due in steps if isinstance(due.step, Tell) and due.step.to == "119")
    for elapsed in (0, 60, 3600):
        assert decide(brigade, replace(START, elapsed_s=elapsed)) is Verdict.WAIT
    confirmed = replace(START, elapsed_s=5, since_confirmed_s=0)
    assert decide(brigade, confirmed) is Verdict.GO
    assert decide(brigade, replace(confirmed, drill=True)) is Verdict.WITHHELD


def test_who_answers_spares_the_others() -> None:
    late = [due for due in plan_of("FIRE-001") if due.when is When.UNANSWERED]
    assert [due.after_s for due in late] == [120, 180]
    quiet = replace(START, elapsed_s=121)
    assert [decide(due, quiet) for due in late] == [Verdict.GO, Verdict.WAIT]
    answered = replace(quiet, acknowledged=True)
    assert {decide(due, answered) for due in late} == {Verdict.NOT_NEEDED}


def test_the_next_look_is_when_the_next_step_falls_due() -> None:
    waiting = [due for due in plan_of("FIRE-001") if decide(due, START) is Verdict.WAIT]
    assert next_look(waiting, START) == 120
    only_confirm = [due for due in waiting if due.when is When.CONFIRMED]
    assert next_look(only_confirm, START) is None


FACTS = st.builds(
    Facts,
    elapsed_s=st.floats(0, 1e5),
    since_confirmed_s=st.none() | st.floats(0, 1e5),
    acknowledged=st.booleans(),
    arrived=st.booleans(),
    over=st.booleans(),
    drill=st.booleans(),
)


@given(FACTS, st.sampled_from(sorted({rule.code for rule in load_catalogue().rules})))
def test_no_outside_party_is_called_in_a_drill_nor_after_the_end(facts: Facts, code: str) -> None:
    for due in plan_of(code):
        verdict = decide(due, facts)
        if isinstance(due.step, Tell) and due.step.to in OUTSIDE and (facts.drill or facts.over):
            assert verdict is not Verdict.GO


@given(FACTS, st.sampled_from(sorted({rule.code for rule in load_catalogue().rules})))
def test_a_step_that_waits_by_time_is_looked_at_again_and_then_decided(facts: Facts, code: str) -> None:
    facts = replace(facts, over=False)
    waiting = [due for due in plan_of(code) if decide(due, facts) is Verdict.WAIT]
    look = next_look(waiting, facts)
    if look is None:
        assert all(due.when is When.CONFIRMED for due in waiting)
        return
    later = replace(
        facts,
        elapsed_s=facts.elapsed_s + look + 1e-3,
        since_confirmed_s=None if facts.since_confirmed_s is None else facts.since_confirmed_s + look + 1e-3,
    )
    assert any(decide(due, later) is not Verdict.WAIT for due in waiting)


def test_a_plan_that_forgets_somebody_or_calls_119_unasked_is_found_out() -> None:
    own = parse(
        OWN.replace("{do: send, role: PM}", "{do: tell, to: '119', text: {zh: a, en: b}}"), "own.yaml"
    )
    told = mismatches(own[0], load_catalogue())
    assert "FIRE-001: PM is not told" in told
    assert "FIRE-001: 119 is told before anybody has confirmed" in told
    assert parties(own[0], confirmed=False) == {"119"}


def test_every_shipped_plan_can_be_written_down_and_read_again() -> None:
    for plan in shipped():
        (again,) = parse(plan.source, f"{plan.id}.yaml")
        assert timetable(again) == timetable(plan)
        assert (again.id, again.codes, again.name_zh) == (plan.id, plan.codes, plan.name_zh)
