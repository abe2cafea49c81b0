"""What arrived: each key once, and how often it came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message as its receiver would read it."""

    number: int
    way: str  # sms, voice, webhook, wecom, dingtalk, email, smpp
    key: str
    to: str
    text: str


@dataclass(slots=True)
class Ledger:
    """The receivers' common book."""

    messages: list[Message] = field(default_factory=list)
    arrivals: Counter[str] = field(default_factory=Counter)
    _numbers: dict[tuple[str, str], Message] = field(default_factory=dict)

    def take(self, *, way: str, key: str, to: str, text: str) -> Message:
        """Accept a message; one whose key was seen before changes nothing but the count."""
        self.arrivals[key] += 1
        known = self._numbers.get((way, key))
        if known is not None:
            return known
        message = Message(number=len(self.messages) + 1, way=way, key=key, to=to, text=text)
        self._numbers[way, key] = message
        self.messages.append(message)
        return message

    def texts(self, way: str) -> list[str]:
        """Answer what arrived one way."""
        return [message.text for message in self.messages if message.way == way]
