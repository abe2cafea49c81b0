"""The steps of a dispatch plan, carried out: each answers what became of it, for the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from console import incident_actions
from console.advice import Scene, recommended
from console.auth import Caller
from console.database import Connection, fetch
from console.device_command import order_device
from console.device_order_wishes import NewCommand
from console.device_registry import Actor
from devices.errors import PlatformError
from devices.organisation import OUTSIDE, ROLES
from devices.registry.models import hears
from ingest.deliver.outbox import ANY_HOURS, Letter, post
from ingest.deliver.outbox import Channel as Way
from ingest.store.sql import load
from rules.plan import BUILDING
from rules.plan_spec import Advise, Channel, Command, Send, Show, Step, Tell, Within
from rules.roster import Standing

SQL: Final = load("console.store", "plans.sql")
MOST_TOLD: Final = 60
MOST_CAMERAS: Final = 3
MOST_ASKED: Final = 200  # devices of a family, for those that understand a command
LEADERS: Final = ("BL", "UL", "CL")
_NOT_NOW: Final = frozenset({Standing.OFF_DUTY, Standing.ON_LEAVE})
_GO: Final = {"zh": "请前往。", "en": "Please go there."}
_WAYS: Final[Mapping[Channel, Way]] = {
    Channel.VOICE: Way.VOICE,
    Channel.SMS: Way.SMS,
    Channel.MESSAGE: Way.SMS,  # a person has a phone; robots of messengers have no person behind them
}
_WIDER: Final[Mapping[Within, tuple[str, ...]]] = {
    Within.UNIT: ("unit", "building", "estate"),
    Within.BUILDING: ("building", "estate"),
    Within.ESTATE: ("estate",),
}


class StepFailed(PlatformError):
    """A step of a plan could not be carried out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """The run a step belongs to: whose transaction, on whose behalf, where."""

    connection: Connection
    caller: Caller
    where: Scene
    id: int
    incident: int
    drill: bool
    case_code: str

    def letter(self, key: str, way: Way, template: str, note: Mapping[str, str], **more: Any) -> Letter:
        """A letter about this case; in a drill the outbox withholds it from outside parties."""
        body = {"template": template, "values": {"note": note}, **more.pop("body", {})}
        row = self.where.row
        filled = {"to": "", "severity": row["severity"], **more}
        return Letter(
            key=key,
            channel=way,
            body=body,
            incident_id=self.incident,
            drill=self.drill,
            estate=row["estate"],
            actor=self.caller.name,
            **filled,
        )


async def perform(run: Run, n: int, step: Step) -> dict[str, Any]:
    """Carry a step out in the caller's transaction; answers what became of it.

    Raises StepFailed (or what the parts raise) where nothing could be done.
    """
    match step:
        case Send():
            return await _send(run, step)
        case Tell():
            return await (_call(run, n, step) if step.to in OUTSIDE else _tell(run, n, step))
        case Command():
            return await _command(run, step)
        case Show():
            return await _show(run, step)
        case Advise():
            return {"shown": True}


async def _send(run: Run, step: Send) -> dict[str, Any]:
    """Orders for the nearest suitable people; without any the organisation gets it, and it is said."""
    need = (step.role, step.people + MOST_TOLD, step.skills)
    (advice,), rows = await recommended(run.connection, run.caller, run.where, [need])
    busy = await (await run.connection.execute(SQL["busy_with"], {"incident": run.incident})).fetchall()
    taken = {row["person"] for row in busy}
    picks = [one for one in advice.picks if one.person not in taken][: step.people]
    orders: list[dict[str, Any]] = []
    for one in picks:
        order = await _order(run, step.role, one.person)
        name = rows[one.person]["name"]
        orders.append({"order": order, "person": one.person, "name": name, "eta_s": one.eta_s})
    if not orders:
        order = await _order(run, step.role, None)
        orders.append({"order": order, "person": None, "name": None, "eta_s": None})
    found = {skill for one in picks for skill in rows[one.person]["skills"]}
    return {
        "orders": orders,
        "short": step.people - len(picks),
        "missing_skills": [skill for skill in step.skills if skill not in found],
    }


