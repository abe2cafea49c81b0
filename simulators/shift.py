"""A shift: calls for help, fires and reports, worked on by an operator, a leader and people with habits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import aiomqtt
import httpx

from devices.errors import DrillError
from devices.model import Device
from devices.profile import Message
from devices.profiles import PROFILES
from devices.profiles.smoke_sensor import Smoke
from devices.profiles.sos_button import Sos
from devices.reading import Reading
from simulators.community import Community
from simulators.responders import HABITS, Habit, Person
from simulators.shift_ledger import LIMITS, CaseLedger, Moment
from simulators.timeline import seeded

_LOOK: Final = 0.1  # seconds between two looks at the list of alerts
_PATIENCE: Final = 60.0
UNATTENDED: Final = timedelta(seconds=30)  # then the platform dispatches severity 1 by itself
SPREAD: Final = 0.5  # seconds between the beginnings of two cases
KINDS: Final = ("SOS-001", "REPORT/2", "FIRE-001", "REPORT/2", "REPORT/1")
_TITLES: Final = ("楼道堆物", "电动车上楼", "单元门损坏", "邻里纠纷", "路面积水")


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One thing that happens in a shift."""

    number: int
    kind: str
    habit: str
    starts: float  # seconds after the shift's begin
    place: str
    title: str
    device: Device | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Crew:
    """Who works: two people for each case, so that one can stand in for the other."""

    operator: Person
    leader: Person
    first: Person
    second: Person


