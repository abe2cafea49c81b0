"""Rule files: read into rules, or refused at the place that is wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import RuleError
from rules.alert import Reason
from rules.ruleset import Ruleset, parse
from rules.spec import known_keys
from rules.wording import REASON_NAMES
from tests.phrases import said_in_chinese

GOOD = """\
rules:
  - code: FIRE-009
    names: {zh: 试验, en: Trial}
    severity: 2
    subject: device
    condition:
      kind: threshold
      when:
        smoke: data.alarm && !data.test
    repeat: 60s
    roles: [PM, "119"]
    sla: {accept: 60s, close: 2h}
"""
HELD = GOOD.replace("kind: threshold", "kind: held\n      for: 5m")
COUNT = GOOD.replace(
    "kind: threshold", "kind: count\n      at_least: 3\n      within: 60s\n      quiet_for: 10m"
)
ABSENCE = GOOD.replace("kind: threshold", "kind: absence\n      steps:\n        - {after: 24h, severity: 3}")


@pytest.mark.parametrize("text", [GOOD, HELD, COUNT, ABSENCE])
def test_a_good_file_is_read(text: str) -> None:
    (rule,) = parse(text, "trial.yaml")
    assert (rule.id, rule.code, rule.line, rule.ends) == ("FIRE-009", "FIRE-009", 2, True)


@pytest.mark.parametrize(
    ("text", "old", "new", "line", "column", "hint"),
    [
        (GOOD, "data.alarm", "data.alrm", 9, 21, "did you mean 'alarm'"),
        (GOOD, "&& !data.test", "&& !data.tset", 9, 36, "did you mean 'test'"),
        (GOOD, "data.alarm &&", "data.alarm & &", 9, 27, "CEL"),
        (GOOD, "smoke: data.alarm && !data.test", "smoke: '!data.alrm'", 9, 23, "did you mean 'alarm'"),
        (GOOD, "smoke: data.alarm && !data.test", "smoke: !data.alarm", 9, 16, "quotes"),
        (GOOD, "smoke: data", "smok: data", 9, 9, "did you mean 'smoke'"),
        (GOOD, "severity: 2", "severty: 2", 4, 5, "did you mean 'severity'"),
        (GOOD, "kind: threshold", "kynd: threshold", 7, 7, "unknown key 'kynd'; did you mean 'kind'"),
        (GOOD, "kind: threshold", "lasts: 5m", 7, 7, "'kind' is missing: write one of threshold, held"),
        (GOOD, "severity: 2", "severity: 5", 4, 15, "<= 4"),
        (GOOD, "severity: 2", "severity: high", 4, 15, "`int`"),
        (GOOD, '"119"', "119", 11, 17, "in quotes"),
        (GOOD, "repeat: 60s", "repeat: 60", 10, 13, "write 30s, 5m"),
        (GOOD, "repeat: 60s", "repeat: 1 minute", 10, 13, "write 30s, 5m"),
        (GOOD, "repeat: 60s", "repeat: 0s", 10, 13, "out of range"),
        (GOOD, "accept: 60s", "accept: 999999d", 12, 19, "out of range"),
        (GOOD, "kind: threshold", "kind: treshold", 7, 13, "threshold, held, count, distinct"),
        (GOOD, "subject: device", "subject: devices", 5, 14, "device, person, place, building"),
        (GOOD, "subject: device", "subject: person", 9, 9, "names no person"),
        (GOOD, "code: FIRE-009", "code: fire", 2, 11, "as in FIRE-001"),
        (GOOD, "    roles: [PM", "    roles [PM", 12, 5, "not YAML"),
        (GOOD, "    severity: 2\n", "", 2, 5, "the key 'severity' is missing: add it"),
        (GOOD, "    severity: 2\n", "    severity: 2\n    severity: 3\n", 5, 5, "duplicate"),
        (GOOD, "zh: 试验", "zh: 2026-03-01", 3, 17, "quote it"),
        (GOOD, "data.alarm && !data.test", "data.density > 'a'", 9, 16, "overload"),
        (HELD, "      for: 5m\n", "", 7, 7, "for"),
        (COUNT, "at_least: 3", "at_least: 1", 8, 17, ">= 2"),
        (COUNT, "quiet_for: 10m", "quiet_for: 10s", 10, 18, "within"),
        (ABSENCE, "subject: device", "subject: place", 5, 14, "per device or per person"),
        (ABSENCE, "severity: 3}", "severity: 3}\n        - {after: 12h, severity: 2}", 10, 19, "later"),
        (
            ABSENCE,
            "severity: 3}",
            "severity: 3}\n        - {after: offline_after, severity: 2}",
            10,
            19,
            "single",
        ),
        (ABSENCE, "smoke: data.alarm && !data.test", '"*": data.alarm', 11, 14, "write true"),
    ],
)
def test_a_mistake_is_shown_where_it_is_with_the_way_to_mend_it(
    text: str, old: str, new: str, line: int, column: int, hint: str
) -> None:
    assert old in text
    with pytest.raises(RuleError) as caught:
        parse(text.replace(old, new, 1), "trial.yaml")
    error = caught.value
    assert hint in error.problem
    assert said_in_chinese(error.problem)
    assert (error.file, error.line, error.column) == ("trial.yaml", line, column)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rules",
        "[]",
        "rules: {}",
        "\t",
        "a: &a [*a]",
        "rules: " + "[" * 5000,
        "{1: 2}",
        "? [a]\n: b",
        "%YAML 9.9\n---\n",
        "!!python/object:os.system x",
        "rules: !!binary x",
        "\x00",
        "--- a\n--- b\n",
        "x: " + "y" * 300_000,
        (
            "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n"
            "d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d]\n"
        ),
        "rules: 0777777777777777777777777",
        "rules: .inf",
        "rules: 2026-99-99",
    ],
)
def test_odd_files_raise_a_rule_error_and_nothing_else(text: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(text, "odd.yaml")
    assert caught.value.line >= 1
    assert caught.value.column >= 1


@given(st.text(alphabet="rules:- \n\t{}[]!&*'\"#|>%@,?1.~", max_size=60))
def test_arbitrary_text_raises_a_rule_error_or_nothing(text: str) -> None:
    _only_rule_errors(text)


@given(st.data())
def test_a_spoiled_rule_file_raises_a_rule_error_or_nothing(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([GOOD, HELD, COUNT, ABSENCE]))
    place = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(place, min(len(text), place + 12)))
    _only_rule_errors(text[:place] + data.draw(st.text(max_size=6)) + text[end:])


def _only_rule_errors(text: str) -> None:
    try:
        parse(text, "any.yaml")
    except RuleError as exc:
        assert exc.problem  # noqa: PT017 - most texts raise, some do not


def test_two_rules_may_not_share_an_id() -> None:
    with pytest.raises(RuleError, match="taken"):
        Ruleset((*parse(GOOD, "a.yaml"), *parse(GOOD, "b.yaml")))


def test_rules_of_one_code_judge_the_same_kind_of_subject() -> None:
    other = GOOD.replace("subject: device", "subject: place\n    id: second")
    with pytest.raises(RuleError, match="per device"):
        Ruleset((*parse(GOOD, "a.yaml"), *parse(other, "b.yaml")))


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(REASON_NAMES) == set(Reason)
    assert all(zh and en for zh, en in REASON_NAMES.values())


def test_the_examples_of_the_guide_are_read() -> None:
    guide = (Path(__file__).parents[2] / "docs/howto/write-a-rule.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    codes = [parse(text, "write-a-rule.md")[0].code for text in examples]
    assert codes == ["FIRE-005", "FIRE-105", "DEV-102"]


def test_the_guide_names_every_key_of_a_rule_file() -> None:
    guide = (Path(__file__).parents[2] / "docs/howto/write-a-rule.md").read_text("utf-8")
    catalogue = "".join(
        f.read_text("utf-8") for f in (Path(__file__).parents[2] / "rules/catalogue").glob("*.yaml")
    )
    assert [key for key in known_keys() if key not in guide + catalogue] == []
