"""Predicates: what CEL says is true, lowered or not."""

from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.profiles import READINGS
from devices.profiles.camera import CameraObject
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Reading, State
from rules.lowering import NotSimpleError, kind_of, lower
from rules.predicate import BadPredicate, RuleFailed, by_cel, compile_predicate
from tests.phrases import said_in_chinese
from tests.strategies import readings_of

KINDS = st.sampled_from(sorted(READINGS))
_COMPARE = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


@st.composite
def simple(draw: st.DrawFn, reading: type[Reading], depth: int = 0) -> str:
    """A predicate of the shapes that are lowered."""
    shape = draw(st.integers(0, 6 if depth < 3 else 3))
    if shape > 3:
        left, right = draw(simple(reading, depth + 1)), draw(simple(reading, depth + 1))
        joined = [f"{left} && {right}", f"{left} || {right}", f"({left}) && ({right})"]
        return draw(
            st.sampled_from([*joined, f"!({left})", f"!({left} || {right})", f"!!({left} && {right})"])
        )
    name = draw(st.sampled_from(reading.__struct_fields__))
    if draw(st.booleans()):
        return draw(st.sampled_from([f"has(data.{name})", f"!has(data.{name})"]))
    kind, words = kind_of(get_type_hints(reading)[name])
    if kind is bool:
        return draw(st.sampled_from([f"data.{name}", f"!data.{name}", f"data.{name} == true"]))
    if kind is str:
        word = draw(st.sampled_from([*words, "a", "Tür", ""]))
        listed = f"data.{name} in ['{word}', 'b']"
        compared = f'"{word}" {draw(_COMPARE)} data.{name}'
        return draw(st.sampled_from([listed, compared, f"data.{name} == '{word}'"]))
    number = draw(st.sampled_from(["0", "1", "10", "0.5", "-3", "1e2", "15.25"]))
    mark = draw(_COMPARE)
    return draw(st.sampled_from([f"data.{name} {mark} {number}", f"{number} {mark} data.{name}"]))


@given(st.data(), KINDS)
def test_a_lowered_predicate_says_what_cel_says(data: st.DataObject, kind: str) -> None:
    reading = READINGS[kind]
    source = data.draw(simple(reading))
    lowered, true = lower(source, reading), by_cel(source)
    value = data.draw(readings_of(reading))
    assert lowered(value) is true(value), source


@given(st.data(), KINDS, st.text(alphabet="data.xyz&|!()[]<>='\"0159 -+in truefals", max_size=40))
def test_whatever_is_lowered_at_all_says_what_cel_says(data: st.DataObject, kind: str, source: str) -> None:
    reading = READINGS[kind]
    source = source.replace("x", reading.__struct_fields__[0])
    try:
        compiled = compile_predicate(source, reading)
    except BadPredicate:
        return
    value = data.draw(readings_of(reading))
    assert _answer(compiled, value) == _answer(by_cel(source), value)


def _answer(predicate: object, value: Reading) -> object:
    try:
        return predicate(value)  # type: ignore[operator]
    except RuleFailed:
        return "failed"


@pytest.mark.parametrize(
    "source",
    [
        "data.alarm && !data.test",
        "data.density >= 0.5",
        "data.alarm == true || data.test",
        "!data.alarm && (!has(data.density) || data.density < 10)",
        "data.alarm && !(data.test || has(data.density))",
    ],
)
def test_the_shapes_of_the_catalogue_are_lowered(source: str) -> None:
    lower(source, Smoke)


@pytest.mark.parametrize(
    "source",
    [
        "size(string(data.density)) > 2",
        "!data.alarm == true",
        "!(data.alarm) == true",
        "has(data.density) == true",
        "!" * 30 + "(data.alarm)",
        "data.alarm ? data.test : true",
        "data.density > 1 + 1",
        "data['alarm']",
        "data.density == 9007199254740993",
    ],
)
def test_other_shapes_are_left_to_cel(source: str) -> None:
    with pytest.raises(NotSimpleError):
        lower(source, Smoke)
    compile_predicate(source, Smoke)


@pytest.mark.parametrize("source", ["data.density > 0", "data.density < 1000", "data.density != 1"])
def test_what_needs_an_absent_field_does_not_match(source: str) -> None:
    assert compile_predicate(source, Smoke)(Smoke(alarm=True)) is False
    assert by_cel(source)(Smoke(alarm=True)) is False


def test_an_absent_flag_neither_matches_nor_does_its_denial() -> None:
    silent = Sos(action="pressed")
    assert not compile_predicate("data.voice", Sos)(silent)
    assert not compile_predicate("!data.voice", Sos)(silent)
    assert compile_predicate("!has(data.voice)", Sos)(silent)


def test_an_absent_field_does_not_spoil_the_other_branch() -> None:
    predicate = compile_predicate("data.density > 5 || data.alarm", Smoke)
    assert predicate(Smoke(alarm=True))
    assert not predicate(Smoke(alarm=False))


@pytest.mark.parametrize(
    ("source", "reading", "offset", "hint"),
    [
        ("data.alrm", Smoke, 5, "did you mean 'alarm'"),
        ("data.alarm && data.tset", Smoke, 19, "did you mean 'test'"),
        ("data['alrm']", Smoke, 5, "did you mean 'alarm'"),
        ("alarm", Smoke, 0, "data only"),
        ("data.alarm && test", Smoke, 14, "data only"),
        ("data.alarm &&", Smoke, 13, "Syntax error"),
        ("data.battery > 'ten'", State, 0, "overload"),
        ("data.battery", State, 0, "not true or false"),
        ("size(data.track)", CameraObject, 0, "not true or false"),
        ("nosuch(data.track)", CameraObject, 0, "nosuch"),
        ("", Smoke, 0, "Syntax error"),
        ("data.alarm" + " " * 3000, Smoke, 0, "at most"),
    ],
)
def test_a_bad_predicate_is_refused_at_its_place(
    source: str, reading: type[Reading], offset: int, hint: str
) -> None:
    with pytest.raises(BadPredicate) as caught:
        compile_predicate(source, reading)
    assert hint.lower() in caught.value.problem.lower().replace("`", "")
    assert caught.value.offset == offset
    assert said_in_chinese(caught.value.problem)


def test_a_macro_may_bind_a_name_of_its_own() -> None:
    predicate = compile_predicate("[1, 2].exists(n, n > 1) && data.alarm", Smoke)
    assert predicate(Smoke(alarm=True))


def test_a_failure_at_run_time_names_the_predicate() -> None:
    predicate = compile_predicate("data.count > 0 && 10 / (data.count - 1000) < 1", CameraObject)
    with pytest.raises(RuleFailed) as caught:
        predicate(CameraObject(track="1", label="car", phase="enter", score=1.0, count=1000))
    assert caught.value.stage == "judge"
    assert caught.value.fault == "rule_failed"
    assert "data.count" in caught.value.detail


def test_every_hint_of_a_reading_has_a_plain_kind() -> None:
    for reading in READINGS.values():
        hints = get_type_hints(reading)
        assert {kind_of(hints[name])[0] for name in reading.__struct_fields__} <= {bool, int, float, str}
