"""Whom duty tells, and in which words: letters are rows in the transaction of what caused them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console.database import Connection
from console.duty.timers import SQL
from console.pace import entry
from ingest.deliver.outbox import Channel, Letter, post
from rules.sla import CLOCK_NAMES, Clock

MOST_PEOPLE: Final = 5  # of one role, per page
LADDER_ROLES: Final = (("GW", "PM"), ("COMMUNITY", "SL"), ("SL",), ("SL",))
"""Who stands on each step of the ladder: assignee, community, street, city."""


async def tell(
    connection: Connection,
    roles: tuple[str, ...],
    text: str,
    about: Mapping[str, Any],
    *,
    key: str,
    alert_id: int | None = None,
    incident_id: int | None = None,
) -> list[str]:
    """Write to everybody of these roles who answers for the place; answers who that is.

    `about` is an alert or an incident. With `alert_id` the letters page for it: taking it cancels them.
    """
    reached: list[str] = []
    for role in roles:
        values = {"role": role, "path": about["path"], "most": MOST_PEOPLE}
        rows = await (await connection.execute(SQL["people_of"], values)).fetchall()
        for row in rows:
            person: str = row["id"]
            if person in reached:
                continue
            reached.append(person)
            await post(
                connection,
                [
                    Letter(
                        f"{key}/{channel}/{person}",
                        channel,
                        "",
                        {"text": text},
                        estate=about["estate"],
                        incident_id=incident_id,
                        alert_id=alert_id,
                        person=person,
                        party=role,
                        severity=about["severity"],
                        drill=about["drill"],
                        actor="duty",
                    )
                    for channel in _channels(about["severity"])
                ],
            )
    return reached


async def call_outside(
    connection: Connection,
    party: str,
    text: str,
    about: Mapping[str, Any],
    *,
    key: str,
    incident_id: int | None,
) -> None:
    """Call 119 or another outside party; a drill is withheld by the outbox, with its reason."""
    letter = Letter(
        f"{key}/{party}",
        Channel.VOICE,
        party,
        {"text": text},
        estate=about["estate"],
        incident_id=incident_id,
        party=party,
        severity=about["severity"],
        drill=about["drill"],
        actor="duty",
    )
    await post(connection, [letter])


def alert_text(alert: Mapping[str, Any], lead: str) -> str:
    """Say what and where, after a word that says why one is told."""
    known = entry(alert["code"])
    what = known.name_zh if known is not None else alert["code"]
    drill = "【演练】" if alert["drill"] else ""
    return f"{drill}{lead}：{alert['estate_zh']} {alert['place_zh']} {what}（{alert['code']}）"


def clock_text(incident: Mapping[str, Any], clock: Clock, lead: str) -> str:
    """Say which promise of which case, after a word that says why one is told."""
    drill = "【演练】" if incident["drill"] else ""
    name = CLOCK_NAMES[clock][0]
    where = f"{incident['estate_zh']} {incident['place_zh']}"
    return f"{drill}{lead}：案件 {incident['case_code']} {where} {name}时限"


def _channels(severity: int) -> tuple[Channel, ...]:
    return (Channel.VOICE, Channel.SMS) if severity == 1 else (Channel.SMS,)
