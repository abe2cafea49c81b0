"""`python -m simulators.receivers`: gateway, message centre and mail server for `shequ up`.

Reads one JSON document on the command line: ports, secrets, and where receipts go.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

from simulators.receivers.centre import Centre
from simulators.receivers.gateway import Gateway
from simulators.receivers.ledger import Ledger
from simulators.receivers.mail import MailServer
from simulators.receivers.serving import serving


async def run(wanted: dict[str, Any]) -> None:
    """Serve until signalled."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ledger = Ledger()
    gateway = Gateway(
        ledger=ledger,
        secret=wanted["secret"],
        robot_secret=wanted["secret"],
        clock=time.time,  # noqa: TID251 - another party's clock
        console=wanted["console"],
        endpoints={"sms": "local-sms", "voice": "local-voice"},
    )
    async with AsyncExitStack() as parts:
        await parts.enter_async_context(serving(gateway.app(), wanted["http"]))
        centre = Centre(ledger=ledger, system_id="shequ", password=wanted["password"], port=wanted["smpp"])
        await parts.enter_async_context(centre.running())
        await parts.enter_async_context(MailServer(ledger=ledger, port=wanted["mail"]).running())
        group = await parts.enter_async_context(asyncio.TaskGroup())
        reporting = group.create_task(gateway.report(), name="receivers.report")
        await stop.wait()
        reporting.cancel()


if __name__ == "__main__":
    asyncio.run(run(json.loads(sys.argv[1])))
