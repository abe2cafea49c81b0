"""Both lines to the broker as the pipeline sees them: one source of messages, one place to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from devices.model import Device
from ingest.broker import Session
from ingest.early import EarlySession
from ingest.message import RawMessage


@dataclass(kw_only=True)
class Ears:
    """The session that hears everything, and the early one for what is about life (none in virtual time)."""

    first: Session
    early: EarlySession | None
    arrival: asyncio.Event
    _hurried: bool = False

    async def take(self, most: int, company: float) -> list[RawMessage]:
        """Wait for a message, then up to `company` seconds for others, and take at most `most`.

        What is about life waits for no company, and goes alone; the next batch takes the others along.
        """
        while not self._waiting():
            self.arrival.clear()
            await self.arrival.wait()
        if company and self._waiting() < most and not (self._ahead() or self.first.waiting.urgent):
            await asyncio.sleep(company)
        taken = self.early.waiting.take(most) if self.early else []
        self._hurried = bool(taken) and not self._hurried
        if not self._hurried and len(taken) < most:
            taken += self.first.waiting.take(most - len(taken))
        return taken

    def rush(self, most: int) -> list[RawMessage]:
        """Take what is about life and waits right now, at most `most`."""
        taken = self.early.waiting.rush(most) if self.early else []
        return taken + self.first.waiting.rush(most - len(taken))

    def ack(self, messages: Sequence[RawMessage]) -> None:
        """Answer each line what it brought, in its own order; `messages` are committed."""
        self.first.ack(m for m in messages if not m.early)
        if self.early:
            self.early.ack(m for m in messages if m.early)

    def follow(self, devices: Iterable[Device]) -> None:
        """Listen early to those of these devices that can speak of life."""
        if self.early:
            self.early.follow(devices)

    def trust(self, marker: datetime) -> None:
        """Take note that a marker of this time was committed, and everything sent before it."""
        if self.early:
            self.early.trust(marker)

    def _waiting(self) -> int:
        return len(self.first.waiting) + self._ahead()

    def _ahead(self) -> int:
        return len(self.early.waiting) if self.early else 0
