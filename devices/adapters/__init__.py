"""The foreign dialects this platform understands, one file each; a new one is a new file and a line here.

GB/T 26875, GB/T 28181 and GA/T 1400 are not MQTT: each gets a server of its own in `ingest/`
that publishes under `shequ-platform/stream/<dialect>/`, and its adapter here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from devices.adapter import Adapter
from devices.adapters import (
    dahua,
    esphome,
    frigate,
    hikvision,
    home_assistant,
    onvif,
    tasmota,
    zigbee2mqtt,
)

_DIALECTS = (
    zigbee2mqtt.ADAPTER,
    frigate.ADAPTER,
    onvif.ADAPTER,
    hikvision.ADAPTER,
    dahua.ADAPTER,
    home_assistant.ADAPTER,
    tasmota.ADAPTER,
    esphome.ADAPTER,
)

ADAPTERS: Mapping[str, Adapter] = MappingProxyType({a.dialect: a for a in _DIALECTS})
