"""Home Assistant is told of native devices, of changes, and of those that are gone."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from devices.adapter import Said
from devices.adapters.home_assistant import ADAPTER, announcements
from devices.model import Registry
from devices.profiles import PROFILES
from ingest import announce
from tests.strategies import PLACES, device

SMOKE = device("smoke-1", "smoke_sensor")
GATE = device("gate-1", "access_gate")
FOREIGN = device("bed", "sos_button", dialect="zigbee2mqtt")


def test_a_smoke_sensor_shows_its_alarm_and_its_battery() -> None:
    alarm, battery = announcements(SMOKE)
    assert alarm.topic == "homeassistant/binary_sensor/shequ_smoke-1_smoke/config"
    config = msgspec.json.decode(alarm.payload)
    assert config["device_class"] == "smoke"
    assert config["state_topic"] == "shequ/v1/tuoshui/smoke-1/event"
    assert config["availability_topic"] == "shequ/v1/tuoshui/smoke-1/availability"
    assert "value_json.type == 'smoke'" in config["value_template"]
    assert msgspec.json.decode(battery.payload)["state_topic"] == "shequ/v1/tuoshui/smoke-1/state"
    assert alarm.retain
    assert battery.retain


@pytest.mark.parametrize("family", sorted(PROFILES))
def test_every_announcement_is_one_that_our_own_discovery_reads(family: str) -> None:
    for wire in announcements(device("d-1", family)):
        assert ADAPTER.match(wire.topic) is not None
        assert ADAPTER.read(wire.topic, wire.payload) == tuple[Said, ...]()


def test_what_is_new_changed_or_gone_is_published_once() -> None:
    told: dict[str, bytes] = {}
    registry = Registry.of(places=PLACES, devices=[SMOKE, GATE, FOREIGN])
    first = announce.due(registry, told)
    assert len(first) == 4
    assert not any("bed" in topic for topic, _ in first), "Home Assistant knows foreign devices by themselves"
    told.update(first)
    assert announce.due(registry, told) == []
    renamed = Registry.of(places=PLACES, devices=[replace(SMOKE, name_en="Kitchen"), GATE])
    assert len(announce.due(renamed, told)) == 2
    gone = announce.due(Registry.of(places=PLACES, devices=[SMOKE]), told)
    assert [payload for _, payload in gone] == [b"", b""]
