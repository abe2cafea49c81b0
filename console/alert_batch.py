"""Several alerts acknowledged in one request: a transaction and a record each, a word about each.

One transaction for all would hold the locks of many alerts while it waits for the feed's; ingest
takes the same ones, in the order of its own batch.
"""

from __future__ import annotations

from typing import Any

from console import alert_actions
from console.alert_moves import AlertVerb
from console.auth import Caller
from console.database import Connection
from console.problems import Beaten
from console.wishes import AcknowledgeMany, AlertAction
from console.writing import Answer, Writer
from devices.errors import NotFound, RefusedError

GRAVEST = 1


class _NotMeant(RefusedError):
    """Severity 1 is acknowledged only where it is meant."""


async def acknowledge(writer: Writer, caller: Caller, alert_id: int, wish: AcknowledgeMany) -> dict[str, Any]:
    """Acknowledge one of them and answer its row; what stops one stops no other."""

    async def work(connection: Connection) -> Answer:
        one = AlertAction(action=AlertVerb.ACKNOWLEDGE, note=wish.note)
        body = await alert_actions.act(connection, caller, alert_id, one)
        if body["severity"] == GRAVEST and not wish.grave:
            raise _NotMeant
        return Answer(body=body)

    try:
        answer = await writer.answer(work, part=str(alert_id))
    except NotFound:
        return {"id": alert_id, "result": "gone"}
    except _NotMeant:
        return {"id": alert_id, "result": "grave"}
    except Beaten as exc:
        return {"id": alert_id, "result": "beaten", "last": exc.last}
    return {"id": alert_id, "result": "done", "alert": answer.body}
