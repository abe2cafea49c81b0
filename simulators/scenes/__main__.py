"""`python -m simulators.scenes PORT`: the demonstration's scene over RTSP, as `rtsp://127.0.0.1:PORT/demo`."""

from __future__ import annotations

import asyncio
import signal
import sys

from simulators.scenes.catalogue import demo
from simulators.scenes.rtsp import serve_rtsp


async def run(port: int) -> None:
    """Serve until signalled."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve_rtsp({"demo": demo(1)}, port=port):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1])))
