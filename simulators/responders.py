"""People who are sent, as the platform meets them: over HTTP, with a phone each, and each with habits.

They know the devices' vocabulary and what the HTTP contract tells them, nothing of the platform's code.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Any, Final

import httpx

from devices.errors import DrillError
from simulators.timeline import seeded

_LOOK: Final = 0.2  # seconds between two looks at the phone
_PATIENCE: Final = 60.0  # seconds an order may take to the phone
_CONFLICT: Final = 409
_LOG = logging.getLogger("shequ.simulators")


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """How somebody answers an order, as shares of the time that was promised."""

    sign: float | None = 0.3  # of the time to sign; None: forgets it
    arrive: float = 0.4  # of the time to arrive
    rejects: bool = False  # hands the order back
    twice: bool = False  # a bad network: every move is sent twice


HABITS: Mapping[str, Habit] = MappingProxyType(
    {
        "prompt": Habit(),
        "late": Habit(sign=1.3, arrive=0.6),
        "slow": Habit(arrive=1.25),
        "forgets": Habit(sign=None),
        "rejects": Habit(rejects=True),
        "doubled": Habit(twice=True),
        "very_slow": Habit(arrive=1.7),
        "last_minute": Habit(sign=0.9, arrive=0.9),
    }
)
"""By name, in the order in which a shift meets them."""


class Person:
    """Somebody who is logged in."""

    def __init__(self, name: str, client: httpx.AsyncClient, token: str) -> None:
        self.name, self._client = name, client
        self._headers = {"Authorization": f"Bearer {token}"}

    @classmethod
    async def log_in(cls, client: httpx.AsyncClient, name: str, password: str) -> Person:
        """Open a session."""
        answer = await client.post("/api/token", data={"username": name, "password": password})
        return cls(name, client, answer.raise_for_status().json()["access_token"])

    async def get(self, path: str, **query: Any) -> Any:
        """Read."""
        answer = await self._client.get(path, headers=self._headers, params=query)
        return answer.raise_for_status().json()

    async def post(self, path: str, body: Mapping[str, Any], *, method: str = "POST") -> httpx.Response:
        """Write; what the platform refuses is the caller's to judge."""
        return await self._client.request(method, path, headers=self._headers, json=dict(body))

    async def must(self, path: str, body: Mapping[str, Any], *, method: str = "POST") -> Any:
        """Write what must be accepted; raises DrillError where it is not."""
        answer = await self.post(path, body, method=method)
        if not answer.is_success:
            raise DrillError(f"{self.name}: {path} {dict(body)}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    async def order(self, incident: int) -> int:
        """Wait until the phone shows the order for a case; raises DrillError where it never does."""
        for _ in range(int(_PATIENCE / _LOOK)):
            for item in (await self.get("/api/orders/mine", limit=200))["items"]:
                if item["incident_id"] == incident:
                    return int(item["id"])
            await asyncio.sleep(_LOOK)
        raise DrillError(f"{self.name} never got the order for case {incident}")

    async def move(self, order: int, action: str, *, rng: Random, twice: bool = False, **more: Any) -> None:
        """Make a move on the phone; raises DrillError where it is not done at once."""
        body = {"action": action, "key": new_key(rng), **more}
        for _ in range(2 if twice else 1):
            answer = await self.must(f"/api/orders/{order}/actions", body)
            if answer["outcome"] != "done":
                raise DrillError(f"{self.name}: {action} came to {answer['outcome']}: {answer['why']}")

    async def refused(self, path: str, body: Mapping[str, Any]) -> bool:
        """Try what must not be allowed."""
        answer = await self.post(path, body)
        return answer.is_client_error and answer.status_code != _CONFLICT


@dataclass(frozen=True, kw_only=True, slots=True)
class Calm:
    """How long people take where somebody is watching them: seconds before each step, from and to."""

    acknowledge: tuple[float, float] = (40, 80)
    arrive: tuple[float, float] = (60, 120)
    handle: tuple[float, float] = (10, 20)
    report_back: tuple[float, float] = (60, 150)

    def pause(self, action: str, rng: Random) -> float:
        """Draw the time before a step."""
        return rng.uniform(*getattr(self, action))


STEPS: Final = ("acknowledge", "arrive", "handle", "report_back")
_WORDS: Final = ("现场已处置，安全", "误报，现场无异常", "已联系住户，问题已解决")
_LOOK_LIVE: Final = 10.0


async def answer_orders(
    address: str,
    passwords: Mapping[str, str],
    *,
    seed: int,
    calm: Calm | None = None,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Answer everybody's orders at a calm pace until cancelled; the platform may go and come back."""
    rng, calm, due = seeded(seed, "responders"), calm or Calm(), dict[tuple[int, str], float]()
    while True:
        try:
            async with httpx.AsyncClient(base_url=address, timeout=10) as client:
                people = [await Person.log_in(client, *login) for login in passwords.items()]
                while True:
                    for person in people:
                        await _answer(person, rng, calm, due, now())
                    await asyncio.sleep(_LOOK_LIVE)
        except (httpx.HTTPError, DrillError) as exc:
            _LOG.info("responders wait for the platform: %s", exc, extra={"action": "responders_wait"})
            await asyncio.sleep(_LOOK_LIVE)


async def _answer(
    person: Person, rng: Random, calm: Calm, due: dict[tuple[int, str], float], now: float
) -> None:
    """Take the next step of each order whose time has come."""
    for order in (await person.get("/api/orders/mine", limit=100))["items"]:
        step = next((action for action in STEPS if action in order["legal"]), None)
        if step is None:
            continue
        key = (int(order["id"]), step)
        if now < due.setdefault(key, now + calm.pause(step, rng)):
            continue
        more: dict[str, Any] = {"text": rng.choice(_WORDS)} if step == "report_back" else {}
        if step == "arrive" and order["lat"] is not None:
            more["position"] = {"lat": order["lat"], "lon": order["lon"], "accuracy_m": 12}
        await person.post(f"/api/orders/{order['id']}/actions", {"action": step, "key": new_key(rng), **more})
        del due[key]


def new_key(rng: Random) -> str:
    """Name a move, as a phone does."""
    return f"{rng.getrandbits(64):016x}"
