"""The words of the page for what rules explain and devices say: none is missing in either language."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from devices.profiles import READINGS
from devices.profiles.camera import NAMES, SHAPES
from rules.examples import play
from rules.ruleset import load_catalogue

WORDS = Path(__file__).parents[2] / "console" / "web" / "src" / "i18n"
SAID_BY = {"medium": "medium", "part": "part", "self_test": "doneOf", "config_status": "doneOf"}


def _block(text: str, name: str, indent: int) -> str:
    """The text of one nested object of a messages file."""
    pad = " " * indent
    form = rf"^{pad}{name}: \{{(?:\n(.*?)\n{pad}\}},| (.*?) \}},)$"
    found = re.search(form, text, re.DOTALL | re.MULTILINE)
    assert found, f"there are no words under {name}"
    return found[1] or found[2]


def _keys(block: str) -> set[str]:
    return set(re.findall(r"(?:^\s*|, )(\w+):", block, re.MULTILINE))


def _values() -> dict[str, set[str]]:
    """What each field of a message may be, where that is a fixed set."""
    found: dict[str, set[str]] = {}
    for reading in READINGS.values():
        for field in msgspec.inspect.type_info(reading).fields:  # type: ignore[attr-defined]
            kinds = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
            for kind in kinds:
                if isinstance(kind, msgspec.inspect.LiteralType):
                    found.setdefault(field.encode_name, set()).update(map(str, kind.values))
    return found


@pytest.fixture(params=["zh", "en"])
def text(request: pytest.FixtureRequest) -> str:
    return (WORDS / f"{request.param}.ts").read_text(encoding="utf-8")


def test_every_figure_of_an_explanation_has_a_name(text: str) -> None:
    told = {
        key
        for rule in load_catalogue().rules
        for example in rule.examples
        for signal in play(rule, example)
        for key in signal.explain
        if key != "data"
    }
    fields = {
        field.encode_name
        for reading in READINGS.values()
        for field in msgspec.inspect.type_info(reading).fields  # type: ignore[attr-defined]
    }
    assert "distinct" in told
    assert "density" in fields
    assert (told | fields) - _keys(_block(text, "explain", 2)) == set()


def test_every_label_of_a_camera_has_a_name(text: str) -> None:
    assert (NAMES | set(SHAPES)) - _keys(_block(_block(text, "event", 2), "object", 4)) == set()


def test_every_fixed_value_of_a_message_has_a_word(text: str) -> None:
    event = _block(text, "event", 2)
    missing = {
        (field, value)
        for field, values in _values().items()
        for value in values
        if value not in _keys(_block(event, SAID_BY[field], 4) if field in SAID_BY else event)
    }
    assert missing == set()
