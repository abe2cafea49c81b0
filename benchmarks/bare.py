"""The bare limit: a paho subscriber with manual acknowledgement that does nothing with what it gets.

`python -m benchmarks.bare HOST PORT USER COUNT` prints the seconds from the first message
to the last one's acknowledgement, and the processor time that they took. The password comes in
`LOAD_PASSWORD`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

WINDOW = 8000  # as ingest's


def main() -> None:
    """Subscribe, say `ready`, count, acknowledge, tell the time."""
    host, port, user, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    times: list[float] = []
    spent: list[float] = []
    got = 0

    def on_message(client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        nonlocal got
        if not got:
            times.append(time.perf_counter())
            spent.append(time.process_time())
        got += 1
        client.ack(message.mid, 1)
        if got == count:
            times.append(time.perf_counter())
            spent.append(time.process_time())
            client.disconnect()

    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id="bench-bare", protocol=mqtt.MQTTv5, manual_ack=True
    )
    client.username_pw_set(user, os.environ["LOAD_PASSWORD"])
    client.max_inflight_messages_set(WINDOW)
    client.on_message = on_message
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.on_connect = lambda c, *_: c.subscribe("shequ/v1/+/+/+", qos=1)
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's own gap
    properties.ReceiveMaximum = WINDOW
    client.connect(host, port, properties=properties)
    client.loop_forever()
    print(json.dumps({"seconds": times[1] - times[0], "cpu_seconds": spent[1] - spent[0], "messages": got}))


if __name__ == "__main__":
    main()
