"""Programs that benchmarks and drills start beside the platform: started, and listened to."""

from __future__ import annotations

import asyncio
import os
import sys

from simulators.stack import Login


async def start_python(*words: str, login: Login) -> asyncio.subprocess.Process:
    """Start a benchmark program of ours."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "LOAD_PASSWORD": login.password},
    )


async def line_of(process: asyncio.subprocess.Process) -> str:
    """Read one line of its answer."""
    if process.stdout is None:
        raise RuntimeError("no output")
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError(f"a benchmark program ended with {await process.wait()}")
    return line.decode()