async def _order(run: Run, role: str, person: str | None) -> int:
    """An order, or a name for the leading one that has none yet; with a message to the person."""
    about = {"person": person, "incident": run.incident, "org": role}
    lead = await fetch(run.connection, SQL["name_person" if person else "lead_order"], about)
    number: int = (
        lead["id"]
        if lead is not None
        else await incident_actions.send_order(
            run.connection, run.caller, run.incident, org=role, person=person
        )
    )
    if person is not None:
        letter = run.letter(
            f"order:{number}", Way.SMS, "order", _GO, person=person, party=role, body={ANY_HOURS: True}
        )
        await post(run.connection, [letter])
    return number


async def _call(run: Run, n: int, step: Tell) -> dict[str, Any]:
    """An outside party: an order for the record, and the call itself."""
    order = await incident_actions.send_order(
        run.connection, run.caller, run.incident, org=step.to, note=step.text.zh
    )
    key, way = f"plan:{run.id}:{n}", _WAYS[step.by]
    letter = run.letter(key, way, "outside", _both(step), to=step.to, party=step.to, severity=1)
    return {"order": order, "letters": await post(run.connection, [letter])}


async def _tell(run: Run, n: int, step: Tell) -> dict[str, Any]:
    """Letters to everybody of a role who is responsible here, or to the building's list."""
    people = await _told(run, step.to)
    if not people:
        raise StepFailed(f"nobody is known for {step.to}: nobody was told")
    note, party = _both(step), step.to if step.to in ROLES else ""
    letters = [
        run.letter(
            f"plan:{run.id}:{n}:{row['id']}", _WAYS[step.by], "plan", note, person=row["id"], party=party
        )
        for row in people
    ]
    numbers = await post(run.connection, letters)
    return {"letters": numbers, "people": [{"person": row["id"], "name": row["name"]} for row in people]}


def _both(step: Tell) -> dict[str, str]:
    return {"zh": step.text.zh, "en": step.text.en}


async def _told(run: Run, to: str) -> list[dict[str, Any]]:
    roles = LEADERS if to == BUILDING else (to,)
    needs = [(role, 1, ()) for role in roles]
    _, rows = await recommended(run.connection, run.caller, run.where, needs)
    building = await _around(run, Within.BUILDING)
    here = [
        row
        for row in rows.values()
        if row["reachable"]
        and row["standing"] not in _NOT_NOW
        and (to == "FAM" or row["place"] in run.where.path or building in row["path"])
    ]
    return here[:MOST_TOLD]


async def _command(run: Run, step: Command) -> dict[str, Any]:
    near = await _near(run, step.profile, step.within, MOST_ASKED)
    if not near:
        raise StepFailed(f"there is no {step.profile} within the {step.within}")
    known = [one for one in near if hears(one["profile"], one["make"], one["model"], step.name)]
    if not known:
        raise StepFailed(f"no {step.profile} within the {step.within} knows {step.name}")
    devices = known[: step.most]
    who = Actor(name=run.caller.name, source=run.caller.source)
    wish = NewCommand(name=step.name, args=step.args, expires_s=60, reason=f"plan: {run.case_code}")
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for device in devices:
        named = {name: device[name] for name in ("id", "name_zh", "name_en")}
        try:
            async with run.connection.transaction():
                done.append({**named, "command": await order_device(run.connection, who, device["id"], wish)})
        except PlatformError as exc:
            failed.append({**named, "reason": str(exc)})
    if not done:
        raise StepFailed("; ".join(f"{one['id']}: {one['reason']}" for one in failed))
    return {"commands": done, "failed": failed}


async def _show(run: Run, step: Show) -> dict[str, Any]:
    for around in _WIDER[step.within]:
        cameras = await _near(run, "camera", Within(around), MOST_CAMERAS)
        if cameras:
            shown = ("id", "name_zh", "name_en", "online")
            return {"cameras": [{name: camera[name] for name in shown} for camera in cameras]}
    raise StepFailed("there is no camera near")


async def _near(run: Run, profile: str, within: Within, most: int) -> list[dict[str, Any]]:
    spot = run.where.spot
    about = {"profile": profile, "around": await _around(run, within), "most": most, "x": spot.x, "y": spot.y}
    return await (await run.connection.execute(SQL["near_devices"], about)).fetchall()


async def _around(run: Run, within: Within) -> str:
    """The unit, building or estate around the place; the next wider one where there is none."""
    path = run.where.path
    rows = await (await run.connection.execute(SQL["kinds_of"], {"path": list(path)})).fetchall()
    kinds = {row["kind"]: row["code"] for row in rows}
    return next((kinds[kind] for kind in _WIDER[within] if kind in kinds), path[-1])