def plan_shift(seed: int, cases: int, community: Community) -> tuple[Case, ...]:
    """Lay out a shift; every habit meets every kind before long."""
    rng = seeded(seed, "shift")
    estate = community.estates[0]
    spare = {
        "SOS-001": list(community.family("sos_button", estate)),
        "FIRE-001": list(community.family("smoke_sensor", estate)),
    }
    habits = list(HABITS)
    planned = []
    for number in range(cases):
        kind = KINDS[(number + number // len(KINDS)) % len(KINDS)]
        pool = spare.get(kind, [])
        device = pool.pop(rng.randrange(len(pool))) if pool else None
        planned.append(
            Case(
                number=number,
                kind=kind if device or kind.startswith("REPORT") else "REPORT/2",
                habit=habits[number % len(habits)],
                starts=number * SPREAD,
                place=device.place if device else estate,
                title=rng.choice(_TITLES),
                device=device,
            )
        )
    return tuple(planned)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """What every case of a shift shares."""

    seed: int
    speed: float
    clock: Callable[[], datetime]
    gateway: aiomqtt.Client
    people: Mapping[str, Person]  # by the name they are known by

    async def timed(self, work: Awaitable[Any]) -> tuple[Any, Moment]:
        """Do something and say between which moments it was done."""
        lo = self.clock()
        result = await work
        return result, Moment(lo=lo, hi=self.clock())

    async def until(self, moment: datetime) -> None:
        """Wait for a moment; one that has passed is not waited for."""
        await asyncio.sleep(max(0.0, (moment - self.clock()).total_seconds()))


async def play(shift: Shift, cases: Sequence[tuple[Case, Crew]]) -> list[CaseLedger]:
    """Play all cases beside each other; answers what must have come of them."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_Play(shift, case, crew).run(), name=f"shift.case{case.number}")
            for case, crew in cases
        ]
    return [task.result() for task in tasks]


class _Play:
    """One case from its beginning to its close."""

    def __init__(self, shift: Shift, case: Case, crew: Crew) -> None:
        self._shift, self._case, self._crew = shift, case, crew
        self._rng: Random = seeded(shift.seed, "case", case.number)
        self._habit: Habit = HABITS[case.habit]
        accept, arrive, close = (limit / shift.speed for limit in LIMITS[case.kind])
        self._sign, self._arrive, self._close = accept, arrive, close
        self._first, self._second = crew.first, crew.second
        self._ledger = CaseLedger(name=f"{case.number}:{case.kind}", habit=case.habit)

    async def run(self) -> CaseLedger:
        """Play it; a case that cannot be played to its end says why in its ledger."""
        await asyncio.sleep(self._case.starts)
        try:
            await self._play()
        except (DrillError, httpx.HTTPError) as exc:
            self._ledger.failure = f"{type(exc).__name__}: {exc}"
        return self._ledger

    async def _play(self) -> None:
        began = await (self._alarm() if self._case.device else self._report())
        worker = await self._send_somebody()
        await self._on_the_spot(worker, began)
        await self._check(worker)

    def _note(self, action: str, who: Person) -> None:
        self._ledger.moves.append((action, who.name))

    async def _alarm(self) -> Moment:
        """A device calls and no operator is there: the platform dispatches, and its plan names somebody."""
        device = self._case.device
        if device is None:
            raise DrillError(f"case {self._ledger.name} has no device")
        alert, began = await self._shift.timed(self._seen(device))
        wait = UNATTENDED / self._shift.speed
        self._ledger.auto = Moment(lo=began.lo + wait, hi=began.hi + wait)
        case = await self._dispatched(alert)
        self._ledger.incident = int(case["id"])
        sent = Moment(lo=self._ledger.auto.lo, hi=self._shift.clock())
        self._promise(began, accepted=None, sent=sent)
        named = str(next((one["person"] for one in case["orders"] if one["role"] == "lead"), None))
        if named not in self._shift.people:
            raise DrillError(f"case {self._ledger.name}: the plan named {named}, who has no phone")
        self._ledger.named, self._first = named, self._shift.people[named]
        if self._second.name == named:
            self._second = self._crew.first
        return began

    async def _dispatched(self, alert: int) -> Mapping[str, Any]:
        """Wait for what the platform does by itself; answers the case."""
        for _ in range(int(_PATIENCE / _LOOK)):
            found = await self._crew.operator.get(f"/api/alerts/{alert}")
            if found["incident"] is not None:
                case: Mapping[str, Any] = await self._crew.operator.get(
                    f"/api/incidents/{found['incident']['id']}"
                )
                return case
            await asyncio.sleep(_LOOK)
        raise DrillError(f"alert {alert}: nobody was there, and the platform sent nobody")

    async def _seen(self, device: Device) -> int:
        reading: Reading = Sos(action="pressed") if device.profile == "sos_button" else Smoke(alarm=True)
        message = Message(id=f"shift-{self._case.number}", at=self._shift.clock(), reading=reading)
        topic = f"shequ/v1/{device.estate}/{device.id}/event"
        await self._shift.gateway.publish(topic, PROFILES[device.profile].encode(message), qos=1)
        for _ in range(int(_PATIENCE / _LOOK)):
            found = await self._crew.operator.get("/api/alerts", device=device.id)
            for alert in found["items"]:
                if alert["code"] == self._case.kind:
                    return int(alert["id"])
            await asyncio.sleep(_LOOK)
        raise DrillError(f"{device.id} called and nothing was raised")

    async def _report(self) -> Moment:
        """Somebody reports; the operator takes it, judges it and sends the grid."""
        operator = self._crew.operator
        body = {
            "place": self._case.place,
            "source": "02",
            "title": self._case.title,
            "severity": int(self._case.kind[-1]),
        }
        answer, began = await self._shift.timed(operator.must("/api/incidents", body))
        self._ledger.incident = int(answer["id"])
        self._note("report", operator)
        accepted = await self._centre("accept")
        await self._centre("assess")
        self._promise(began, accepted=accepted, sent=await self._centre("dispatch", org="GW"))
        return began

    def _promise(self, began: Moment, *, accepted: Moment | None, sent: Moment) -> None:
        ledger = self._ledger
        ledger.begin("accept", self._sign, began)
        ledger.end(accepted or began, "accept")  # an alert's own waiting is on the alert's record
        ledger.begin("arrive", self._arrive, began)
        ledger.begin("close", self._close, began)
        ledger.begin("sign", self._sign, sent)

    async def _centre(self, action: str, who: Person | None = None, **more: Any) -> Moment:
        """A step of the centre."""
        person = who or self._crew.operator
        path = f"/api/incidents/{self._ledger.incident}/actions"
        _, moment = await self._shift.timed(person.must(path, {"action": action, **more}))
        self._note(action, person)
        return moment

    async def _move(self, who: Person, order: int, action: str, **more: Any) -> Moment:
        """A step on a phone."""
        made = who.move(order, action, rng=self._rng, twice=self._habit.twice, **more)
        _, moment = await self._shift.timed(made)
        self._note(action, who)
        return moment

    async def _send_somebody(self) -> Person:
        """Get somebody to sign; who forgets or hands back is replaced."""
        crew, ledger, incident = self._crew, self._ledger, self._ledger.incident
        sent = next(span for span in ledger.spans if span.clock == "sign").began
        order = await self._first.order(incident)
        worker = self._first
        if self._habit.sign is None:  # nobody moves until the leader sends somebody else
            await self._shift.until(sent.hi + self._sign * 1.8)
            again = await self._centre("reassign", crew.leader, org="GW", reason="无人签收，改派")
        else:
            await self._shift.until(sent.hi + self._sign * self._habit.sign)
            if not self._habit.rejects:
                ledger.end(await self._move(worker, order, "acknowledge"), "sign")
                return worker
            ledger.end(await self._move(worker, order, "return_order", text="不在我的责任区"), "sign")
            again = await self._centre("dispatch", org="GW")
        ledger.end(again, "sign")
        ledger.begin("sign", self._sign, again)
        order = await self._second.order(incident)
        ledger.end(await self._move(self._second, order, "acknowledge"), "sign")
        return self._second

    async def _on_the_spot(self, worker: Person, began: Moment) -> None:
        order = await worker.order(self._ledger.incident)
        await self._shift.until(began.hi + self._arrive * self._habit.arrive)
        where = {"lat": 30.98 + self._rng.uniform(0, 0.001), "lon": 104.28}
        self._ledger.end(await self._move(worker, order, "arrive", position=where), "arrive")
        await self._move(worker, order, "handle")
        await self._move(worker, order, "report_back", text="已到现场处置完毕")

    async def _check(self, worker: Person) -> None:
        """Whoever did the work may not check it; the leader does, and closes."""
        path = f"/api/incidents/{self._ledger.incident}/actions"
        self._ledger.own_check_refused = await worker.refused(path, {"action": "verify"})
        leader = self._crew.leader
        await self._centre("verify", leader)
        closed = await self._centre("close", leader, outcome="true_alarm", cause="other")
        self._ledger.end(closed, "accept", "sign", "arrive", "close")
