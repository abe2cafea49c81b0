"""Whom duty tells, and in which words: letters are rows in the transaction of what caused them.

The roster says who of a role is told (rules/roster.py). Where it names nobody, the next rung of the
ladder is asked, and the reason goes on the record; on the last one everybody who is not away is told, on
duty or not: a page that reaches nobody is worse than one that wakes somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from console.database import Connection
from console.duty.timers import SQL
from console.duty_roster import Standings
from ingest.deliver.outbox import ANY_HOURS, Channel, Letter, post
from rules.roster import NOBODY, Called, Standing, called
from rules.sla import CLOCK_NAMES, Clock

MOST_PEOPLE: Final = 5  # of one role, per page
LADDER_ROLES: Final = (("GW", "PM"), ("COMMUNITY", "SL"), ("SL",), ("SL",))
"""Who stands on each step of the ladder: assignee, community, street, city."""
LAST_RESORT: Final = "last_resort"

Words = tuple[str, str]
"""The same in Chinese and in English: which is sent is the person's choice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Who was told, and for each role that was asked: why they, or why nobody."""

    people: tuple[str, ...] = ()
    called: tuple[Called, ...] = ()

    @property
    def detail(self) -> dict[str, Any]:
        """What the record keeps of it."""
        asked = [
            {"role": c.role, "why": c.why, "people": list(c.people)} | ({"post": c.post} if c.post else {})
            for c in self.called
        ]
        return {"told": list(self.people), "called": asked}


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What is told: about which alert or case (a row of it), in which words, under which key.

    With `alert_id` the letters page for that alert: taking it cancels them.
    """

    about: Mapping[str, Any]
    template: str
    note: Words
    key: str
    alert_id: int | None = None
    incident_id: int | None = None
    facts_of: int | None = None  # the alert it speaks of, where it neither pages for it nor has a case

    def letter(self, key: str, channel: Channel, *, party: str, **more: Any) -> Letter:
        """One letter of it."""
        note = {"zh": self.note[0], "en": self.note[1]}
        body = {"template": self.template, "values": {"note": note}, **more.pop("body", {})}
        if self.facts_of is not None:
            body["alert"] = self.facts_of
        about = self.about
        return Letter(
            key,
            channel,
            more.pop("to", ""),
            body,
            estate=about["estate"],
            incident_id=self.incident_id,
            alert_id=self.alert_id,
            party=party,
            severity=about["severity"],
            drill=about["drill"],
            actor="duty",
            **more,
        )


async def tell(
    connection: Connection,
    roles: tuple[str, ...],
    page: Page,
    *,
    now: datetime,
    rung: int = 0,
    but: str | None = None,
) -> Told:
    """Write to those of these roles whom the roster names for the place; answers who that is.

    Where it names nobody, the rungs of the ladder above `rung` are asked in turn. `but` is somebody
    who knows already.
    """
    standings = (await Standings.read(connection, now)).without(but)
    asked = [await _called(connection, standings, role, page, now) for role in roles]
    above = rung + 1
    while not any(one.people for one in asked) and above < len(LADDER_ROLES):
        known = {one.role for one in asked}
        new = [role for role in LADDER_ROLES[above] if role not in known]
        asked += [await _called(connection, standings, role, page, now) for role in new]
        above += 1
    if not any(one.people for one in asked):
        asked.append(await _last_resort(connection, standings, page, now))
    return Told(people=await _write(connection, page, asked), called=tuple(asked))


async def tell_leaders(connection: Connection, text: Words, *, key: str, now: datetime) -> Told:
    """Tell the shift leaders on duty, wherever they are, of the platform itself."""
    standings = await Standings.read(connection, now)
    rows = await (await connection.execute(SQL["leaders"])).fetchall()
    people = {row["id"]: standings.of(row["id"], now) for row in rows}
    one = called("SL", (), people)
    if not one.people:
        there = tuple(person for person, how in people.items() if how is not Standing.ON_LEAVE)
        one = Called(role="SL", people=there, why=LAST_RESORT if there else NOBODY)
    body = {"template": "platform", "values": {"note": {"zh": text[0], "en": text[1]}}, ANY_HOURS: True}
    letters = [
        Letter(f"{key}/{person}", Channel.SMS, "", body, person=person, party="SL", severity=1, actor="duty")
        for person in one.people[:MOST_PEOPLE]
    ]
    await post(connection, letters)
    return Told(people=one.people[:MOST_PEOPLE], called=(one,))


async def call_outside(connection: Connection, party: str, page: Page) -> None:
    """Call 119 or another outside party; a drill is withheld by the outbox, with its reason."""
    await post(connection, [page.letter(f"{page.key}/{party}", Channel.VOICE, to=party, party=party)])


async def _called(
    connection: Connection, standings: Standings, role: str, page: Page, now: datetime
) -> Called:
    values = {"role": role, "path": page.about["path"], "subject": page.about.get("subject")}
    rows = await (await connection.execute(SQL["people_of"], values)).fetchall()
    others = [row["id"] for row in rows if row["id"] not in standings.left_out]
    return standings.called(role, page.about["path"], others, now)


async def _last_resort(connection: Connection, standings: Standings, page: Page, now: datetime) -> Called:
    """Everybody of the top of the ladder who is not away."""
    (role,) = LADDER_ROLES[-1]
    values = {"role": role, "path": page.about["path"], "subject": None}
    rows = await (await connection.execute(SQL["people_of"], values)).fetchall()
    there = tuple(row["id"] for row in rows if standings.of(row["id"], now) is not Standing.ON_LEAVE)
    return Called(role=role, people=there, why=LAST_RESORT if there else NOBODY)


async def _write(connection: Connection, page: Page, asked: list[Called]) -> tuple[str, ...]:
    reached: list[str] = []
    for one in asked:
        body = {ANY_HOURS: True} if one.why == LAST_RESORT else {}
        for person in one.people[:MOST_PEOPLE]:
            if person in reached:
                continue
            reached.append(person)
            letters = [
                page.letter(
                    f"{page.key}/{channel}/{person}", channel, party=one.role, person=person, body=body
                )
                for channel in _channels(page.about["severity"])
            ]
            await post(connection, letters)
    return tuple(reached)


def clock_words(clock: Clock, lead: Words) -> Words:
    """Say which promise it is, after a word that says why one is told."""
    zh, en = CLOCK_NAMES[clock]
    return f"{lead[0]}（{zh}时限）", f"{lead[1]} ({en.lower()} limit)"


def _channels(severity: int) -> tuple[Channel, ...]:
    return (Channel.VOICE, Channel.SMS) if severity == 1 else (Channel.SMS,)
