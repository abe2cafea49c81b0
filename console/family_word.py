"""The family's own word on an alarm that waits for a confirmation: it is real, or stop, nothing has happened.

Bounded three times: only while the alarm waits (a minute at most), once per link, and on record with the
link's number. What they say counts as the centre's word does (console/confirming.py); the case stays open
and the centre still sees to it.
"""

from __future__ import annotations

from typing import Literal

from console import confirming, family
from console.database import Connection, fetch
from console.problems import Beaten
from rules.duty import Verdict

Word = Literal["confirmed", "refuted"]


async def answer(connection: Connection, token: str, word: Word) -> None:
    """Take the word and do what follows.

    Raises NotFound for a token that is not good, Beaten where nothing is asked (any more).
    """
    link = await family.opened(connection, token)
    question = await fetch(connection, family.SQL["asked"], {"id": link["incident_id"]})
    about = {"link": link["id"], "answer": word}
    if question is None or await fetch(connection, family.SQL["answer_link"], about) is None:
        raise Beaten("nothing is asked any more: the centre has been told already", legal=(), last=None)
    await confirming.decide(
        connection, family.resident(link["id"]), question["id"], Verdict(word), note="家属确认"
    )
