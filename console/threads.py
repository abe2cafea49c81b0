"""Costly work beside the event loop, only so much of a kind at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, Unpack

import anyio.to_thread
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar

T = TypeVar("T")
Args = TypeVarTuple("Args")


class Threads:
    """Runs one kind of work in threads, `at_once` of them at most per event loop."""

    def __init__(self, name: str, at_once: int) -> None:
        self._at_once = at_once
        # each event loop's own: anyio's cannot be shared between loops
        self._limiter: RunVar[CapacityLimiter] = RunVar(name)

    async def run(self, work: Callable[[Unpack[Args]], T], *args: *Args) -> T:
        """Answer what the work answers; whoever comes while all are busy waits."""
        try:
            limiter = self._limiter.get()
        except LookupError:
            self._limiter.set(limiter := CapacityLimiter(self._at_once))
        return await anyio.to_thread.run_sync(work, *args, limiter=limiter)
